"""Words → articles: stems, slips, layouts; nothing of what the asker may not read."""

from __future__ import annotations

import pytest

from provodnik.articles.actions import publishing
from provodnik.articles.policies import published_for
from provodnik.articles.queries.search import offered, search
from provodnik.articles.states import Audience
from provodnik.articles.tests.factories import for_customers, make_article, make_draft
from provodnik.desk.tests.factories import LeadFactory, SignedInContactFactory, SpecialistFactory

pytestmark = pytest.mark.django_db

SHELF = {
    "password": (
        "Как сменить или восстановить пароль",
        "Откройте на портале «Профиль», нажмите «Сменить пароль».",
        "вход логин",
    ),
    "payslip": (
        "Расчётный листок не виден или пуст",
        "Листки появляются после закрытия месяца в 1С. Проверьте на портале месяц над таблицей.",
        "зарплата квиток",
    ),
    "leave": (
        "Как подать заявление на отпуск",
        "Выберите даты в календаре и нажмите «Отправить руководителю».",
        "отгул каникулы",
    ),
    "vpn": ("Портал из дома: VPN", "Поставьте программу и войдите с рабочим именем. Привет из дома!", "удалёнка"),
    "signature": (
        "Подпись не ставится: «Сертификат не найден»",
        "Вставьте ключ и обновите страницу портала.",
        "ЭЦП токен",
    ),
}


@pytest.fixture
def shelf():
    lead = LeadFactory.create()
    return {name: make_article(title, text, by=lead, keywords=words) for name, (title, text, words) in SHELF.items()}


@pytest.fixture
def reader():
    return SignedInContactFactory.create().user


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("пароль", "password"),
        ("ПАРОЛИ", "password"),
        ("как поменять пароль?", "password"),
        ("расчетный листок", "payslip"),
        ("расчётного листка", "payslip"),
        ("росчотный листок", "payslip"),
        ("расчотного лиска", "payslip"),
        ("квиток", "payslip"),
        ("зароботная плата зарплата", "payslip"),
        ("отпуск", "leave"),
        ("отпусск", "leave"),
        ("отпукс", "leave"),
        ("заявление", "leave"),
        ("зоявление на отпуск", "leave"),
        ("gfhjkm", "password"),
        ("ghbdtn", "vpn"),
        ("jngecr", "leave"),
        ("мзт", "vpn"),
        ("vpn", "vpn"),
        ("сертефикат не найден", "signature"),
        ("сертиф", "signature"),
        ("праоль", "password"),
        ("эцп", "signature"),
    ],
)
def test_finds(shelf, reader, typed, name):
    found = search(reader, typed)
    assert found.hits, found
    assert found.hits[0].article.pk == shelf[name].pk, [hit.title for hit in found.hits]


@pytest.mark.parametrize(
    "typed", ["", "  ", "и на с", "бульдозер", "zzzz", "%", "\x00", "' OR 1=1", "&|!():*", "а" * 5000]
)
def test_finds_nothing_without_falling(shelf, reader, typed):
    assert not search(reader, typed).hits


def test_says_what_was_searched_for_and_marks_it(shelf, reader):
    found = search(reader, "росчотный листок")
    assert found.instead == "расчетный листок"
    assert "<mark>" in found.hits[0].title
    assert search(reader, "отпуск").instead == ""


def test_escapes_what_authors_wrote(reader):
    make_article("Про <b>пароль</b>", "Пароль <script>alert(1)</script> и `<img src=x onerror=alert(1)>`")
    [hit] = search(reader, "пароль").hits
    assert "<script" not in hit.snippet and "<img" not in hit.snippet and "<b>" not in hit.title


def test_only_what_the_asker_may_read():
    ours, theirs = SignedInContactFactory.create(), SignedInContactFactory.create()
    lead = LeadFactory.create()
    make_article("Тайна службы канарейкадеск", by=lead, audience=Audience.DESK)
    make_article("Насос канарейкачужая", by=lead, **for_customers(theirs.customer))
    make_draft("Черновик канарейкачерновик", by=lead)
    gone = make_article("Снятая канарейкаснятая", by=lead)
    publishing.withdraw(gone.pk, by=lead, at=gone.edited_at)
    for typed in ("канарейкадеск", "канарейкачужая", "канарейкачерновик", "канарейкаснятая", "канарейкачужоя"):
        found = search(ours.user, typed)
        assert not found.hits and not found.instead, typed
        assert not offered(published_for(ours.user), f"Не работает {typed}, помогите")
    assert search(theirs.user, "канарейкачужоя").instead == "канарейкачужая"
    assert search(SpecialistFactory.create(), "канарейкадеск").hits
    assert not search(SpecialistFactory.create(), "канарейкачерновик").hits


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Добрый день! Забыла пароль, не могу войти в портал. Что делать?", "password"),
        ("Не вижу расчётный листок за октябрь, хотя зарплата пришла", "payslip"),
        ("Хочу взять отпуск с понедельника, куда отправить заявление?", "leave"),
        ("пишет сертификат не найден когда подписываю", "signature"),
    ],
)
def test_offers_while_a_request_is_written(shelf, reader, text, name):
    found = offered(published_for(reader), text)
    assert found and found[0].pk == shelf[name].pk, [one.title for one in found]
    assert len(found) <= 2


@pytest.mark.parametrize(
    "text", ["", "Добрый день", "Течёт кран в коридоре третьего этажа, вызовите сантехника", "абв" * 9000]
)
def test_offers_nothing_far_fetched(shelf, reader, text):
    assert offered(published_for(reader), text) == []


def test_new_words_of_a_new_version_are_found_and_the_old_are_not(reader):
    from provodnik.articles.actions import writing

    lead = LeadFactory.create()
    article = make_article("Пароль", "Экскаватор", by=lead)
    writing.change(article.pk, writing.Copy("Пароль", "Грейдер"), None, by=lead, at=article.edited_at)
    assert search(reader, "экскаватор").hits and not search(reader, "грейдер").hits  # not yet published
    publishing.publish(article.pk, by=lead, at=article.edited_at)
    assert search(reader, "грейдер").hits and not search(reader, "экскаватор").hits
    assert search(reader, "грэйдер").instead == "грейдер" and not search(reader, "эксковатор").hits

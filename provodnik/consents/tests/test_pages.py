"""Personnel marks what was signed on paper; who signed reads it, takes back what the law lets him, sees who looked."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client

from provodnik.accounts.models import JournalEntry, User
from provodnik.consents.actions import editions, ending, marking, scans
from provodnik.consents.models import Consent, ConsentFile, ConsentStep, Edition, Marking
from provodnik.consents.queries import listing
from provodnik.consents.states import About
from provodnik.consents.tests.factories import PNG, SIGNED, a_consent, an_edition
from provodnik.core.decisions import Refused
from provodnik.core.models import Blob
from provodnik.desk.tests.factories import NOW
from provodnik.notify.models import Notice
from provodnik.people.models import Person
from provodnik.people.states import StaffRole
from provodnik.people.tests.factories import TODAY, House, account

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PHOTO = ("подпись.jpg", b"\xff\xd8\xff" + b"x" * 99, "image/jpeg")


class Town:
    def __init__(self) -> None:
        self.house, self.other = House("Чистая вода"), House("Чужие")
        self.unit = self.house.unit("Цех")
        self.anna = self.house.hire("Щукина Анна Львовна", self.unit, personnel_number="00712")
        self.boris = self.house.hire("Ершов Борис Ильич", personnel_number="00713")
        self.stranger = self.other.hire("Чужой Лев Ильич")
        self.worker, self.hr = account(self.anna), self.house.staff()
        self.edition = an_edition(self.house.pk, self.hr)


@pytest.fixture
def town() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield Town()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return re.sub(r"\s+", " ", answer.content.decode().replace("\xa0", " "))


def test_a_page_of_people_each_with_a_verdict_and_once(town: Town) -> None:
    own = town.house.hire("Кадрова Ева Львовна")
    Person.objects.filter(pk=own.person_id).update(user=town.hr)
    a_consent(town.boris, town.edition, town.hr)
    hr = signed_in(town.hr)
    page = text_of(hr, "/consents/")
    assert "Щукина" in page and "Ершов" not in page and "своё отмечает другой" in page  # who has not given
    assert ">Нет<span>2</span>" in page and ">Есть<span>1</span>" in page
    people = [place.person_id for place in (town.anna, town.boris, town.stranger, own)]
    form: dict[str, Any] = {
        "key": uuid.uuid4(), "organisation": town.house.pk, "about": "data", "list": "missing",
        "edition": town.edition.pk, "given_on": "2026-01-20", "people": [*people, "x", 10**9],
    }  # fmt: skip
    for _twice in range(2):  # a double click marks once
        answer = hr.post("/consents/mark", form)
        assert answer.status_code == 302
    verdicts = dict(Marking.objects.get(key=form["key"]).people.values_list("person_id", "verdict"))
    assert verdicts == dict(zip(people, ("marked", "already", "stranger", "own"), strict=True))
    told = text_of(hr, answer["Location"])
    assert "отмечено" in told and "не работает в этой организации" in told
    assert Consent.objects.count() == 2 and Notice.objects.filter(user=town.worker).count() == 1
    # what is wrong with the form comes back with the ticks
    wrongs: list[tuple[dict[str, Any], str]] = [
        ({"given_on": "2126-01-01"}, "ещё не наступил"),
        ({"given_on": "2025-08-31"}, "Это раньше дня"),
        ({"people": []}, "Отметьте, кто подписал"),
        ({"people": list(range(1, 200))}, "не больше ста"),
        ({"edition": 10**9}, "Выберите корректный вариант"),
        ({"given_on": "вчера"}, "правильную дату"),
    ]
    for change, words in wrongs:
        answer = hr.post("/consents/mark", form | {"key": uuid.uuid4()} | change)
        assert answer.status_code == 422 and words in answer.content.decode().replace("\xa0", " "), change
    foreign = signed_in(town.other.staff())
    assert foreign.post("/consents/mark", form).status_code == 404
    assert foreign.get(f"/consents/marked/{form['key']}").status_code == 404


def test_the_worker_reads_sees_looks_and_takes_back(town: Town) -> None:
    kedo = an_edition(town.house.pk, town.hr, About.KEDO)
    assert "не давали" not in (bare := text_of(signed_in(account(town.stranger)), "/consents/mine"))
    assert "ничего не предлагает" in bare
    an_edition(town.house.pk, town.hr, About.SIGNATURE)
    hr, worker = signed_in(town.hr), signed_in(town.worker)
    person = town.anna.person_id
    form = {
        "key": str(uuid.uuid4()), "organisation": town.house.pk, "about": "data", "edition": town.edition.pk,
        "given_on": SIGNED.isoformat(),
    }  # fmt: skip
    for _twice in range(2):
        answer = hr.post(f"/consents/people/{person}/mark", form | {"files": SimpleUploadedFile(*PHOTO)})
    row = Consent.objects.get()
    assert answer["Location"] == f"/consents/{row.pk}" and ConsentFile.objects.count() == 1
    other = a_consent(town.anna, kedo, town.hr)
    mine = text_of(worker, "/consents/mine")
    assert (
        mine.count("действует") == 2 and "не давали" in mine and "Мои согласия" in text_of(worker, f"/people/{person}")
    )
    assert "Даю согласие на фото." in text_of(worker, f"/consents/mine/{row.pk}")
    scan = f"/consents/scans/{ConsentFile.objects.get().key}"
    assert worker.get(scan).status_code == 200 and not JournalEntry.objects.filter(slot__isnull=False).exists()
    for address in (scan, f"/consents/people/{person}", f"/consents/{row.pk}"):
        assert hr.get(address).status_code == 200
    looks = text_of(worker, "/people/me/looks")
    assert "Скан согласия" in looks and "Согласия</span>" in looks
    # personal data: he takes it back himself, and is told what follows; documents: on paper
    assert worker.get(f"/consents/mine/{other.pk}/withdraw").status_code == 302
    assert "отзывают на бумаге" in text_of(worker, f"/consents/mine/{other.pk}")
    assert "В течение 30 дней" in text_of(worker, f"/consents/mine/{row.pk}/withdraw")
    assert worker.post(f"/consents/mine/{row.pk}/withdraw", {"reason": "передумала"}).status_code == 302
    assert worker.post(f"/consents/mine/{row.pk}/withdraw").status_code == 302  # once more does nothing
    row.refresh_from_db()
    assert (row.standing, row.ended_on, row.ended_how) == ("withdrawn", TODAY, "cabinet")
    assert Notice.objects.filter(user=town.hr, text__startswith="Отзыв").count() == 1
    page = text_of(hr, "/consents/?list=withdrawn&q=щукина")
    assert "Щукина" in page and "Щукина" not in text_of(hr, "/consents/?list=withdrawn&q=ершов")
    assert ConsentStep.objects.filter(consent=row).count() == 3
    # who has left reads and takes back his own
    User.objects.filter(pk=town.worker.pk).update(is_former=True)
    assert "отозвано" in text_of(worker, "/consents/mine") and worker.get("/consents/").status_code == 404


def test_on_paper_by_mistake_and_scans(town: Town) -> None:
    hr, worker = signed_in(town.hr), signed_in(town.worker)
    row = a_consent(town.anna, town.edition, town.hr)
    address = f"/consents/{row.pk}"
    assert hr.post(f"{address}/attach", {}).status_code == 422
    assert hr.post(f"{address}/attach", {"files": SimpleUploadedFile(*PHOTO)}).status_code == 302
    for day, words in (("2025-09-14", "раньше дня"), ("2126-01-01", "не наступил"), ("", "Не отправили: исправьте")):
        answer = hr.post(f"{address}/withdraw", {"ended_on": day})
        assert answer.status_code == 422 and words in answer.content.decode().replace("\xa0", " ")
    assert hr.post(f"{address}/withdraw", {"ended_on": "2026-01-12", "reason": "письмо № 4"}).status_code == 302
    assert "письмо № 4" in text_of(worker, f"/consents/mine/{row.pk}")
    assert hr.post(f"{address}/mistake", {"reason": " "}).status_code == 422
    assert hr.post(f"{address}/mistake", {"reason": "Не та Щукина"}).status_code == 302
    assert "Не та Щукина" in text_of(worker, f"/consents/mine/{row.pk}")
    for more in ({"reason": "ещё раз"}, {}):  # its forms are gone from the page: said above it
        step = "mistake" if more else "attach"
        again = hr.post(f"{address}/{step}", more or {"files": SimpleUploadedFile(*PHOTO)}, follow=True)
        assert ("уже отмечено" if more else "Оно закончилось") in again.content.decode().replace("\xa0", " ")
    right = a_consent(town.anna, town.edition, town.hr, PNG)  # it may be marked rightly now
    # what is over for long enough is erased with its scan; that it was there stays
    ending.withdraw(right.pk, TODAY, "слова", by=town.hr, at=NOW, on=TODAY)
    assert scans.wipe(at=NOW + 29 * DAY) == 0 and scans.wipe(at=NOW + 31 * DAY) == 1
    row.refresh_from_db()
    assert row.words == "" and not row.files.exists() and right.files.exists()
    assert scans.wipe(at=NOW + 1200 * DAY) == 1 and not Blob.objects.exists()
    assert "больше не нужны" in text_of(hr, address) and ConsentStep.objects.filter(consent=row).last().did == "erased"


def test_editions_stay_as_they_were_signed(town: Town) -> None:
    hr, worker = signed_in(town.hr), signed_in(town.worker)
    form = {
        "key": str(uuid.uuid4()), "organisation": town.house.pk, "about": "data", "name": "Редакция от 01.01.2026",
        "since": "2026-01-01", "text": "Другой текст <b>без разметки</b>",
    }  # fmt: skip
    for _twice in range(2):
        assert hr.post("/consents/editions/new", form).status_code == 302
    newer = Edition.objects.get(name=form["name"])
    assert "&lt;b&gt;" in text_of(worker, f"/consents/texts/{newer.pk}")
    again = hr.post("/consents/editions/new", form | {"key": str(uuid.uuid4())})
    assert again.status_code == 422 and "уже есть" in again.content.decode()
    assert hr.post(f"/consents/editions/{newer.pk}/mend", form | {"text": "Исправленный"}).status_code == 302
    a_consent(town.anna, town.edition, town.hr)
    assert "<span>1</span>" in text_of(hr, "/consents/?list=older") and "Щукина" in text_of(hr, "/consents/?list=older")
    with pytest.raises(Refused):
        marking.mark(town.anna.person_id, newer.pk, date(2025, 12, 31), key=uuid.uuid4(), by=town.hr, at=NOW, on=TODAY)
    a_consent(town.anna, newer, town.hr, given_on=date(2026, 1, 12))
    assert [row.standing for row in Consent.objects.order_by("pk")] == ["replaced", "given"]
    back = hr.post(
        f"/consents/people/{town.anna.person_id}/mark",
        {"key": uuid.uuid4(), "organisation": town.house.pk, "about": "data", "edition": town.edition.pk,
         "given_on": "2026-01-11"},
    )  # fmt: skip
    assert back.status_code == 422 and "дано позже" in back.content.decode()
    for pk in (newer.pk, town.edition.pk):
        assert hr.get(f"/consents/editions/{pk}/mend").status_code == 302
        assert hr.post(f"/consents/editions/{pk}/mend", form).status_code == 422
        assert hr.post(f"/consents/editions/{pk}/remove").status_code == 302
    assert Edition.objects.count() == 2
    spare = an_edition(town.house.pk, town.hr, About.SIGNATURE)
    hr.post(f"/consents/editions/{spare.pk}/remove")
    assert Edition.objects.count() == 2
    with pytest.raises(Refused):
        editions.make_edition(
            town.other.pk, About.DATA, "Чужая", "текст", TODAY, key=uuid.uuid4(), by=town.hr, at=NOW
        )  # fmt: skip


def test_the_database_refuses_what_no_action_does(town: Town) -> None:
    row = a_consent(town.anna, town.edition, town.hr)
    kedo = an_edition(town.house.pk, town.hr, About.KEDO)
    ended = a_consent(town.boris, town.edition, town.hr)
    ending.withdraw(ended.pk, TODAY, by=town.hr, at=NOW, on=TODAY)
    copy: dict[str, Any] = {
        "person": row.person, "organisation": row.organisation, "about": "data", "edition": town.edition,
        "given_on": TODAY, "marked_at": NOW, "marked_by": town.hr, "changed_at": NOW,
    }  # fmt: skip
    tries: list[Callable[[], object]] = [
        lambda: Edition.objects.filter(pk=town.edition.pk).update(text="Другое"),
        lambda: Edition.objects.filter(pk=kedo.pk).update(about="data"),
        lambda: Consent.objects.filter(pk=row.pk).update(given_on=TODAY),
        lambda: Consent.objects.filter(pk=ended.pk).update(standing="given", ended_at=None, ended_on=None),
        lambda: Consent.objects.create(**copy),  # one in force
        lambda: Consent.objects.create(**copy | {"edition": kedo, "person": town.stranger.person}),
        lambda: Consent.objects.create(**copy | {"how": "cabinet", "person": town.stranger.person}),
        lambda: ConsentStep.objects.update(did="mistake"),
        lambda: ConsentStep.objects.all().delete(),
    ]
    for number, wrong in enumerate(tries):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()
            raise AssertionError(number)


def test_lists_are_bounded_and_paged_by_key(town: Town, django_assert_max_num_queries: Any) -> None:
    places = [town.house.hire(f"Рыбин Лев {number:03}", town.unit) for number in range(60)]
    twice = town.house.hire("", town.unit, person=places[0].person.keys.get().guid, kind="internal")
    hr = signed_in(town.hr)
    with django_assert_max_num_queries(17):
        first = text_of(hr, f"/consents/?unit={town.unit.pk}&q=рыбин")
    seen = re.findall(r'name="people" value="(\d+)"', first)
    after = re.search(r"after=(\d+)", first)
    assert len(seen) == 50 and after is not None
    rest = re.findall(r'name="people" value="(\d+)"', text_of(hr, f"/consents/?q=рыбин&after={after[1]}"))
    assert len(rest) == 10 and not set(seen) & set(rest)  # who works in two places stands there once
    assert "Щукина" in text_of(hr, "/consents/?q=712") and "Щукина" not in text_of(hr, "/consents/?q=713")
    assert text_of(hr, "/consents/?after=999999999&about=nonsense&list=nonsense&unit=x&q=%00%25")
    assert hr.get("/consents/?organisation=999").status_code == 404
    marking.mark_many(
        town.edition.pk, SIGNED, [place.person_id for place in places], key=uuid.uuid4(), by=town.hr, at=NOW, on=TODAY
    )
    assert twice.person_id == places[0].person_id and Consent.objects.count() == 60
    with django_assert_max_num_queries(15):
        text_of(hr, "/consents/?list=given")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    for which, index in (("withdrawn", "consent_withdrawn"), ("refused", "consent_refused")):
        rows = Consent.objects.filter(organisation=town.house.pk, about="data")
        rows = rows.filter(heard="refused") if which == "refused" else rows.filter(standing=which)
        assert index in rows.order_by("-pk").explain(), which
    counts = listing.counts(town.house.organisation, About.DATA, town.edition, on=TODAY)
    assert counts == {"missing": 2, "older": 0, "given": 60, "withdrawn": 0, "refused": 0}


def test_an_organisation_without_texts_and_roles_that_see_nothing(town: Town) -> None:
    bare = House("Новая")
    keeper = signed_in(bare.staff())
    assert "Сначала — текст" in text_of(keeper, "/consents/") and "Текста пока нет" in text_of(
        keeper, "/consents/editions"
    )
    bare.hire("Новый Лев Ильич")
    person = Person.objects.get(surname="Новый").pk
    assert "Текста ещё нет" in text_of(keeper, f"/consents/people/{person}")
    assert "Сначала" in text_of(keeper, f"/consents/people/{person}/mark")
    accountant = signed_in(town.house.staff(StaffRole.PAYROLL))
    for address in ("/consents/", "/consents/editions", f"/consents/people/{town.anna.person_id}"):
        assert accountant.get(address).status_code == 404

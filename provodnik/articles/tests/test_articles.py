"""What can happen to an article, and what cannot."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from provodnik.accounts.models import JournalEntry
from provodnik.articles import checks, schedule
from provodnik.articles.actions import answering, publishing, reading, writing
from provodnik.articles.models import Article, ArticleFile, Asked, Section, Use, Version, Vote, Word
from provodnik.articles.photos import LARGEST_SIDE
from provodnik.articles.policies import visible_articles, visible_files
from provodnik.articles.states import Audience
from provodnik.articles.tests.factories import PIXEL, for_customers, make_article, make_draft
from provodnik.core.decisions import ChangedMeanwhile, Refused
from provodnik.desk.actions import facts
from provodnik.desk.actions.base import NewFile
from provodnik.desk.models import Message, TicketEvent
from provodnik.desk.states import Impact, Priority, Resolution
from provodnik.desk.tests.factories import (
    NOW,
    AdministratorFactory,
    LeadFactory,
    SignedInContactFactory,
    SpecialistFactory,
    UserFactory,
    make_ticket,
)
from provodnik.notify.models import Notice

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


class TestWritingAndPublishing:
    def test_each_publishing_is_a_version_and_unchanged_makes_none(self):
        lead = LeadFactory.create()
        article = make_article(by=lead)
        assert publishing.publish(article.pk, by=lead, at=LATER).number == 1
        writing.change(article.pk, writing.Copy("Другое", "Иначе"), None, by=lead, at=LATER)
        assert Article.objects.get().is_changed and Article.objects.get().published.title == "Как сменить пароль"
        second = publishing.publish(article.pk, by=lead, at=LATER, note="короче")
        assert (second.number, second.note, second.by_id, second.at) == (2, "короче", lead.pk, LATER)
        assert article.versions.count() == 2 and Article.objects.get().published_id == second.pk
        assert JournalEntry.objects.filter(verb="published").count() == 3

    def test_a_version_never_changes(self):
        version = make_article().published
        for attempt in (
            lambda: Version.objects.filter(pk=version.pk).update(text="подмена"),
            lambda: Version.objects.filter(pk=version.pk).delete(),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                attempt()

    def test_a_specialist_drafts_and_offers_and_the_lead_publishes(self):
        specialist, lead = SpecialistFactory.create(), LeadFactory.create()
        article = make_draft(by=specialist)
        with pytest.raises(Refused, match="руководитель"):
            publishing.publish(article.pk, by=specialist, at=LATER)
        writing.offer(article.pk, by=specialist, at=LATER)
        assert Notice.objects.get().user_id == lead.pk and "просит опубликовать" in Notice.objects.get().text
        publishing.publish(article.pk, by=lead, at=LATER)
        assert Article.objects.get().offered_at is None

    def test_only_who_publishes_widens_the_audience_of_a_published_one(self):
        specialist = SpecialistFactory.create()
        article = make_article(audience=Audience.DESK)
        copy = writing.Copy("Пароль", "Текст")
        with pytest.raises(Refused):
            writing.change(article.pk, copy, writing.Settings(audience=Audience.EVERYONE), by=specialist, at=LATER)
        writing.change(article.pk, copy, None, by=specialist, at=LATER)
        assert Article.objects.get().audience == Audience.DESK.value

    def test_two_editors_notice_each_other(self):
        lead = LeadFactory.create()
        article = make_article(by=lead)
        writing.change(article.pk, writing.Copy("Раз", "Раз"), None, by=lead, at=LATER, revision=article.revision)
        with pytest.raises(ChangedMeanwhile):
            writing.change(article.pk, writing.Copy("Два", "Два"), None, by=lead, at=LATER, revision=article.revision)

    def test_the_same_form_makes_one(self):
        lead, key = LeadFactory.create(), uuid.uuid4()
        made = [writing.start(writing.Copy("А", "Б"), writing.Settings(), key=key, by=lead, at=NOW) for _one in "12"]
        assert made[0].pk == made[1].pk
        assert Article.objects.count() == 1
        with pytest.raises(Refused):
            writing.start(writing.Copy("А", "Б"), writing.Settings(), key=key, by=AdministratorFactory.create(), at=NOW)

    @pytest.mark.parametrize("person", [UserFactory, lambda: SignedInContactFactory.create().user])
    def test_readers_do_nothing_of_it(self, person):
        user = person() if not hasattr(person, "create") else person.create()
        article = make_article()
        for attempt in (
            lambda: make_draft(by=user),
            lambda: writing.change(article.pk, writing.Copy("А", "Б"), None, by=user, at=NOW),
            lambda: publishing.publish(article.pk, by=user, at=NOW),
            lambda: publishing.withdraw(article.pk, by=user, at=NOW),
            lambda: writing.restore(article.pk, 1, by=user, at=NOW),
            lambda: writing.attach(article.pk, [NewFile("a", "", b"x")], by=user, at=NOW),
            lambda: writing.delete(article.pk, by=user),
        ):
            with pytest.raises(Refused):
                attempt()
        assert Article.objects.count() == 1

    def test_restoring_takes_the_old_text_and_its_files_and_publishing_makes_a_new_version(self):
        lead = LeadFactory.create()
        article = make_article("Раз", "Первый", by=lead, files=[NewFile("a.png", "image/png", PIXEL)])
        file = ArticleFile.objects.get()
        writing.detach(article.pk, file.pk, by=lead, at=NOW)
        writing.change(article.pk, writing.Copy("Два", "Второй"), None, by=lead, at=NOW)
        publishing.publish(article.pk, by=lead, at=NOW)
        writing.restore(article.pk, 1, by=lead, at=NOW)
        assert Article.objects.get().text == "Первый" and Article.objects.get().published.text == "Второй"
        third = publishing.publish(article.pk, by=lead, at=NOW)
        assert (third.number, third.text, list(third.files.all())) == (3, "Первый", [file])

    def test_withdrawn_and_published_again(self):
        lead, reader = LeadFactory.create(), SignedInContactFactory.create().user
        article = make_article(by=lead)
        publishing.withdraw(article.pk, by=lead, at=NOW)
        assert not visible_articles(reader).exists()
        assert publishing.publish(article.pk, by=lead, at=NOW).number == 1
        assert visible_articles(reader).exists()

    def test_a_draft_is_thrown_away_with_its_files_and_what_was_published_is_not(self):
        specialist = SpecialistFactory.create()
        draft = make_draft(by=specialist)
        writing.attach(draft.pk, [NewFile("a.txt", "", b"x")], by=specialist, at=NOW)
        with pytest.raises(Refused):
            writing.delete(draft.pk, by=SpecialistFactory.create())
        writing.delete(draft.pk, by=specialist)
        assert not Article.objects.exists() and not ArticleFile.objects.exists()
        with pytest.raises(Refused):
            writing.delete(make_article().pk, by=LeadFactory.create())

    def test_an_empty_one_is_not_published(self):
        lead = LeadFactory.create()
        with pytest.raises(Refused):
            publishing.publish(make_draft(text="  ", by=lead).pk, by=lead, at=NOW)
        with pytest.raises(Refused):
            make_draft(title=" ", by=lead)
        with pytest.raises(Refused):
            make_draft(audience=Audience.CUSTOMERS)

    def test_sections_with_articles_stay(self):
        lead, section = LeadFactory.create(), Section.objects.create(name="Вход")
        make_article(by=lead, section=section)
        with pytest.raises(Refused):
            publishing.remove_section(section, by=lead, at=NOW)
        with pytest.raises(Refused):
            publishing.keep_section(Section(name="Новый"), by=SpecialistFactory.create(), at=NOW)

    def test_doctor_finds_what_search_does_not_know(self):
        article = make_article()
        assert [finding.level for finding in checks.known_to_search()] == ["ok"]
        Word.objects.all().delete()
        [finding] = checks.known_to_search()
        assert finding.level == "error" and str(article.pk) in finding.text

    def test_the_author_is_reminded_once_to_check(self, time_machine):
        time_machine.move_to(NOW, tick=False)
        lead = LeadFactory.create()
        make_article(by=lead, check_by=NOW.date())
        make_article(by=lead, check_by=NOW.date() + timedelta(days=1))
        for _twice in "12":
            schedule.look_what_to_check(0)
        assert Notice.objects.filter(user=lead).count() == 1


class TestFiles:
    def test_a_reader_sees_those_of_the_version_he_reads(self):
        lead, reader = LeadFactory.create(), SignedInContactFactory.create().user
        article = make_article(by=lead, files=[NewFile("a.png", "image/png", PIXEL)])
        writing.attach(article.pk, [NewFile("b.png", "image/png", PIXEL)], by=lead, at=NOW)
        assert [file.name for file in visible_files(reader)] == ["a.png"]
        assert visible_files(lead).count() == 2
        publishing.publish(article.pk, by=lead, at=NOW)
        assert visible_files(reader).count() == 2

    def test_pictures_are_shown_and_everything_else_is_only_downloaded(self, client):
        lead, reader = LeadFactory.create(), SignedInContactFactory.create().user
        html = NewFile("опись\r\n.html", "image/png", b"<script>alert(1)</script>")
        make_article(by=lead, files=[NewFile("a.png", "text/html", PIXEL), html])
        client.force_login(reader)
        picture, page = ArticleFile.objects.exclude(picture="").get(), ArticleFile.objects.get(picture="")
        shown = client.get(reverse("articles:picture", args=[picture.pk]))
        assert (shown.status_code, shown["Content-Type"]) == (200, "image/png")
        assert client.get(reverse("articles:picture", args=[page.pk])).status_code == 404
        kept = client.get(reverse("articles:file", args=[page.pk]))
        assert kept["Content-Type"] == "application/octet-stream" and kept["Content-Disposition"].startswith("attach")
        assert kept["X-Content-Type-Options"] == "nosniff" and "sandbox" in kept["Content-Security-Policy"]

    def test_limits(self):
        lead = LeadFactory.create()
        article = make_draft(by=lead)
        huge = PIXEL[:16] + (LARGEST_SIDE + 1).to_bytes(4, "big") + PIXEL[20:]
        with pytest.raises(Refused, match="точек"):
            writing.attach(article.pk, [NewFile("a.png", "", huge)], by=lead, at=NOW)
        many = [NewFile("a", "", b"x")] * (writing.MOST_FILES + 1)
        with pytest.raises(Refused, match="файлов"):
            writing.attach(article.pk, many, by=lead, at=NOW)
        assert not ArticleFile.objects.exists()


class TestReaders:
    def test_one_vote_a_person_and_version_which_may_change(self):
        lead, reader = LeadFactory.create(), SignedInContactFactory.create().user
        article = make_article(by=lead)
        for helped, text in ((True, ""), (False, "нет про почту"), (False, "нет про почту")):
            reading.vote(article.pk, 1, helped=helped, text=text, by=reader, at=NOW)
        vote = Vote.objects.get()
        assert (vote.helped, vote.text) == (False, "нет про почту")
        writing.change(article.pk, writing.Copy("Два", "Второй"), None, by=lead, at=NOW)
        publishing.publish(article.pk, by=lead, at=NOW)
        reading.vote(article.pk, 2, helped=True, by=reader, at=NOW)
        assert Vote.objects.count() == 2
        with pytest.raises(Refused):
            reading.vote(article.pk, 9, helped=True, by=reader, at=NOW)
        publishing.withdraw(article.pk, by=lead, at=NOW)
        with pytest.raises(Refused):
            reading.vote(article.pk, 2, helped=True, by=reader, at=NOW)

    def test_what_was_asked_in_vain_is_counted_without_names_and_numbers(self):
        for typed in ("Командировка", "командировка", "ivan@chv.example", "паспорт 4509 123456", "я"):
            reading.asked_in_vain(typed, at=NOW)
        assert [(line.words, line.times) for line in Asked.objects.all()] == [("командировка", 2)]

    def test_not_helped_leads_on_to_the_request_with_its_first_words(self, client):
        article, contact = make_article(), SignedInContactFactory.create()
        client.force_login(contact.user)
        show = reverse("articles:show", args=[article.pk])
        vote = {"version": 1, "helped": "no", "text": "Кнопки нет"}
        assert client.post(reverse("articles:vote", args=[article.pk]), vote)["Location"].startswith(show)
        assert "Передать автору" in client.get(show).content.decode()
        assert client.post(reverse("articles:ask", args=[article.pk]))["Location"] == reverse("requests:new")
        page = client.get(reverse("requests:new")).content.decode()
        assert "Инструкция «Как сменить пароль» не помогла." in page and "Кнопки нет" in page
        assert "не помогла" not in client.get(reverse("requests:new")).content.decode()  # once

    def test_offered_while_a_request_is_written_and_the_form_works_without_script(self, client):
        make_article()
        make_article("Пароль от сейфа", "Пароль службы: канарейка", audience=Audience.DESK)
        client.force_login(SignedInContactFactory.create().user)
        form = client.get(reverse("requests:new")).content.decode()
        assert reverse("articles:suggest") in form and f'href="{reverse("articles:index")}"' in form
        answer = client.post(
            reverse("articles:suggest"), {"text": "Забыл пароль, как сменить?"}, headers={"HX-Request": "true"}
        ).content.decode()
        assert "Как сменить пароль" in answer and "сейф" not in answer


@pytest.fixture
def low():
    """A request of low priority in the hands of the desk."""
    contact = SignedInContactFactory.create()
    return make_ticket(contact=contact, impact=Impact.QUESTION, text="Как сменить пароль?")


class TestAnswering:
    def test_words_for_an_answer(self, low, settings):
        settings.BASE_URL = "https://portal.chv.example"
        article = make_article()
        link = answering.words_for(article, low, whole=False)
        assert link == f"Инструкция «Как сменить пароль»: https://portal.chv.example/articles/{article.pk}"
        whole = answering.words_for(article, low, whole=True)
        assert "2. Нажмите «Сменить пароль»." in whole and whole.endswith(link)

    @pytest.mark.parametrize("which", ["desk", "others", "withdrawn", "draft"])
    def test_what_the_requester_may_not_read_is_never_put_into_an_answer(self, low, which, client):
        lead = LeadFactory.create()
        if which == "draft":
            article = make_draft(text="канарейка", by=lead)
        else:
            audience = {"desk": {"audience": Audience.DESK}, "others": for_customers(SignedInContactFactory().customer)}
            article = make_article(text="канарейка", by=lead, **audience.get(which, {}))
        if which == "withdrawn":
            publishing.withdraw(article.pk, by=lead, at=NOW)
            article.refresh_from_db()
        for whole in (True, False):
            with pytest.raises(Refused):
                answering.words_for(article, low, whole=whole)
        with pytest.raises(Refused):
            close(article, low, lead)
        assert Message.objects.filter(ticket=low).count() == 1 and not Use.objects.exists()
        client.force_login(lead)
        told = client.get(reverse("articles:words", args=[low.pk, article.pk]) + "?whole=1").content.decode()
        assert "канарейка" not in told
        form = {"key": uuid.uuid4(), "revision": 0, "resolution": "solved", "whole": "yes"}
        assert client.post(reverse("articles:close", args=[low.pk, article.pk]), form).status_code in (404, 422)
        assert Message.objects.filter(ticket=low).count() == 1

    def test_for_his_own_customer_it_goes(self, low):
        article = make_article(**for_customers(low.customer))
        assert answering.words_for(article, low, whole=False)

    def test_low_is_closed_with_an_article_in_one_action_and_once(self, low):
        article, specialist, key = make_article(), SpecialistFactory.create(), uuid.uuid4()
        for _twice in "12":
            ticket = close(article, low, specialist, key=key)
        assert (ticket.status, ticket.resolution) == ("done", "solved")
        [solution] = Message.objects.filter(ticket=low, kind="solution")
        assert "2. Нажмите «Сменить пароль»." in solution.text and f"/articles/{article.pk}" in solution.text
        assert TicketEvent.objects.filter(ticket=low, kind="closed").count() == 1
        assert Use.objects.get().version_id == article.published_id
        with pytest.raises(Refused):
            close(article, low, specialist)

    def test_only_low_and_only_with_a_fitting_resolution(self, low):
        article, specialist = make_article(), SpecialistFactory.create()
        for resolution in (Resolution.COMPLAINT, Resolution.REFUSED, Resolution.INFRASTRUCTURE):
            with pytest.raises(Refused):
                close(article, low, specialist, resolution=resolution)
        with pytest.raises(Refused):
            close(article, low, low.contact.user)
        facts.change_priority(low.pk, priority=Priority.HIGH, reason="не вопрос", by=specialist, at=NOW)
        with pytest.raises(Refused, match="Низкий"):
            close(article, low, specialist)

    def test_beside_a_request(self, low, client, django_assert_max_num_queries):
        shown = make_article(audience=Audience.DESK, title="Пароль: что спросить")
        make_article()
        client.force_login(SpecialistFactory.create())
        with django_assert_max_num_queries(22):
            page = client.get(reverse("articles:beside", args=[low.pk]), headers={"HX-Request": "true"})
        told = page.content.decode()
        assert "Как сменить пароль" in told and "Закрыть ею" in told and "в ответ её вставить нельзя" in told
        assert reverse("articles:words", args=[low.pk, shown.pk]) not in told
        assert client.get(reverse("articles:beside", args=[low.pk]) + "?q=gfhjkm").status_code == 200
        step = client.get(reverse("articles:close", args=[low.pk, Article.objects.latest("pk").pk]))
        assert "Отправить и закрыть" in step.content.decode()


def close(article, ticket, by, *, key=None, resolution=Resolution.SOLVED):
    return answering.close_with(
        article.pk, ticket.pk, resolution=resolution, whole=True, by=by, at=LATER, key=key or uuid.uuid4()
    )


class TestPages:
    @pytest.fixture
    def shelf(self):
        lead, section = LeadFactory.create(), Section.objects.create(name="Вход")
        made = [make_article(f"Пароль {n}", by=lead, section=section) for n in range(8)]
        make_draft("Черновик канарейка", by=lead)
        return made

    def test_a_reader_finds_reads_and_prints(self, shelf, client, django_assert_max_num_queries):
        client.force_login(SignedInContactFactory.create().user)
        with django_assert_max_num_queries(20):
            home = client.get(reverse("articles:index")).content.decode()
        assert "Вход" in home and "Все: 8 статей" in home and "канарейка" not in home
        assert "Пароль 7" in client.get(reverse("articles:section", args=[shelf[0].section_id])).content.decode()
        with django_assert_max_num_queries(24):
            found = client.get(reverse("articles:index") + "?q=gfhjkm").content.decode()
        assert "Показано по словам «пароль»" in found
        with django_assert_max_num_queries(24):
            page = client.get(reverse("articles:show", args=[shelf[0].pk])).content.decode()
        assert "<ol>" in page and "Помогла инструкция?" in page
        assert "Версия 1 от" in client.get(reverse("articles:print", args=[shelf[0].pk])).content.decode()
        client.get(reverse("articles:index") + "?q=бульдозер")
        assert Asked.objects.get().words == "бульдозер"

    def test_an_author_writes_previews_and_publishes(self, client, django_assert_max_num_queries):
        client.force_login(LeadFactory.create())
        form = {"key": uuid.uuid4(), "title": "Отпуск", "text": "## Раз\n\n<b>нет</b>", "kind": "memo",
                "audience": "everyone", "do": "publish", "note": "первая"}  # fmt: skip
        told = client.post(reverse("articles:new"), form)
        article = Article.objects.get()
        assert told["Location"] == reverse("articles:show", args=[article.pk]) and article.published.note == "первая"
        preview = client.post(reverse("articles:preview"), {"text": "**да**<script>"}).content.decode()
        assert "<strong>да</strong>" in preview and "<script" not in preview
        edit = reverse("articles:edit", args=[article.pk])
        stale = client.post(edit, {**form, "revision": 0, "text": "Иначе"})
        assert stale.status_code == 422 and "изменил кто-то другой" in stale.content.decode()
        fresh = {**form, "key": uuid.uuid4(), "revision": article.revision, "text": "Иначе", "do": "save"}
        assert client.post(edit, fresh).status_code == 302
        for name in ("", "?list=changed", "?list=check", "?q=отпуск", "?after=мусор", "?list=%00&after=2026-01-01_1"):
            with django_assert_max_num_queries(16):
                assert client.get(reverse("articles:authors") + name).status_code == 200
        differ = client.get(reverse("articles:differ", args=[article.pk])).content.decode()
        assert "<ins>" in differ and "<del>" in differ and "&lt;b&gt;" in differ
        assert client.get(reverse("articles:versions", args=[article.pk])).status_code == 200
        with django_assert_max_num_queries(30):
            assert client.get(edit).status_code == 200

    def test_a_specialist_has_no_button_to_publish_and_his_word_for_it_does_nothing(self, client):
        client.force_login(SpecialistFactory.create())
        form = {"key": uuid.uuid4(), "title": "Отпуск", "text": "Текст", "kind": "memo", "audience": "everyone"}
        assert client.post(reverse("articles:new"), {**form, "do": "publish"}).status_code == 422
        assert 'value="publish"' not in client.get(reverse("articles:new")).content.decode()
        assert Article.objects.get().state == "draft"

    def test_mistakes_are_told_beside_the_field_and_nothing_is_lost(self, client):
        client.force_login(LeadFactory.create())
        bad = {"key": uuid.uuid4(), "title": "", "text": "Длинный текст", "kind": "x", "audience": "customers",
               "check_by": "32.13.2026", "section": "999"}  # fmt: skip
        page = client.post(reverse("articles:new"), bad)
        told = page.content.decode()
        assert page.status_code == 422 and "Назовите статью." in told and "Длинный текст" in told
        assert "Выберите заказчиков" in told and not Article.objects.exists()
        assert client.post(reverse("articles:section_new"), {}).status_code == 422
        assert client.post(reverse("articles:section_new"), {"name": "Вход", "position": 1}).status_code == 302
        assert Section.objects.get().name == "Вход"

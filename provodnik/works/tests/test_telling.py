"""Whom a fact of works is told to: letters, the line above every page, reminders of time."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.channels.models import Outgoing
from provodnik.core.parts import Banner
from provodnik.desk.models import Contact
from provodnik.desk.tests.factories import (
    HOUR,
    MINUTE,
    NOW,
    ContactFactory,
    CustomerFactory,
    LeadFactory,
    SignedInContactFactory,
    SpecialistFactory,
    SubsystemFactory,
)
from provodnik.notify.models import Notice
from provodnik.works import announce, module
from provodnik.works.actions import leading, personal
from provodnik.works.actions.reminding import remind
from provodnik.works.models import Mailing, Work, WorkEvent
from provodnik.works.queries import board
from provodnik.works.states import Kind
from provodnik.works.tests.factories import DAY, make_announced, make_draft, make_incident, new_work
from provodnik.works.tokens import contact_of_letters, letters_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead() -> User:
    user: User = LeadFactory.create()
    return user


def sent(work: Work, kind: str) -> list[Outgoing]:
    """The letters of the last fact of this kind, made by its job."""
    event = WorkEvent.objects.filter(work=work, kind=kind).order_by("-pk")[0]
    announce.mail(event.pk)
    return list(Outgoing.objects.filter(key__startswith=f"works:{event.pk}:").order_by("pk"))


class TestLetters:
    def test_each_contact_whom_it_concerns_gets_one(self, lead: User) -> None:
        own, other = CustomerFactory.create(), CustomerFactory.create(is_active=False)
        first, second = ContactFactory.create(customer=own), SignedInContactFactory.create(customer=own)
        ContactFactory.create(customer=own, email="")
        ContactFactory.create(customer=own, is_active=False)
        ContactFactory.create(customer=other)
        ContactFactory.create()
        work = make_announced(by=lead, customers=[own])
        letters = sent(work, "announced")
        assert [one.recipient for one in letters] == [first.email, second.email]
        assert sent(work, "announced") == letters  # the job again: nobody is written to twice
        assert "Плановые работы: объявление" in letters[0].subject
        assert "(МСК)" in letters[0].text
        assert f"/works/{work.pk}" not in letters[0].text  # he cannot sign in
        assert f"/works/{work.pk}" in letters[1].text
        mailing = Mailing.objects.get(event__work=work)
        assert (mailing.total, mailing.asked, mailing.done_at is not None) == (2, 2, True)

    def test_batches_go_on_where_they_stopped(self, lead: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(announce, "BATCH", 2)
        contacts = ContactFactory.create_batch(5, customer=CustomerFactory.create())
        work = make_announced(by=lead)
        event = work.events.get(kind="announced")
        assert announce._batch(event, at=NOW) is True
        assert Mailing.objects.get(event=event).asked == 2
        announce.mail(event.pk)  # another worker, after the first was killed
        assert Outgoing.objects.filter(about=f"works:{work.pk}").count() == len(contacts)

    @pytest.mark.parametrize(("kind", "told"), [(Kind.PLANNED, False), (Kind.URGENT, True), (Kind.INCIDENT, True)])
    def test_silence_is_about_planned_works_alone(self, lead: User, kind: Kind, told: bool) -> None:
        contact = ContactFactory.create()
        personal.silence(contact, at=NOW)
        work = make_draft(by=lead, kind=kind, starts_at=NOW, ends_at=NOW + HOUR)
        leading.begin(work.pk, text="Так надо.", by=lead, at=NOW)
        assert [one.recipient for one in sent(work, "began")] == ([contact.email] if told else [])
        personal.listen(contact)
        assert announce.recipients(work).count() == 1

    def test_every_fact_is_told_in_its_own_words(self, lead: User) -> None:
        ContactFactory.create()
        section = SubsystemFactory.create(name="Расчётные листки")
        work = make_announced(by=lead, unavailable=True, subsystems=[section], release="3.4")
        text = sent(work, "announced")[0].text
        for words in ("Обновление раздела", "Разделы: Расчётные листки", "Выпуск: 3.4", "разделы будут недоступны"):
            assert words in text
        moved = new_work(
            unavailable=True,
            subsystems=[section],
            release="3.4",
            starts_at=NOW + 6 * DAY,
            ends_at=NOW + 6 * DAY + HOUR,
        )
        leading.change(work.pk, moved, reason="Ждём сборку.", by=lead, at=NOW)
        text = sent(work, "changed")[0].text
        assert "Ждём сборку." in text
        assert "было 28 ноября" in text.replace("\xa0", " ")
        leading.cancel(work.pk, reason="Сборки не будет.", by=lead, at=NOW)
        letter = sent(work, "cancelled")[0]
        assert "отмена" in letter.subject
        assert "недоступны" not in letter.text

    def test_whom_it_concerns_no_more_is_told_so(self, lead: User) -> None:
        stays, leaves = CustomerFactory.create(), CustomerFactory.create()
        one, other = SignedInContactFactory.create(customer=stays), SignedInContactFactory.create(customer=leaves)
        ContactFactory.create()
        work = make_announced(by=lead, customers=[stays, leaves], unavailable=True)
        leading.change(work.pk, new_work(customers=[stays], unavailable=True), reason="Сузили.", by=lead, at=NOW)
        first, second = sent(work, "changed")
        assert (first.recipient, second.recipient) == (one.email, other.email)
        assert f"/works/{work.pk}" in first.text
        assert "больше не касаются" in second.text
        assert f"/works/{work.pk}" not in second.text
        assert "недоступен" not in second.text
        assert announce.recipients(work).count() == 1  # the next fact is not theirs

    def test_drafts_are_told_to_nobody(self, lead: User) -> None:
        ContactFactory.create()
        work = make_draft(by=lead)
        leading.change(work.pk, new_work(text="Иначе."), reason="", by=lead, at=NOW)
        leading.cancel(work.pk, reason="", by=lead, at=NOW)
        assert not Mailing.objects.exists()

    def test_a_letter_carries_no_foreign_header_and_no_markup(self, lead: User) -> None:
        ContactFactory.create()
        work = make_announced(by=lead, title="Работы\r\nBcc: x@x.example", text="<img src=x onerror=alert(1)>")
        letter = sent(work, "announced")[0]
        assert "\n" not in letter.subject
        assert "<img" not in letter.html

    def test_the_token_of_a_letter_names_its_reader_alone(self) -> None:
        contact: Contact = ContactFactory.create()
        token = letters_token(contact)
        assert contact_of_letters(token) == contact
        assert contact_of_letters(token.replace(str(contact.pk), str(contact.pk + 1), 1)) is None
        assert contact_of_letters("\x00" * 5000) is None


def banners(user: User, path: str = "/", cookies: str = "") -> list[Banner]:
    request = RequestFactory().get(path, headers={"cookie": cookies})
    request.user = user
    return list(module.banners(request))


class TestAbovePages:
    def test_to_whom_it_concerns_only(self, lead: User) -> None:
        own, other = SignedInContactFactory.create(), SignedInContactFactory.create()
        now = timezone.now()
        make_incident(by=lead, at=now, customers=[own.customer])
        (line,) = banners(own.user)
        assert line.tone == "error"
        assert "Не открываются расчётные листки" in line.text
        assert "Портал недоступен." in line.text
        assert banners(other.user) == []
        assert len(banners(SpecialistFactory.create())) == 1

    def test_announced_works_stand_there_three_days_before(self, lead: User) -> None:
        now = timezone.now()
        make_announced(by=lead, at=now, starts_at=now + 4 * DAY, ends_at=now + 5 * DAY)
        assert banners(lead) == []
        make_announced(by=lead, at=now, starts_at=now + 2 * DAY + HOUR, ends_at=now + 3 * DAY)
        assert [one.tone for one in banners(lead)] == ["info"]

    def test_three_at_most_and_a_way_to_the_rest(self, lead: User) -> None:
        for _number in range(5):
            make_incident(by=lead, at=timezone.now())
        lines = banners(lead)
        assert len(lines) == 4
        assert "2" in lines[-1].text

    def test_not_on_its_own_page(self, lead: User) -> None:
        work = make_incident(by=lead, at=timezone.now())
        assert banners(lead, path=f"/works/{work.pk}") == []

    def test_put_away_until_it_changes(self, lead: User, client: Client) -> None:
        now = timezone.now()
        work = make_announced(by=lead, at=now, starts_at=now + 2 * DAY + HOUR, ends_at=now + 3 * DAY)
        client.force_login(lead)
        response = client.post(f"/works/{work.pk}/away", headers={"referer": "http://evil.example/"})
        assert response.headers["Location"] == f"/works/{work.pk}"
        assert banners(lead) == []
        assert len(banners(SpecialistFactory.create())) == 1
        leading.begin(work.pk, by=lead, at=now)
        assert len(banners(lead)) == 1

    def test_another_process_that_remembers_it_is_bridged_by_a_cookie(self, lead: User, client: Client) -> None:
        work = make_incident(by=lead, at=timezone.now())
        remembered = board.current()
        client.force_login(lead)
        cookie = client.post(f"/works/{work.pk}/away").cookies["provodnik_away"]
        board.keep(remembered)
        assert banners(lead, cookies=f"provodnik_away={cookie.value}") == []

    def test_pages_cost_no_statement_for_it(self, lead: User, django_assert_num_queries: Any) -> None:
        contact = SignedInContactFactory.create()
        make_incident(by=lead, at=timezone.now(), customers=[contact.customer])
        banners(lead)
        with django_assert_num_queries(0):
            assert banners(lead)
        board.forget()
        with django_assert_num_queries(2):  # works, and who has put them away
            banners(lead)

    def test_a_rolled_back_change_is_not_remembered(self, lead: User) -> None:
        make_incident(by=lead, at=timezone.now())
        assert len(banners(lead)) == 1
        assert leading.draft(new_work(), key=uuid.uuid4(), by=lead, at=NOW).state == "draft"
        assert len(banners(lead)) == 1


class TestReminders:
    def test_the_responsible_is_reminded_once_of_each_time(self, lead: User) -> None:
        work = make_announced(by=lead)
        assert remind(NOW) == 0
        start = NOW + 5 * DAY
        for _minute in range(2):
            assert remind(start + MINUTE) == 1
        assert Notice.objects.filter(user=lead).count() == 1
        leading.begin(work.pk, by=lead, at=start + MINUTE)
        assert remind(start + 2 * MINUTE) == 0
        remind(start + 4 * HOUR)
        assert Notice.objects.filter(user=lead).count() == 2
        assert Work.objects.get(pk=work.pk).state == "going"  # nothing ends by itself

    def test_who_has_left_is_replaced_by_the_leads(self, lead: User) -> None:
        gone: User = LeadFactory.create()
        make_announced(by=gone)
        User.objects.filter(pk=gone.pk).update(is_active=False)
        remind(NOW + 6 * DAY)
        assert list(Notice.objects.values_list("user_id", flat=True)) == [lead.pk]

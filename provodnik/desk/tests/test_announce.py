"""Who is told what, once: letters, notices, the duty of R14."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from provodnik.channels.models import Channel, Outgoing, OutgoingState
from provodnik.channels.outgoing import tell_fate
from provodnik.desk import announce, event_words
from provodnik.desk.actions import closing, facts, incoming, work
from provodnik.desk.actions.base import NewFile
from provodnik.desk.announce.facts import note
from provodnik.desk.announce.letters import ATTACHED, told_moment
from provodnik.desk.models import EventKind, MessageKind, Ticket
from provodnik.desk.states import Impact, Priority, Resolution
from provodnik.desk.tests.factories import (
    NOW,
    ContactFactory,
    ContractFactory,
    LeadFactory,
    MailboxFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)
from provodnik.notify.models import Notice
from tests.mail import letter

pytestmark = pytest.mark.django_db

EVIL = '<a href="http://evil.example">x</a> {{7*7}} {% now "Y" %}\r\nBcc: evil@x.example'


@pytest.fixture
def specialist():
    return SpecialistFactory.create()


@pytest.fixture
def lead():
    return LeadFactory.create()


@pytest.fixture
def box():
    return MailboxFactory.create(address="support@desk.example", smtp_host="127.0.0.1")


def now():
    return timezone.now()


def tell_all(ticket: Ticket) -> None:
    """What the jobs of the ticket's events do; twice, because a job may run twice."""
    for event in list(ticket.events.order_by("pk")):
        if event.kind in announce.TOLD:
            announce.tell(event_id=event.pk)
            announce.tell(event_id=event.pk)


def sent(row: Outgoing) -> None:
    row.state, row.sent_at = OutgoingState.SENT, now()
    row.save()
    tell_fate(row)


def dead(row: Outgoing, reason: str = "550 no such user") -> None:
    row.state, row.error = OutgoingState.DEAD, reason
    row.save()
    tell_fate(row)


def letters(ticket: Ticket, kind: str = "") -> list[Outgoing]:
    rows = Outgoing.objects.filter(about=f"ticket:{ticket.pk}").order_by("pk")
    return [row for row in rows if not kind or row.key.startswith(f"desk:{kind}:")]


def kinds(ticket: Ticket) -> list[str]:
    return list(ticket.events.order_by("pk").values_list("kind", flat=True))


def closed(ticket: Ticket, by, text: str = "Исправлено") -> Ticket:
    return closing.close(ticket.pk, resolution=Resolution.SOLVED, text=text, by=by, at=now())


class TestConfirmation:
    def test_names_what_i9_demands(self, box):
        ticket = make_ticket(contact=ContactFactory.create(), at=now())
        tell_all(ticket)
        (row,) = letters(ticket)
        assert (row.recipient, row.automatic) == (ticket.contact_email, True)
        local, due = timezone.localtime(ticket.registered_at), timezone.localtime(ticket.due_at)
        for word in (f"№ {ticket.pk}", ticket.get_priority_display(), f"{local:%H:%M} (МСК)", f"{due:%H:%M} (МСК)"):
            assert word in row.text and word in row.html

    def test_of_a_letter_that_waited_days_it_has_all_its_days_of_trying(self, box):
        """The breaker counts it in the hour it is made, too."""
        ticket = make_ticket(contact=ContactFactory.create(), at=now() - timedelta(days=6))
        before = now()
        tell_all(ticket)
        (row,) = letters(ticket, "registered")
        assert row.created_at >= before and row.next_try_at >= before

    def test_in_the_product_at_once_where_it_came_from_there(self, box):
        ticket = make_ticket(at=now())
        tell_all(ticket)
        assert kinds(ticket) == [EventKind.REGISTERED, EventKind.CONFIRMED]
        assert Notice.objects.filter(user=ticket.contact.user).count() == 1
        sent(letters(ticket)[0])
        assert kinds(ticket).count(EventKind.CONFIRMED) == 1

    def test_by_mail_when_the_letter_has_left(self, box):
        ticket = make_ticket(contact=ContactFactory.create(), channel=Channel.EMAIL, at=now())
        tell_all(ticket)
        assert EventKind.CONFIRMED not in kinds(ticket)
        sent(letters(ticket)[0])
        assert kinds(ticket)[-1] == EventKind.CONFIRMED

    def test_without_an_address_only_in_the_product(self, box):
        ticket = make_ticket(contact=SignedInContactFactory.create(email=""), at=now())
        tell_all(ticket)
        assert not letters(ticket) and EventKind.CONFIRMED in kinds(ticket)

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            ({"letter": "closed"}, "Уведомление о закрытии не доставлено"),
            ({"letter": "registered"}, "Подтверждение о приёме не доставлено"),
            ({"letter": "question"}, "Вопрос пользователю не доставлен"),
            ({"letter": "reply"}, "Ответ пользователю не доставлен"),
            ({}, "Письмо пользователю не доставлено"),
            ({"letter": "closed", "permanent": False}, "Письмо пользователю задерживается в пути"),
        ],
    )
    def test_the_history_names_the_letter(self, specialist, data, said):
        ticket = make_ticket(at=now())
        event = note(
            ticket.pk, EventKind.UNDELIVERED, at=now(), **{"permanent": True, "error": "550 нет ящика", **data}
        )
        told = event_words.words(event, specialist, now()).text
        assert told.startswith(said) and told.endswith(": 550 нет ящика")

    def test_not_delivered_is_written_and_told(self, box, specialist):
        ticket = make_ticket(contact=ContactFactory.create(), at=now())
        tell_all(ticket)
        work.take(ticket.pk, by=specialist, at=now())
        dead(letters(ticket)[0])
        tell_all(ticket)
        assert ticket.events.get(kind=EventKind.UNDELIVERED).data["error"] == "550 no such user"
        assert Notice.objects.filter(user=specialist, key__startswith="desk:undelivered").count() == 1


class TestWords:
    def test_a_reply_and_a_question_reach_the_requester(self, box, specialist):
        ticket = make_ticket(contact=ContactFactory.create(), at=now())
        work.reply(ticket.pk, text="Смотрим", by=specialist, at=now())
        work.ask(ticket.pk, text="Какая дата?", by=specialist, at=now())
        tell_all(ticket)
        (reply,), (question,) = letters(ticket, "reply"), letters(ticket, "question")
        assert "Смотрим" in reply.text and not reply.automatic
        assert "Какая дата?" in question.text and "Какая дата?" not in reply.text

    def test_a_word_that_reaches_nobody_is_told_to_who_wrote_it(self, box, specialist, lead):
        ticket = make_ticket(contact=ContactFactory.create(email=""), at=now())
        work.take(ticket.pk, by=specialist, at=now())
        work.ask(ticket.pk, text="Какой браузер?", by=specialist, at=now())
        tell_all(ticket)
        (event,) = ticket.events.filter(kind=EventKind.UNDELIVERED)
        assert event.data["letter"] == "question"
        assert Notice.objects.filter(user=specialist, key__startswith="desk:undelivered").count() == 1
        signed_in = make_ticket(contact=SignedInContactFactory.create(email=""), at=now())
        work.reply(signed_in.pk, text="Смотрите", by=specialist, at=now())
        tell_all(signed_in)
        assert not signed_in.events.filter(kind=EventKind.UNDELIVERED).exists()

    def test_nothing_internal_and_nothing_of_the_requester_goes_out(self, box, specialist):
        ticket = make_ticket(contact=ContactFactory.create(), text="СЛОВА ПОЛЬЗОВАТЕЛЯ", subject="тема", at=now())
        work.note(ticket.pk, text="СЕКРЕТ", by=specialist, at=now())
        work.ask(ticket.pk, text="Вопрос", by=specialist, at=now())
        closed(ticket, specialist)
        closing.reopen(ticket.pk, text="СЕКРЕТ", by=specialist, at=now())
        tell_all(ticket)
        told = "".join(row.text + row.html + row.subject for row in letters(ticket))
        assert "СЕКРЕТ" not in told and "СЛОВА ПОЛЬЗОВАТЕЛЯ" not in told

    def test_foreign_words_are_words(self, box, specialist):
        contact = ContactFactory.create(name=EVIL[:200])
        ticket = make_ticket(contact=contact, subject=EVIL, at=now())
        work.reply(ticket.pk, text=EVIL, by=specialist, at=now())
        closed(ticket, specialist, EVIL)
        tell_all(ticket)
        for row in letters(ticket):
            assert '<a href="http://evil.example">' not in row.html
            assert "{{7*7}}" in row.html and "{{7*7}}" in row.text
            assert "\n" not in row.subject and "\r" not in row.subject

    def test_files_go_along_until_they_are_too_large(self, box, specialist, monkeypatch):
        ticket = make_ticket(contact=ContactFactory.create(), at=now())
        small = [NewFile("инструкция.pdf", "application/pdf", b"x" * 1000)]
        work.reply(ticket.pk, text="Вот", by=specialist, at=now(), files=small)
        monkeypatch.setattr("provodnik.desk.announce.letters.ATTACHED", 1500)
        work.reply(ticket.pk, text="И вот", by=specialist, at=now(), files=small * 2)
        tell_all(ticket)
        first, second = letters(ticket, "reply")
        assert [file.name for file in first.files.all()] == ["инструкция.pdf"]
        assert second.files.count() == 0 and "2" in second.text
        assert ATTACHED == 10 * 1024 * 1024

    def test_a_link_only_for_who_can_open_it(self, box):
        with_account, without = make_ticket(at=now()), make_ticket(contact=ContactFactory.create(), at=now())
        for ticket in (with_account, without):
            tell_all(ticket)
        assert f"/requests/{with_account.pk}/" in letters(with_account)[0].text
        assert "http" not in letters(without)[0].text

    def test_letters_of_a_request_hang_together(self, box, specialist):
        ticket = make_ticket(contact=ContactFactory.create(), at=now())
        work.reply(ticket.pk, text="Раз", by=specialist, at=now())
        tell_all(ticket)
        first, second = letters(ticket)
        assert first.message_id in second.references.split()
        assert first.references.split()[0] == second.references.split()[0]
        assert first.subject == second.subject == f"[#{ticket.pk}] {ticket.subject}"


class TestClosing:
    def test_says_the_resolution_the_words_and_until_when(self, box, specialist):
        ticket = make_ticket(contact=ContactFactory.create(), at=now())
        ticket = closed(ticket, specialist, "Исправлено в 4.2.1")
        tell_all(ticket)
        (row,) = letters(ticket, "closed")
        until = timezone.localtime(ticket.closed_at + timedelta(days=7))
        for word in ("Исправлено в 4.2.1", ticket.get_resolution_display(), f"{until:%H:%M} (МСК)"):
            assert word in row.text and word in row.html

    def test_the_duty_ends_when_the_letter_has_left(self, box, specialist):
        ticket = closed(make_ticket(contact=ContactFactory.create(), at=now()), specialist)
        tell_all(ticket)
        revision = ticket.revision
        sent(letters(ticket, "closed")[0])
        ticket.refresh_from_db()
        assert (ticket.undelivered, ticket.revision) == (False, revision)
        assert kinds(ticket)[-1] == EventKind.DELIVERED

    def test_the_duty_stays_when_it_has_not(self, box, specialist):
        ticket = closed(make_ticket(contact=ContactFactory.create(), at=now()), specialist)
        tell_all(ticket)
        dead(letters(ticket, "closed")[0])
        ticket.refresh_from_db()
        assert ticket.undelivered and kinds(ticket)[-1] == EventKind.UNDELIVERED

    def test_without_an_address_the_duty_stays_and_says_why(self, box, specialist):
        ticket = closed(make_ticket(contact=SignedInContactFactory.create(email=""), at=now()), specialist)
        tell_all(ticket)
        ticket.refresh_from_db()
        assert ticket.undelivered and not letters(ticket)
        assert kinds(ticket).count(EventKind.UNDELIVERED) == 1
        assert Notice.objects.filter(user=specialist, key__startswith="desk:undelivered").count() == 1

    def test_a_new_address_gets_it(self, box, specialist):
        ticket = closed(make_ticket(contact=SignedInContactFactory.create(email=""), at=now()), specialist)
        tell_all(ticket)
        facts.change_email(ticket.pk, email="new@voda.example", by=specialist, at=now())
        tell_all(ticket)
        row = next(row for row in letters(ticket, "closed") if row.recipient == "new@voda.example")
        sent(row)
        ticket.refresh_from_db()
        assert not ticket.undelivered

    def test_a_new_address_of_a_delivered_one_gets_nothing(self, box, specialist):
        ticket = closed(make_ticket(contact=ContactFactory.create(), at=now()), specialist)
        tell_all(ticket)
        sent(letters(ticket, "closed")[0])
        facts.change_email(ticket.pk, email="new@voda.example", by=specialist, at=now())
        tell_all(ticket)
        assert len(letters(ticket, "closed")) == 1

    @pytest.mark.parametrize(("first_ends", "duty"), [("dead", False), ("sent", True)])
    def test_what_becomes_of_a_letter_to_the_former_address_is_past(self, box, specialist, first_ends, duty):
        ticket = closed(make_ticket(contact=ContactFactory.create(), at=now()), specialist)
        tell_all(ticket)
        facts.change_email(ticket.pk, email="new@voda.example", by=specialist, at=now())
        tell_all(ticket)
        former, new = letters(ticket, "closed")
        if first_ends == "dead":
            sent(new)
            dead(former)  # it came back days later
        else:
            sent(former)
        ticket.refresh_from_db()
        assert ticket.undelivered == duty

    def test_opened_again_before_the_job_ran_nothing_untrue_goes_out(self, box, specialist):
        ticket = closed(make_ticket(contact=ContactFactory.create(), at=now()), specialist)
        closing.reopen(ticket.pk, text="Рано", by=specialist, at=now())
        tell_all(ticket)
        assert not letters(ticket, "closed")

    def test_an_old_letter_says_nothing_of_the_new_closing(self, box, specialist):
        ticket = closed(make_ticket(contact=ContactFactory.create(), at=now()), specialist)
        tell_all(ticket)
        closing.reopen(ticket.pk, text="Рано", by=specialist, at=now())
        closed(ticket, specialist, "Теперь точно")
        sent(letters(ticket, "closed")[0])
        ticket.refresh_from_db()
        assert ticket.undelivered

    def test_withdrawn_is_told_too(self, box, specialist):
        ticket = make_ticket(at=now())
        work.take(ticket.pk, by=specialist, at=now())
        closing.withdraw(ticket.pk, by=ticket.contact.user, at=now())
        tell_all(ticket)
        (row,) = letters(ticket, "closed")
        sent(row)
        ticket.refresh_from_db()
        assert not ticket.undelivered
        assert Notice.objects.filter(user=specialist, key__startswith="desk:withdrawn").count() == 1


class TestDesk:
    def test_urgent_alarms_everybody_at_once(self, box, specialist, lead):
        SpecialistFactory.create(is_active=False)
        requester = make_ticket(impact=Impact.NOTHING_WORKS, at=now())
        tell_all(requester)
        assert set(Notice.objects.filter(tone="error").values_list("user", flat=True)) == {specialist.pk, lead.pk}
        alarms = Outgoing.objects.filter(key__startswith="alarm:")
        assert sorted(row.recipient for row in alarms) == sorted([specialist.email, lead.email])

    def test_become_urgent_alarms_too_but_not_who_said_so(self, box, specialist, lead):
        ticket = make_ticket(at=now())
        facts.change_priority(ticket.pk, priority=Priority.URGENT, reason="Всё стоит", by=specialist, at=now())
        tell_all(ticket)
        assert list(Notice.objects.filter(tone="error").values_list("user", flat=True)) == [lead.pk]

    def test_an_answer_is_told_to_the_specialist_else_to_the_lead(self, box, specialist, lead):
        ticket = make_ticket(at=now())
        incoming.answer(ticket.pk, text="Ещё", by=ticket.contact.user, at=now(), key=uuid.uuid4())
        tell_all(ticket)
        assert Notice.objects.get(key__startswith="desk:answered").user == lead
        work.take(ticket.pk, by=specialist, at=now())
        incoming.answer(ticket.pk, text="И ещё", by=ticket.contact.user, at=now(), key=uuid.uuid4())
        tell_all(ticket)
        assert Notice.objects.filter(key__startswith="desk:answered").order_by("pk").last().user == specialist

    def test_assigned_is_told_to_whom_it_was_given(self, box, specialist, lead):
        ticket = make_ticket(at=now())
        work.assign(ticket.pk, to=specialist, by=lead, at=now())
        tell_all(ticket)
        assert Notice.objects.get(key__startswith="desk:assigned").user == specialist

    def test_a_foreign_contact_sees_no_notice(self, box, specialist):
        other = SignedInContactFactory.create()
        ticket = make_ticket(at=now())
        work.reply(ticket.pk, text="Вот", by=specialist, at=now())
        closed(ticket, specialist)
        tell_all(ticket)
        assert not Notice.objects.filter(user=other.user).exists()

    def test_a_robots_letter_is_registered_and_not_confirmed(self, box):
        from provodnik.desk import intake

        contact = ContactFactory.create(email="anna@voda.example")
        raw = letter(sender="anna@voda.example", headers={"Auto-Submitted": "auto-generated"})
        intake.take_raw(box, raw, envelope_from="anna@voda.example", now=now())
        ticket = Ticket.objects.get(contact=contact)
        tell_all(ticket)
        assert not letters(ticket)
        assert ticket.messages.get().kind == MessageKind.REQUEST


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Europe/Moscow", "23 ноября 2026, 09:12 (МСК)"),
        ("Asia/Yekaterinburg", "23 ноября 2026, 11:12 (МСК+2)"),
        ("Europe/Kaliningrad", "23 ноября 2026, 08:12 (МСК−1)"),
        ("Asia/Kathmandu", "23 ноября 2026, 11:57 (МСК+2:45)"),
    ],
)
def test_moments_in_letters_are_told_from_moscow(zone, told):
    with timezone.override(zone):
        assert told_moment(NOW).replace("\xa0", " ") == told


def test_letters_say_what_a_reader_needs(box, specialist, monkeypatch):
    monkeypatch.setattr("provodnik.desk.announce.letters.ATTACHED", 3)
    ticket = make_ticket(contact=ContactFactory.create(), at=now(), impact=None)
    big = NewFile("a.txt", "text/plain", b"12345")
    work.reply(ticket.pk, text="Вот файл", by=specialist, at=now(), files=[big])
    tell_all(ticket)
    (registered,), (reply,) = letters(ticket, "registered"), letters(ticket, "reply")
    for words in (registered.text, registered.html):
        assert "Зарегистрировано" in words and "предварительный" in words and "до " in words
    for words in (reply.text, reply.html):  # who cannot sign in is not sent to look into the product
        assert "договоримся, как его передать" in words and "откройте его по ссылке" not in words
    gone = make_ticket(at=now())
    closing.withdraw(gone.pk, by=gone.contact.user, at=now())
    tell_all(gone)
    (closed_letter,) = letters(gone, "closed")
    assert all("отозвано пользователем" in words for words in (closed_letter.text, closed_letter.html))


def test_where_a_contract_knows_no_reopening_the_letter_promises_none(box, specialist):
    contact = ContactFactory.create()
    ContractFactory.create(customer=contact.customer, reopen_days=0)
    ticket = closed(make_ticket(contact=contact, at=now()), specialist)
    tell_all(ticket)
    (row,) = letters(ticket, "closed")
    for words in (row.text, row.html):
        assert "откроем обращение снова" not in words and "станет новым обращением" in words

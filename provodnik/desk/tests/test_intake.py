"""Which letter becomes what: by tables, through the real reading process and a real PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from provodnik.channels import intake as channel_intake
from provodnik.channels import outgoing
from provodnik.channels.email import identity
from provodnik.channels.models import Inbound, InboundState, Mailbox, Outgoing, OutgoingState
from provodnik.desk import intake
from provodnik.desk.actions import closing
from provodnik.desk.models import Contact, EventKind, Message, MessageKind, Ticket, TicketEvent
from provodnik.desk.states import Resolution
from provodnik.desk.tests.factories import (
    AdministratorFactory,
    ContactFactory,
    ContractFactory,
    CustomerFactory,
    MailboxFactory,
    SpecialistFactory,
    make_ticket,
)
from provodnik.notify.models import Notice
from tests.mail import letter

pytestmark = pytest.mark.django_db

ANNA = "anna@voda.example"
OTHER = "Чужой <boris@other.example>"
VERDICT = "mx.desk.example; dmarc={} header.from=voda.example; spf={} smtp.mailfrom=voda.example"


@pytest.fixture
def box() -> Mailbox:
    return MailboxFactory.create(address="support@desk.example", authserv_ids=["mx.desk.example"])


@pytest.fixture
def anna() -> Contact:
    return ContactFactory.create(email=ANNA, name="Петрова Анна")


def take(box: Mailbox, raw: bytes, *, envelope_from: str = ANNA) -> Inbound:
    return intake.take_raw(box, raw, envelope_from=envelope_from, now=timezone.now())


def ticket_of(row: Inbound) -> Ticket:
    return Message.objects.get(inbound=row).ticket


def token_of(ticket: Ticket) -> str:
    return outgoing.message_id_for(kind="reply", number=ticket.pk, serial="1", mailbox=None)


def request_of(contact: Contact) -> Ticket:
    return make_ticket(contact=contact, at=timezone.now() - timedelta(hours=1))


class TestSender:
    def test_by_address_whatever_its_case(self, box, anna):
        ticket = ticket_of(take(box, letter(sender="A <Anna@Voda.Example>")))
        assert (ticket.contact, ticket.customer, ticket.contact_email) == (anna, anna.customer, ANNA)

    def test_by_domain_a_contact_begins(self, box):
        customer = CustomerFactory.create(domains=["voda.example"])
        first = ticket_of(take(box, letter(sender="Иван Кулибин <ivan@voda.example>")))
        again = ticket_of(take(box, letter(sender="Иван Кулибин <ivan@voda.example>", subject="Второе")))
        assert (first.customer, first.requester_name) == (customer, "Иван Кулибин")
        assert first.contact == again.contact == Contact.objects.get(email="ivan@voda.example")

    def test_a_domain_of_two_customers_says_nothing(self, box):
        CustomerFactory.create(domains=["voda.example"])
        CustomerFactory.create(domains=["voda.example"])
        assert ticket_of(take(box, letter())).customer is None

    @pytest.mark.parametrize("dead", ["contact", "customer"])
    def test_who_is_not_served_any_more_is_unknown(self, box, anna, dead):
        thing = anna if dead == "contact" else anna.customer
        thing.is_active = False
        thing.save()
        anna.customer.domains = ["voda.example"]
        anna.customer.save()
        ticket = ticket_of(take(box, letter(sender=ANNA)))
        assert (ticket.contact, ticket.customer, ticket.contact_email) == (None, None, ANNA)
        assert Contact.objects.count() == 1

    def test_unknown_sender_is_written_down(self, box):
        ticket = ticket_of(take(box, letter(sender=OTHER)))
        assert (ticket.customer, ticket.requester_name, ticket.contact_email) == (None, "Чужой", "boris@other.example")

    def test_a_false_sender_makes_no_contact(self, box):
        CustomerFactory.create(domains=["voda.example"])
        raw = letter(headers={"Authentication-Results": VERDICT.format("fail", "fail")})
        ticket = ticket_of(take(box, raw))
        assert (ticket.contact, Contact.objects.count()) == (None, 0)
        assert ticket.messages.get().verdict["failed"] is True

    @pytest.mark.parametrize("sender", ["<script>@x", "a" * 300 + "@voda.example", "", "support@desk.example"])
    def test_an_address_that_cannot_be_written_to_is_not_written_to(self, box, sender):
        row = take(box, letter().replace(b"anna@voda.example", sender.encode()))
        assert ticket_of(row).contact_email == ""
        assert not row.may_answer


class TestMatching:
    def test_a_token_of_the_requester_is_his_answer(self, box, anna):
        ticket = request_of(anna)
        row = take(box, letter(sender=ANNA, subject="что угодно", reply_to_ids=token_of(ticket)))
        assert ticket_of(row) == ticket
        ticket.refresh_from_db()
        assert ticket.answered_at is not None

    def test_a_token_deep_in_references(self, box, anna):
        ticket = request_of(anna)
        chain = " ".join(["<a@x.example>", token_of(ticket), "<b@x.example>", "<c@x.example>"])
        assert ticket_of(take(box, letter(sender=ANNA, references=chain))) == ticket

    def test_a_token_in_the_address(self, box, anna):
        ticket = request_of(anna)
        token = identity.make_reply_token(outgoing.token_key(), ticket.pk)
        assert ticket_of(take(box, letter(sender=ANNA, to=f"support+{token}@desk.example"))) == ticket

    def test_the_token_goes_before_the_subject(self, box, anna):
        right, wrong = request_of(anna), request_of(anna)
        row = take(box, letter(sender=ANNA, subject=f"Re: [#{wrong.pk}] тема", reply_to_ids=token_of(right)))
        assert ticket_of(row) == right

    def test_a_forged_token_is_none(self, box, anna):
        ticket = request_of(anna)
        forged = token_of(ticket).replace(f".{ticket.pk}.", f".{ticket.pk}.x")
        assert ticket_of(take(box, letter(sender=OTHER, reply_to_ids=forged))) != ticket

    def test_a_token_in_a_strangers_hand_says_what_it_says_and_moves_nothing(self, box, anna):
        ticket = request_of(anna)
        row = take(box, letter("Закройте.", sender=OTHER, reply_to_ids=token_of(ticket)))
        message = Message.objects.get(inbound=row)
        assert (message.ticket, message.kind, message.author, message.contact) == (
            ticket,
            MessageKind.ANSWER,
            None,
            None,
        )
        assert message.author_name == "Чужой"

    def test_a_stranger_with_a_token_of_a_closed_request_opens_his_own(self, box, anna):
        ticket = request_of(anna)
        closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Так", by=SpecialistFactory(), at=timezone.now())
        fresh = ticket_of(take(box, letter(sender=OTHER, reply_to_ids=token_of(ticket))))
        ticket.refresh_from_db()
        assert (ticket.status, fresh.follows, fresh.customer, fresh.contact_email) == (
            "done",
            ticket,
            None,
            "boris@other.example",
        )

    def test_a_forged_agent_is_a_stranger(self, box, anna):
        specialist = SpecialistFactory.create(email="spec@desk.example")
        ticket = request_of(anna)
        row = take(box, letter("Переведите деньги", sender="spec@desk.example", reply_to_ids=token_of(ticket)))
        message = Message.objects.get(inbound=row)
        assert (message.kind, message.author) == (MessageKind.ANSWER, None)
        assert not Message.objects.filter(author=specialist).exists()

    def test_our_letters_are_known_without_a_token(self, box, anna):
        ticket = request_of(anna)
        Outgoing.objects.create(
            key="desk:reply:1",
            about=f"ticket:{ticket.pk}",
            recipient=ANNA,
            subject="x",
            text="x",
            message_id="<old-key@desk.example>",
            created_at=timezone.now(),
        )
        assert ticket_of(take(box, letter(sender=ANNA, reply_to_ids="<old-key@desk.example>"))) == ticket

    @pytest.mark.parametrize(("sender", "joins"), [(ANNA, True), ("colleague@voda.example", True), (OTHER, False)])
    def test_an_answer_to_ones_own_letter(self, box, anna, sender, joins):
        anna.customer.domains = ["voda.example"]
        anna.customer.save()
        first = take(box, letter(sender=ANNA, message_id="<first@voda.example>"))
        again = take(box, letter("Забыла файл", sender=sender, subject="Re: тема", reply_to_ids="<first@voda.example>"))
        assert (ticket_of(again) == ticket_of(first)) is joins

    def test_unknown_ids_join_nothing(self, box, anna):
        ticket = request_of(anna)
        assert ticket_of(take(box, letter(sender=ANNA, reply_to_ids="<unknown@x.example>"))) != ticket

    @pytest.mark.parametrize(("sender", "joins"), [(ANNA, True), ("colleague@voda.example", True), (OTHER, False)])
    def test_a_number_in_the_subject_only_from_the_customer(self, box, anna, sender, joins):
        anna.customer.domains = ["voda.example"]
        anna.customer.save()
        ticket = request_of(anna)
        found = ticket_of(take(box, letter(sender=sender, subject=f"Re: [#{ticket.pk}] Показания")))
        assert (found == ticket) is joins
        if not joins:
            assert found.context == {"suggested": ticket.pk}
            assert found.subject == "Показания"

    @pytest.mark.parametrize("number", [0, 999_999_999, 999_999_999_999_999_999])
    def test_a_number_of_no_request(self, box, anna, number):
        assert ticket_of(take(box, letter(sender=ANNA, subject=f"[#{number}] тема"))).subject


class TestClosed:
    @pytest.fixture
    def closed(self, anna) -> Ticket:
        ticket = request_of(anna)
        return closing.close(
            ticket.pk, resolution=Resolution.SOLVED, text="Так", by=SpecialistFactory(), at=timezone.now()
        )

    def test_a_reply_reopens(self, box, closed):
        take(box, letter(sender=ANNA, reply_to_ids=token_of(closed)))
        closed.refresh_from_db()
        assert closed.status == "in_progress"

    def test_an_unproven_reply_opens_a_linked_request(self, box, closed):
        raw = letter(
            sender=ANNA,
            reply_to_ids=token_of(closed),
            headers={"Authentication-Results": VERDICT.format("fail", "softfail")},
        )
        fresh = ticket_of(take(box, raw))
        closed.refresh_from_db()
        assert (closed.status, fresh.follows) == ("done", closed)

    @pytest.mark.parametrize("verdict", ["pass", "none"])
    def test_a_verdict_that_does_not_fail_lets_reopen(self, box, closed, verdict):
        results = {"Authentication-Results": VERDICT.format(verdict, verdict)}
        take(box, letter(sender=ANNA, reply_to_ids=token_of(closed), headers=results))
        closed.refresh_from_db()
        assert closed.status == "in_progress"

    def test_an_absence_notice_does_not_reopen(self, box, closed):
        raw = letter(sender=ANNA, reply_to_ids=token_of(closed), headers={"Auto-Submitted": "auto-replied"})
        row = take(box, raw)
        closed.refresh_from_db()
        assert (closed.status, row.state, ticket_of(row)) == ("done", InboundState.STORED, closed)


class TestRobots:
    def test_an_absence_notice_is_no_answer(self, box, anna):
        ticket = request_of(anna)
        raw = letter("В отпуске", sender=ANNA, subject=f"Автоответ: [#{ticket.pk}] тема")
        row = take(box, raw)
        ticket.refresh_from_db()
        assert (ticket_of(row), ticket.answered_at) == (ticket, None)
        assert not ticket.events.filter(kind=EventKind.ANSWERED).exists()
        assert Message.objects.get(inbound=row).verdict["automatic"] is True

    @pytest.mark.parametrize(
        "headers",
        [
            {"Auto-Submitted": "auto-generated"},
            {"Precedence": "bulk"},
            {"List-Id": "<all.voda.example>"},
            {"X-Auto-Response-Suppress": "All"},
            {"X-Provodnik-Loop": "another-installation"},
        ],
    )
    def test_a_robot_is_kept_and_not_answered(self, box, anna, headers):
        row = take(box, letter(sender=ANNA, headers=headers))
        assert (row.state, row.may_answer) == (InboundState.STORED, False)
        assert ticket_of(row).contact == anna

    def test_the_null_sender_is_not_answered(self, box, anna):
        assert not take(box, letter(sender=ANNA), envelope_from="").may_answer

    def test_a_robot_that_repeats_itself_stays_in_one_request(self, box, anna):
        rows = [
            take(
                box, letter(f"Порог {i}", sender=ANNA, subject="Тревога", headers={"Auto-Submitted": "auto-generated"})
            )
            for i in range(4)
        ]
        assert {row.state for row in rows} == {InboundState.STORED}
        assert Ticket.objects.count() == 1
        assert Message.objects.count() == 4

    def test_a_persons_letters_are_never_put_together(self, box, anna):
        for i in range(3):
            take(box, letter(f"Ещё {i}", sender=ANNA, subject="Тревога"))
        assert Ticket.objects.count() == 3

    def test_our_own_letter_goes_no_further(self, box, anna):
        row = take(box, letter(sender=ANNA, headers={"X-Provodnik-Loop": outgoing.loop_id()}))
        assert row.state == InboundState.REJECTED and row.reason
        assert Ticket.objects.count() == 0

    def test_a_flood_is_kept_whole_and_answered_no_more(self, box, anna):
        administrator = AdministratorFactory.create()
        rows = [take(box, letter(str(i), sender=ANNA)) for i in range(23)]
        assert [row.may_answer for row in rows] == [True] * 20 + [False] * 3
        assert Ticket.objects.count() == 23
        assert Notice.objects.filter(user=administrator).count() == 1


def report(original: str = "", recipient: str = ANNA, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    about = f"Message-ID: {original}\r\nSubject: x\r\n" if original else "Subject: x\r\n"
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: support@desk.example\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: <report-{status}-{action}@mx.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\n{about}\r\nbody\r\n--b--\r\n"
    ).encode()


class TestReports:
    @pytest.fixture
    def closed(self, anna) -> Ticket:
        ticket = request_of(anna)
        closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Так", by=SpecialistFactory(), at=timezone.now())
        Ticket.objects.filter(pk=ticket.pk).update(undelivered=False)
        return ticket

    @pytest.fixture
    def notice(self, closed) -> Outgoing:
        event = closed.events.get(kind=EventKind.CLOSED)
        return Outgoing.objects.create(
            key=f"desk:closed:{event.pk}",
            about=f"ticket:{closed.pk}",
            recipient=ANNA,
            subject="x",
            text="x",
            message_id="<pv.x@desk.example>",
            state=OutgoingState.SENT,
            sent_at=timezone.now(),
            created_at=timezone.now(),
        )

    @pytest.mark.parametrize("original", ["<pv.x@desk.example>", ""])
    def test_a_returned_notice_is_a_duty_again(self, box, closed, notice, original):
        row = take(box, report(original), envelope_from="")
        closed.refresh_from_db()
        notice.refresh_from_db()
        assert (row.state, notice.state, closed.undelivered) == (InboundState.STORED, OutgoingState.DEAD, True)
        event = closed.events.get(kind=EventKind.UNDELIVERED)
        assert "550" in event.data["error"]
        assert Ticket.objects.count() == 1

    def test_a_delay_is_told_and_changes_nothing(self, box, closed, notice):
        take(box, report("<pv.x@desk.example>", action="delayed", status="4.4.1"), envelope_from="")
        closed.refresh_from_db()
        notice.refresh_from_db()
        assert (notice.state, closed.undelivered) == (OutgoingState.SENT, False)
        assert closed.events.get(kind=EventKind.UNDELIVERED).data["permanent"] is False

    def test_a_report_of_an_undone_closing_is_no_duty(self, box, closed, notice, anna):
        take(box, letter(sender=ANNA, reply_to_ids=token_of(closed)))
        take(box, report("<pv.x@desk.example>"), envelope_from="")
        closed.refresh_from_db()
        assert (closed.status, closed.undelivered) == ("in_progress", False)

    def test_a_report_about_nothing_of_ours_is_kept_and_rejected(self, box, anna):
        row = take(box, report("<not-ours@x.example>"), envelope_from="")
        assert (row.state, Ticket.objects.count()) == (InboundState.REJECTED, 0)
        assert row.reason and row.raw.size > 0


class TestWords:
    @pytest.mark.parametrize(
        ("told", "kept"),
        [
            ("Re: Показания", "Показания"),
            ("Отв: RE[2]: Fwd: Показания", "Показания"),
            ("[#12] Показания", "Показания"),
            ("Re: [#12] Отв: Показания", "Показания"),
            ("Регистрация", "Регистрация"),
            ("Ответственный: кто?", "Ответственный: кто?"),
        ],
    )
    def test_subjects(self, told, kept):
        assert intake.clean_subject(told) == kept

    def test_a_letter_without_words_is_still_a_request(self, box, anna):
        ticket = ticket_of(take(box, letter("", sender=ANNA, subject="")))
        assert ticket.subject and ticket.messages.get().text

    def test_files_come_along(self, box, anna):
        ticket = ticket_of(take(box, letter(sender=ANNA, files=(("журнал.log", b"x" * 100_000),))))
        (file,) = ticket.messages.get().attachments.all()
        assert (file.name, file.blob.size) == ("журнал.log", 100_000)

    def test_what_was_quoted_is_kept_apart(self, box, anna):
        text = "Спасибо!\n\nср, 30 апр. 2025 г. в 15:19, Поддержка <support@desk.example>:\n> Какая дата?\n"
        message = ticket_of(take(box, letter(text, sender=ANNA))).messages.get()
        assert message.text == "Спасибо!" and "Какая дата?" in message.quoted


def test_a_robot_of_a_known_domain_is_of_the_customer_and_no_contact(box):
    customer = CustomerFactory.create(domains=["voda.example"])
    row = take(box, letter(sender="Monitor <noreply@voda.example>", headers={"Auto-Submitted": "auto-generated"}))
    ticket = ticket_of(row)
    assert (ticket.customer, ticket.contact, ticket.contact_email) == (customer, None, "noreply@voda.example")
    assert not Contact.objects.filter(email="noreply@voda.example").exists()
    ticket_of(take(box, letter("Я человек", sender="Monitor <noreply@voda.example>")))
    assert Contact.objects.filter(email="noreply@voda.example", customer=customer).exists()


def test_a_letter_that_is_a_request_already_makes_no_second_one(box, anna):
    row = take(box, letter(sender=ANNA))
    Inbound.objects.filter(pk=row.pk).update(
        state=InboundState.RECEIVED, settled_at=None
    )  # as a half restore leaves it
    intake.accept(row.pk)
    assert Ticket.objects.count() == 1 and Inbound.objects.get().state == "stored"


def test_the_notices_of_a_group_are_asked_for_with_it_or_not_at_all(box, anna, monkeypatch):
    def asked():
        with connection.cursor() as cursor:
            cursor.execute("SELECT args->>'event_id' FROM procrastinate_jobs WHERE task_name = 'desk.tell' ORDER BY id")
            return [int(one) for (one,) in cursor.fetchall()]

    now = timezone.now()
    kept = [channel_intake.Incoming(letter(f"{i}", sender=ANNA), now) for i in range(3)]
    intake.accept_all(channel_intake.keep(box, kept, now=now))
    made = list(TicketEvent.objects.filter(kind=EventKind.REGISTERED).order_by("pk").values_list("pk", flat=True))
    assert len(made) == 3 and asked() == made


def test_each_letter_of_a_group_gets_the_contract_of_its_customer_and_its_day(box):
    today = timezone.localdate()
    customers = [CustomerFactory.create(domains=[f"{i}.example", "both.example"]) for i in range(2)]
    for one in customers:
        ContractFactory.create(customer=one, number="прежний", starts_on=today - timedelta(days=90),
                               ends_on=today - timedelta(days=3))  # fmt: skip
        ContractFactory.create(customer=one, number="нынешний", starts_on=today - timedelta(days=2), ends_on=None)
    now = timezone.now()
    cases = [("0.example", 0), ("1.example", 0), ("0.example", 5), ("both.example", 0), ("none.example", 0)]
    kept = [
        channel_intake.Incoming(letter(str(i), sender=f"a{i}@{domain}"), now - timedelta(days=days))
        for i, (domain, days) in enumerate(cases)
    ]
    intake.accept_all(channel_intake.keep(box, kept, now=now))
    found = [
        (one.customer, one.contract.number if one.contract else "")
        for one in Ticket.objects.select_related("customer", "contract").order_by("contact_email")
    ]
    first, second = customers
    assert found == [(first, "нынешний"), (second, "нынешний"), (first, "прежний"), (None, ""), (None, "")]

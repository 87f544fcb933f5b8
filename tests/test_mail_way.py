"""The whole way on real servers: a letter, a request, a confirmation, an answer, the closing notice (R9, R14)."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from provodnik.channels.models import Inbound, InboundState, Outgoing, OutgoingState
from provodnik.desk import schedule
from provodnik.desk.actions import closing, work
from provodnik.desk.models import EventKind, Ticket
from provodnik.desk.states import Resolution
from provodnik.desk.tests.factories import ContactFactory, SpecialistFactory
from tests.mail import letter, mailbox_on, run_jobs

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]


def kinds(ticket: Ticket) -> list[str]:
    return list(ticket.events.order_by("pk").values_list("kind", flat=True))


def test_a_letter_becomes_a_request_and_goes_the_whole_way(dovecot, mail_user, smtp_catcher):
    contact = ContactFactory.create(email="anna@voda.example", name="Петрова Анна")
    specialist = SpecialistFactory.create()
    box = mailbox_on(dovecot, mail_user, smtp_catcher)
    dovecot.append(mail_user, letter(message_id="<one@voda.example>"))

    schedule.fetch(box.pk)
    run_jobs()

    ticket = Ticket.objects.get()
    assert (ticket.contact, ticket.contact_email, ticket.subject) == (
        contact,
        "anna@voda.example",
        "Не сохраняются показания",
    )
    (confirmation,) = smtp_catcher.messages
    told = confirmation.letter
    assert confirmation.recipients == ("anna@voda.example",)
    assert (told["In-Reply-To"], told["Auto-Submitted"]) == ("<one@voda.example>", "auto-generated")
    assert f"[#{ticket.pk}]" in told["Subject"]
    text = told.get_body(("plain",)).get_content()
    assert f"№ {ticket.pk}" in text and ticket.get_priority_display() in text
    assert kinds(ticket) == [EventKind.REGISTERED, EventKind.CONFIRMED]
    assert "\\Seen" in next(iter(dovecot.flags(mail_user).values()))

    work.ask(ticket.pk, text="Какая дата?", by=specialist, at=timezone.now())
    run_jobs()
    question = smtp_catcher.messages[-1].letter
    assert question["Auto-Submitted"] is None
    dovecot.append(mail_user, letter("22 ноября\n", subject="Re: что-то", reply_to_ids=question["Message-ID"]))
    schedule.fetch(box.pk)
    run_jobs()
    ticket.refresh_from_db()
    assert Ticket.objects.count() == 1
    assert ticket.answered_at is not None and ticket.status == "clarification"

    work.note(ticket.pk, text="между нами", by=specialist, at=timezone.now(), key=uuid.uuid4())
    closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Исправлено в 4.2.1", by=specialist, at=timezone.now())
    ticket.refresh_from_db()
    assert ticket.undelivered
    run_jobs()
    ticket.refresh_from_db()
    assert not ticket.undelivered
    notice = smtp_catcher.messages[-1].letter
    text = notice.get_body(("plain",)).get_content()
    assert "Исправлено в 4.2.1" in text and ticket.get_resolution_display() in text
    assert all("между нами" not in caught.raw.decode("utf-8", "replace") for caught in smtp_catcher.messages)
    assert kinds(ticket)[-1] == EventKind.DELIVERED
    assert {row.state for row in Outgoing.objects.all()} == {OutgoingState.SENT}
    assert set(smtp_catcher.deliveries.values()) == {1}
    assert set(Inbound.objects.values_list("state", "flagged")) == {(InboundState.STORED, True)}

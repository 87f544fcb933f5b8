"""The connection is cut at every statement of every action: all of it happens or nothing, and asked for again with the
same key it happens once (safety F01, F02, F05; the real kills are in tests/kill)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from provodnik.channels import intake as ledger
from provodnik.channels.models import Channel, Inbound, Mailbox, Outgoing
from provodnik.core.models import Blob
from provodnik.desk import intake
from provodnik.desk.actions import closing, facts, incoming, work
from provodnik.desk.actions.base import NewFile
from provodnik.desk.actions.opening import NewTicket, open_ticket
from provodnik.desk.models import Attachment, Contact, Message, Ticket, TicketEvent, TicketSearch
from provodnik.desk.states import Priority, Resolution
from provodnik.desk.tests.factories import (
    HOUR,
    NOW,
    MailboxFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)
from provodnik.notify.models import Notice

pytestmark = pytest.mark.django_db
TABLES = (Ticket, Message, TicketEvent, Attachment, Blob, TicketSearch, Contact, Inbound, Outgoing, Notice)
FILES = [NewFile("снимок.png", "image/png", b"\x89PNG" * 100), NewFile("журнал.txt", "text/plain", b"x" * 70_000)]


def everything() -> list[Any]:
    """All that there is, row by row, and the jobs that wait."""
    found: list[Any] = [list(table.objects.order_by("pk").values()) for table in TABLES]
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args FROM procrastinate_jobs ORDER BY id")
        found.append(cursor.fetchall())
    return found


class Cut:
    """Loses the connection at statement `at` (the first is 1), and has none from then on: an intake that tries the
    letters of a failed group one by one finds it gone. Only the test's own taking back is let through."""

    def __init__(self, at: int) -> None:
        self.at, self.seen = at, 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.seen += 1
        if self.seen == self.at or (0 < self.at < self.seen and not sql.startswith(("ROLLBACK TO", "RELEASE"))):
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, params, many, context)


record: list[Callable[[str, object], None]] = []  # of the test that runs, for `make faults`


@pytest.fixture(autouse=True)
def counted(record_property: Callable[[str, object], None]) -> None:
    record[:] = [record_property]


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves nothing behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def statements(act: Callable[[], Any]) -> int:
    counter = Cut(0)
    with undone(), connection.execute_wrapper(counter):
        act()
    return counter.seen


def sweep(act: Callable[[], Any], once: Callable[[], int]) -> int:
    """Cut `act` at each of its statements in turn, then ask again twice; `once` counts its effects."""
    total = statements(act)
    before = everything()
    for at in range(1, total + 1):
        with undone():
            with pytest.raises(OperationalError), connection.execute_wrapper(Cut(at)), transaction.atomic():
                act()
            assert everything() == before, f"cut at statement {at} of {total}, something stayed"
            act()
            assert once() == 1, f"cut at statement {at} of {total}, then repeated"
            after = everything()
            act()
            assert everything() == after, f"cut at statement {at} of {total}: repeated, it did something more"
    assert everything() == before
    record[0]("faults", total)
    return total


def test_opening():
    contact, key = SignedInContactFactory.create(), uuid.uuid4()
    new = NewTicket(
        text="Не открывается", channel=Channel.PORTAL, customer=contact.customer, contact=contact, files=FILES
    )
    total = sweep(lambda: open_ticket(new, key=key, by=contact.user, at=NOW), lambda: Ticket.objects.count())
    assert total > 5


def said(kind: str) -> int:
    return Message.objects.filter(kind=kind).count()


@pytest.mark.parametrize(
    ("verb", "before"),
    [(verb, "clarification") for verb in ("reply", "ask", "close", "answer", "withdraw")]
    + [(verb, "created") for verb in ("reply", "note", "close")],
)
def test_what_is_said(verb, before):
    ticket, person, key = make_ticket(), SpecialistFactory.create(), uuid.uuid4()
    if before == "clarification":
        work.ask(ticket.pk, text="Что?", by=person, at=NOW + HOUR)
    number, at, requester = ticket.pk, NOW + 2 * HOUR, ticket.contact.user
    acts: dict[str, Callable[[], Any]] = {
        "reply": lambda: work.reply(number, text="Смотрим", by=person, at=at, key=key, files=FILES),
        "note": lambda: work.note(number, text="Смотрим", by=person, at=at, key=key, files=FILES),
        "ask": lambda: work.ask(number, text="Когда?", by=person, at=at, key=key, files=FILES),
        "close": lambda: closing.close(
            number, resolution=Resolution.SOLVED, text="Готово", by=person, at=at, key=key, files=FILES
        ),
        "answer": lambda: incoming.answer(number, text="Вот", by=requester, at=at, key=key, files=FILES),
        "withdraw": lambda: closing.withdraw(number, text="Не нужно", by=requester, at=at, key=key),
    }
    total = sweep(acts[verb], lambda: Message.objects.filter(key=key).count())
    assert total > 5


@pytest.mark.parametrize("days", [1, 30], ids=["reopens", "goes-on-in-a-new-request"])
def test_an_answer_to_a_closed_request(days):
    ticket, key = make_ticket(), uuid.uuid4()
    closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Готово", by=SpecialistFactory.create(), at=NOW)
    at = NOW + timedelta(days=days)
    sweep(
        lambda: incoming.answer(ticket.pk, text="Опять", by=ticket.contact.user, at=at, key=key, files=FILES),
        lambda: Message.objects.filter(text="Опять").count(),
    )


@pytest.mark.parametrize(
    "act",
    [
        lambda number, person: facts.change_priority(
            number, priority=Priority.URGENT, reason="Стоит у всех", by=person, at=NOW + HOUR
        ),
        lambda number, person: work.assign(number, to=person, by=person, at=NOW + HOUR),
        lambda number, person: facts.change_email(number, email="b@chv.example", by=person, at=NOW + HOUR),
    ],
    ids=["priority", "assign", "email"],
)
def test_facts(act):
    ticket, person = make_ticket(), SpecialistFactory.create()
    events = ticket.events.count()
    sweep(lambda: act(ticket.pk, person), lambda: ticket.events.count() - events)


LETTER = """\
From: Анна <anna@new.example>
To: support@desk.example
Subject: =?utf-8?b?0J3QtSDQv9C10YfQsNGC0LDQtdGC0YHRjw==?=
Message-ID: <one@new.example>
Date: Mon, 23 Nov 2026 09:12:00 +0300
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Не печатается ведомость.
--b
Content-Type: application/octet-stream; name=a.bin
Content-Disposition: attachment; filename=a.bin
Content-Transfer-Encoding: base64

QUJD
--b--
"""


def kept(mailbox: Mailbox, text: str) -> Inbound:
    return ledger.take_raw(mailbox, text.encode(), envelope_from="anna@new.example", now=timezone.now())


def test_a_letter_that_begins_a_request():
    row = kept(MailboxFactory.create(), LETTER)
    sweep(lambda: intake.accept(row.pk), lambda: Message.objects.filter(inbound=row).count())
    intake.accept(row.pk)
    row.refresh_from_db()
    assert (row.state, row.message.text) == ("stored", "Не печатается ведомость.")


def test_a_letter_that_answers():
    ticket = make_ticket()
    named = LETTER.replace("=?utf-8?b?", f"[#{ticket.pk}] =?utf-8?b?").replace("anna@new.example>\nTo", "X>\nTo")
    row = kept(MailboxFactory.create(), named.replace("X>", f"{ticket.contact_email}>"))
    sweep(lambda: intake.accept(row.pk), lambda: Message.objects.filter(inbound=row).count())
    intake.accept(row.pk)
    assert Message.objects.get(inbound=row).ticket_id == ticket.pk


def test_keeping_a_letter():
    mailbox = MailboxFactory.create()
    twice = [ledger.Incoming(LETTER.encode(), NOW, uid=uid, uidvalidity=1) for uid in (7, 8)]
    sweep(lambda: ledger.keep(mailbox, twice, now=NOW), lambda: Inbound.objects.filter(state="received").count())

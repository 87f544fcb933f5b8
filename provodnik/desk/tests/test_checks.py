"""Doctor's invariants of requests: each is broken on purpose, and found."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction

from provodnik.channels.models import Channel, Inbound, InboundState
from provodnik.core import files
from provodnik.core.models import Blob
from provodnik.core.parts import Finding
from provodnik.desk import calendars, checks
from provodnik.desk.actions import closing, incoming, work
from provodnik.desk.actions.base import NewFile
from provodnik.desk.models import Message, Ticket, TicketEvent, TicketSearch
from provodnik.desk.states import Resolution
from provodnik.desk.tests.factories import (
    HOUR,
    NOW,
    CalendarFactory,
    ContractFactory,
    MailboxFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)

pytestmark = pytest.mark.django_db
CHECKS = (checks.wholeness, checks.deadlines, checks.histories, checks.bytes_of_files)


@contextmanager
def unguarded() -> Iterator[None]:
    """As a hand in the database does it: without the triggers that refuse."""
    tables = ("desk_ticket", "desk_ticketevent", "desk_message")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # waiting checks keep a table from being altered
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def wrong() -> list[Finding]:
    return [finding for check in CHECKS for finding in check() if finding.level != "ok"]


@pytest.fixture
def walked() -> Ticket:
    """A request that went the whole way, beside one that is just there."""
    specialist = SpecialistFactory.create()
    make_ticket()
    ticket = make_ticket(files=[NewFile("снимок.png", "image/png", b"x" * (files.IN_ROW + 1))])
    number, user = ticket.pk, ticket.contact.user
    work.ask(number, text="Что?", by=specialist, at=NOW + HOUR)
    incoming.answer(number, text="То", by=user, at=NOW + 2 * HOUR, key=uuid.uuid4())
    work.take(number, by=specialist, at=NOW + 3 * HOUR)
    closing.close(number, resolution=Resolution.SOLVED, text="Вот", by=specialist, at=NOW + 4 * HOUR)
    incoming.answer(number, text="Нет", by=user, at=NOW + 5 * HOUR, key=uuid.uuid4())
    work.ask(number, text="Что?", by=specialist, at=NOW + 6 * HOUR)
    return Ticket.objects.get(pk=number)


def test_what_went_the_legal_way_is_whole(walked):
    assert wrong() == []
    assert all(finding.text for check in CHECKS for finding in check())


def _update(**values: object) -> Callable[[Ticket], object]:
    return lambda ticket: Ticket.objects.filter(pk=ticket.pk).update(**values)


def _events(ticket: Ticket, **which: object):
    return TicketEvent.objects.filter(ticket=ticket, **which)


BREAKS: dict[str, tuple[Callable[[Ticket], object], str]] = {
    "deadline a second off": (
        lambda ticket: _update(due_at=ticket.due_at + timedelta(seconds=1))(ticket),
        "Сохранённые сроки",
    ),
    "status without a move": (_update(status="in_progress", asked_at=None), "История не приводит"),
    "a move taken out": (
        lambda ticket: _events(ticket, kind="reopened")._raw_delete("default"),
        "История не приводит",
    ),
    "an illegal move": (
        lambda ticket: _events(ticket, kind="reopened").update(status_to="clarification"),
        "История не приводит",
    ),
    "a move before the registration": (
        lambda ticket: _events(ticket, kind="asked").update(at=NOW - HOUR),
        "История не приводит",
    ),
    "the first question moved": (
        lambda ticket: TicketEvent.objects.filter(pk=_events(ticket, kind="asked").earliest("pk").pk).update(
            at=NOW + 2 * HOUR
        ),
        "Сохранённые сроки",
    ),
    "asked at another moment": (_update(asked_at=NOW), "Моменты или место"),
    "a false place in the queue": (_update(queue_rank=0), "Моменты или место"),
    "a false moment in the queue": (_update(queue_at=NOW), "Моменты или место"),
    "no registration": (
        lambda ticket: _events(ticket, kind="registered")._raw_delete("default"),
        "без записи о регистрации",
    ),
    "registered twice": (
        lambda ticket: TicketEvent.objects.create(ticket=ticket, kind="registered", at=NOW),
        "дважды",
    ),
    "no words": (lambda ticket: TicketSearch.objects.filter(ticket=ticket).delete(), "поиск"),
    "no first message": (
        lambda ticket: Message.objects.filter(ticket=ticket, kind="request").update(kind="answer"),
        "без записи о регистрации",
    ),
    "another sum": (
        lambda ticket: Blob.objects.exclude(name="").update(sha256="0" * 64),
        "повреждены",
    ),
    "another size": (lambda ticket: Blob.objects.exclude(name="").update(size=1), "повреждены"),
    "bytes gone": (
        lambda ticket: [
            files._place(name).unlink() for name in Blob.objects.exclude(name="").values_list("name", flat=True)
        ],
        "повреждены",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_found_and_named(walked, name):
    spoil, words = BREAKS[name]
    with unguarded():
        spoil(walked)
    findings = wrong()
    told = [finding.text.replace("\xa0", " ") for finding in findings]
    assert any(words in text for text in told), told
    if "sum" not in name and "size" not in name and "bytes" not in name:
        assert any(f"№ {walked.pk}" in text for text in told), told


def test_a_letter_that_says_stored_and_is_nowhere(walked):
    Inbound.objects.create(
        channel=Channel.EMAIL,
        mailbox=MailboxFactory.create(),
        content_hash="0" * 64,
        raw=files.keep(b"x"),
        state=InboundState.STORED,
        received_at=NOW,
    )
    (finding,) = wrong()
    assert finding.text.startswith("Письма отмечены сохранёнными")


def test_mending_writes_what_is_right_and_nothing_else(walked):
    right = walked.due_at
    other = Ticket.objects.exclude(pk=walked.pk).get()
    place = other.due_at
    Ticket.objects.filter(pk=walked.pk).update(due_at=NOW)
    Ticket.objects.filter(pk=other.pk).update(due_at=NOW, queue_at=NOW)
    assert [finding.level for finding in checks.deadlines(mend=True)] == ["error"]
    assert wrong() == []
    walked.refresh_from_db()
    other.refresh_from_db()
    assert (walked.due_at, walked.queue_at) == (right, walked.asked_at)
    assert (other.due_at, other.queue_at) == (place, place)


def test_mending_does_not_undo_what_is_changed_meanwhile(walked, monkeypatch):
    """Between reading and writing somebody worked on the request, and computed its deadline himself."""
    Ticket.objects.filter(pk=walked.pk).update(due_at=NOW)
    real = checks.right_deadline

    def meanwhile(ticket, moves):
        due = real(ticket, moves)
        if ticket.pk == walked.pk:
            work.take(ticket.pk, by=SpecialistFactory.create(), at=NOW + 20 * HOUR)
        return due

    monkeypatch.setattr(checks, "right_deadline", meanwhile)
    list(checks.deadlines(mend=True))
    monkeypatch.setattr(checks, "right_deadline", real)
    assert wrong() == []


def test_more_requests_than_a_batch(monkeypatch):
    monkeypatch.setattr(checks, "BATCH", 2)
    tickets = [make_ticket() for _ in range(5)]
    Ticket.objects.filter(pk=tickets[4].pk).update(due_at=NOW)
    assert [f"№ {tickets[4].pk}" in finding.text.replace("\xa0", " ") for finding in wrong()] == [True, True]


class TestCalendarsThatAreEdited:
    def test_an_edit_that_is_rolled_back_leaves_nothing_behind(self):
        """A calendar compiled inside a transaction that failed must not be taken for the next edit's."""
        contract = ContractFactory.create(calendar=CalendarFactory.create())
        calendar = contract.calendar

        def edit(hours: list[list[str]]) -> None:
            calendar.week = {str(day): hours for day in range(7)}
            calendar.save()
            calendars.touch(calendar)
            contract.calendar.refresh_from_db()

        with transaction.atomic():
            edit([["01:00", "02:00"]])
            calendars.calendar_of(contract)
            transaction.set_rollback(True)
        calendar.refresh_from_db()
        edit([["09:00", "18:00"]])
        ticket = make_ticket(contact=SignedInContactFactory.create(customer=contract.customer))
        assert ticket.due_at == NOW + timedelta(days=2, hours=6)

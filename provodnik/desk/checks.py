"""What must stay true of requests, whatever was killed and when (safety a.1: I1-I7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from provodnik.core import files
from provodnik.core.models import Blob
from provodnik.core.parts import Finding
from provodnik.desk.actions.base import order_of
from provodnik.desk.calendars import calendar_of
from provodnik.desk.models import Ticket, TicketEvent
from provodnik.desk.queries.facts import allowance_of
from provodnik.desk.states import INITIAL, Status, is_legal
from provodnik.desk.story import Move, stored_due_at

BATCH = 500  # tickets looked at together: memory stays flat however many there are
MOST_NAMED = 10  # numbers named in one finding


def _batches() -> Iterator[list[Ticket]]:
    """All tickets, in batches by number."""
    last = 0
    while True:
        tickets = list(Ticket.objects.select_related("contract__calendar").filter(pk__gt=last).order_by("pk")[:BATCH])
        if not tickets:
            return
        last = tickets[-1].pk
        yield tickets


def _judged(tickets: Sequence[Ticket]) -> dict[int, datetime]:
    """By which deadline each closed ticket of these was judged: it stands in the event of its closing."""
    rows = (
        TicketEvent.objects.filter(ticket__in=[ticket for ticket in tickets if not ticket.is_open])
        .filter(status_to=Status.DONE.value, data__has_key="due")
        .order_by("ticket_id", "at", "id")
        .values_list("ticket_id", "data__due")
    )
    return {number: datetime.fromisoformat(due) for number, due in rows}


def _moves(tickets: Sequence[Ticket]) -> dict[int, list[tuple[datetime, str, str]]]:
    """(at, from, to) of every move of these tickets, in order."""
    found: dict[int, list[tuple[datetime, str, str]]] = defaultdict(list)
    rows = (
        TicketEvent.objects.filter(ticket__in=tickets)
        .exclude(status_to="")
        .order_by("ticket_id", "at", "id")
        .values_list("ticket_id", "at", "status_from", "status_to")
    )
    for number, at, old, new in rows:
        found[number].append((at, old, new))
    return found


def _told(numbers: Sequence[int], sentence: str, good: str) -> Finding:
    if not numbers:
        return Finding("ok", good)
    named = ", ".join(f"№\u00a0{number}" for number in numbers[:MOST_NAMED])
    more = "…" if len(numbers) > MOST_NAMED else ""
    return Finding("error", f"{sentence}: {len(numbers)} ({named}{more})")


def right_deadline(ticket: Ticket, moves: Iterable[tuple[datetime, str, str]]) -> datetime:
    """The deadline that the history gives (I3)."""
    return stored_due_at(
        registered=ticket.registered_at,
        moves=[Move(at, Status(new)) for at, _old, new in moves],
        allowance=allowance_of(ticket),
        calendar=calendar_of(ticket.contract),
    )


def deadlines(*, mend: bool = False) -> Iterator[Finding]:
    """The stored deadline is a cache: rebuild it from the history and compare. `mend` writes what is right."""
    wrong = []
    for tickets in _batches():
        moves, judged = _moves(tickets), _judged(tickets)
        for ticket in tickets:
            due = judged.get(ticket.pk) or right_deadline(ticket, moves[ticket.pk])
            if due != ticket.due_at:
                wrong.append(ticket.pk)
                if mend:
                    rank = {"queue_at": due} if ticket.queue_rank == 1 else {}
                    # what somebody changes meanwhile he has computed anew himself
                    Ticket.objects.filter(pk=ticket.pk, revision=ticket.revision).update(due_at=due, **rank)
    yield _told(wrong, _("Stored deadlines differ from the history"), _("Stored deadlines agree with the history."))


def histories() -> Iterator[Finding]:
    """Each status is what the chain of legal moves led to, and the columns that lists need follow from it."""
    broken, loose = [], []
    for tickets in _batches():
        moves = _moves(tickets)
        for ticket in tickets:
            if not _leads_to(ticket, moves[ticket.pk]):
                broken.append(ticket.pk)
            elif not _columns_follow(ticket, moves[ticket.pk]):
                loose.append(ticket.pk)
    yield _told(broken, _("The history does not lead to the status"), _("Every status follows from its history."))
    yield _told(
        loose,
        _("Moments or the place in the queue differ from the history"),
        _("Moments and places in the queue follow from the history."),
    )


def _leads_to(ticket: Ticket, moves: Iterable[tuple[datetime, str, str]]) -> bool:
    status, last = INITIAL.value, ticket.registered_at
    for at, old, new in moves:
        if old != status or not is_legal(old, new) or at < last:
            return False
        status, last = new, at
    return status == ticket.status


def _columns_follow(ticket: Ticket, moves: Sequence[tuple[datetime, str, str]]) -> bool:
    """Since when it is in Уточнение or closed, and where it stands in the queue."""
    since = moves[-1][0] if moves else ticket.registered_at
    asked = since if ticket.is_standing else None
    closed = None if ticket.is_open else since
    place = (ticket.queue_rank, ticket.queue_at)
    return (ticket.asked_at, ticket.closed_at) == (asked, closed) and place == order_of(ticket)


_QUESTIONS = (
    (
        "SELECT t.number FROM desk_ticket t WHERE NOT EXISTS (SELECT 1 FROM desk_ticketevent e"
        " WHERE e.ticket_id = t.number AND e.kind = 'registered') OR NOT EXISTS"
        " (SELECT 1 FROM desk_message m WHERE m.ticket_id = t.number AND m.kind = 'request')",
        "Requests without their registration or first message",
    ),
    (
        "SELECT e.ticket_id FROM desk_ticketevent e WHERE e.kind = 'registered' GROUP BY 1 HAVING count(*) > 1",
        "Requests registered twice",
    ),
    (
        "SELECT t.number FROM desk_ticket t WHERE NOT EXISTS (SELECT 1 FROM desk_ticketsearch s"
        " WHERE s.ticket_id = t.number)",
        "Requests that search does not know",
    ),
    (
        "SELECT m.ticket_id FROM desk_merge m JOIN desk_ticket t ON t.number = m.ticket_id"
        " WHERE t.status <> 'done' OR EXISTS (SELECT 1 FROM desk_merge n WHERE n.ticket_id = m.target_id)"
        " OR NOT EXISTS (SELECT 1 FROM desk_ticketevent e WHERE e.ticket_id = m.ticket_id AND e.kind = 'closed'"
        " AND e.data ? 'into') OR m.ticket_id NOT IN"
        " (SELECT (e.data->>'number')::bigint FROM desk_ticketevent e WHERE e.kind = 'merged')",
        "Merged requests that are open, or whose merge the history does not tell",
    ),
    (
        "SELECT e.ticket_id FROM desk_ticketevent e WHERE e.kind = 'closed' AND e.data ? 'into'"
        " AND NOT EXISTS (SELECT 1 FROM desk_merge m WHERE m.ticket_id = e.ticket_id)",
        "Requests whose history tells of a merge that is not there",
    ),
    (
        "SELECT i.id FROM channels_inbound i WHERE i.state = 'stored' AND NOT EXISTS"
        " (SELECT 1 FROM desk_message m WHERE m.inbound_id = i.id)"
        " AND NOT EXISTS (SELECT 1 FROM desk_ticketevent e WHERE e.data @> jsonb_build_object('inbound', i.id))",
        "Letters marked as stored that no request holds",
    ),
)


def wholeness() -> Iterator[Finding]:
    """Nothing is half there: a request has its registration, its text and its words; a stored letter its message."""
    sentences = {
        "Requests without their registration or first message": _(
            "Requests without their registration or first message"
        ),
        "Requests registered twice": _("Requests registered twice"),
        "Requests that search does not know": _("Requests that search does not know"),
        "Merged requests that are open, or whose merge the history does not tell": _(
            "Merged requests that are open, or whose merge the history does not tell"
        ),
        "Requests whose history tells of a merge that is not there": _(
            "Requests whose history tells of a merge that is not there"
        ),
        "Letters marked as stored that no request holds": _("Letters marked as stored that no request holds"),
    }
    for sql, sentence in _QUESTIONS:
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} LIMIT 1000")
            numbers = [row[0] for row in cursor.fetchall()]
        yield _told(numbers, sentences[sentence], f"{sentences[sentence]}: 0")


def bytes_of_files() -> Iterator[Finding]:
    """Every kept file has its bytes, and they are the ones that were sent."""
    wrong, last = [], 0
    while blobs := list(Blob.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = blobs[-1].pk
        wrong += files.damaged(blobs)
    yield _told(wrong, _("Kept files are damaged or missing"), _("Every kept file is whole."))

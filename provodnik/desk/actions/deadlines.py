"""A warning or a deadline was reached: written once, then told (the specialist, then the lead)."""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path

from django.db import transaction

from provodnik.desk import announce, zones
from provodnik.desk.actions.base import order_of, rebuild_deadline
from provodnik.desk.announce.facts import note
from provodnik.desk.calendars import touch
from provodnik.desk.models import Calendar, Contract, DeadlineNotice, EventKind, Ticket
from provodnik.desk.queries.deadlines import Reached

BATCH = 200  # requests recounted in one transaction

_EVENTS = {DeadlineNotice.Kind.SOON: EventKind.WARNED, DeadlineNotice.Kind.OVERDUE: EventKind.OVERDUE}


def notice(reached: Reached, *, now: datetime) -> bool:
    """Record that a moment was reached. False when that is known already: two workers and a restart tell once."""
    with transaction.atomic():
        _row, made = DeadlineNotice.objects.get_or_create(
            ticket_id=reached.number,
            kind=reached.kind,
            due_at=reached.due_at,
            defaults={"moment": reached.moment, "noticed_at": now},
        )
        if made:
            event = note(
                reached.number,
                _EVENTS[reached.kind],
                at=now,
                moment=reached.moment.isoformat(),
                due=reached.due_at.isoformat(),
            )
            announce.later(event)
        return made


def heed_zones(kept: Path) -> bool:
    """Have the deadlines by calendars recounted if this machine's rules of time zones are others than those that `kept`
    names (safety F42). What is closed was judged already, and past instants do not move. True when they are others."""
    told = zones.fingerprint(Calendar.objects.values_list("zone", flat=True))
    with contextlib.suppress(OSError):
        if kept.read_text(encoding="ascii") == told:
            return False
    touch()
    with contextlib.suppress(OSError):  # the next start recounts once more: it moves nothing then
        kept.write_text(told, encoding="ascii")
    return True


def recount(contract_id: int) -> int:
    """Compute the deadlines of a contract's open requests anew, after its terms or its calendar were edited. Closed
    ones keep the deadline they were judged by. Returns how many moved; repeated, it moves none."""
    Contract.objects.filter(pk=contract_id).update(recounted=True)  # first: an edit meanwhile asks for another round
    moved, last = 0, 0
    while True:
        with transaction.atomic():
            tickets = list(
                Ticket.objects.select_for_update(of=("self",))
                .select_related("contract__calendar")
                .filter(contract_id=contract_id, closed_at=None, pk__gt=last)
                .order_by("pk")[:BATCH]
            )
            moved += sum(_recounted(ticket) for ticket in tickets)
        if len(tickets) < BATCH:
            return moved
        last = tickets[-1].pk


def _recounted(ticket: Ticket) -> bool:
    before = ticket.due_at
    rebuild_deadline(ticket)
    if ticket.due_at == before:
        return False
    ticket.queue_rank, ticket.queue_at = order_of(ticket)
    ticket.save(update_fields=["due_at", "queue_rank", "queue_at"])
    return True

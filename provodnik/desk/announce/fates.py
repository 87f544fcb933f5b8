"""What became of the desk's letters, written into the history of their request, in the transaction of the mark."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from provodnik.channels.models import Outgoing, OutgoingState
from provodnik.desk import announce
from provodnik.desk.announce.facts import last_closing, note, set_duty
from provodnik.desk.models import EventKind, TicketEvent


def heard(row: Outgoing) -> None:
    """A letter about a request is sent or dead."""
    number, kind, event_id = _read(row)
    if number is None:
        return
    if row.state == OutgoingState.SENT:
        _sent(row, number, kind, event_id, row.sent_at or timezone.now())
    elif row.state == OutgoingState.DEAD:
        _dead(row, number, kind, event_id)


def _read(row: Outgoing) -> tuple[int | None, str, int]:
    """Request, kind of letter and event, from `about` and `key` (see announce.letters)."""
    number = row.about.removeprefix("ticket:")
    parts = row.key.split(":")
    if not number.isdecimal() or len(parts) < 3 or parts[0] != "desk" or not parts[2].isdecimal():
        return None, "", 0
    return int(number), parts[1], int(parts[2])


def _sent(row: Outgoing, number: int, kind: str, event_id: int, at: datetime) -> None:
    if kind == "registered":
        if not TicketEvent.objects.filter(ticket_id=number, kind=EventKind.CONFIRMED).exists():
            note(number, EventKind.CONFIRMED, at=at, channel="email", recipient=row.recipient)
    elif kind == "closed" and _is_in_force(number, event_id) and not _is_readdressed(row, event_id):
        set_duty(number, undelivered=False)
        note(number, EventKind.DELIVERED, at=at, channel="email", recipient=row.recipient, closing=event_id)


def _dead(row: Outgoing, number: int, kind: str, event_id: int) -> None:
    if kind == "closed" and _is_in_force(number, event_id) and not _went_elsewhere(row, event_id):
        set_duty(number, undelivered=True)
    event = note(
        number,
        EventKind.UNDELIVERED,
        at=timezone.now(),
        channel="email",
        recipient=row.recipient,
        letter=kind,
        error=row.error,
        permanent=True,
    )
    announce.later(event)


def _went_elsewhere(row: Outgoing, event_id: int) -> bool:
    """A younger letter about the same closing has left: what becomes of this one is past."""
    return _younger(row, event_id).filter(state=OutgoingState.SENT).exists()


def _is_readdressed(row: Outgoing, event_id: int) -> bool:
    """The notice is to arrive at another address than this letter went to (R14: the address in the request)."""
    return _younger(row, event_id).exclude(recipient=row.recipient).exists()


def _younger(row: Outgoing, event_id: int) -> QuerySet[Outgoing]:
    return Outgoing.objects.filter(about=row.about, key__startswith=f"desk:closed:{event_id}:", pk__gt=row.pk)


def _is_in_force(number: int, event_id: int) -> bool:
    """A letter about a closing that was undone since says nothing of the present one."""
    closing = last_closing(number)
    return closing is not None and closing.pk == event_id

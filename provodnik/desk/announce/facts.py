"""Facts that the carrying itself makes: sent, delivered, not delivered. They move no status and no clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Greatest

from provodnik.desk.models import EventKind, Ticket, TicketEvent

CLOSINGS = (EventKind.CLOSED, EventKind.WITHDRAWN)


def note(ticket_id: int, kind: EventKind, *, at: datetime, **data: Any) -> TicketEvent:
    """Write a fact of delivery. Unlike an action it locks nothing and leaves the revision: nobody's editing is
    disturbed by a letter that has arrived."""
    event = TicketEvent.objects.create(ticket_id=ticket_id, kind=kind, at=at, data=data)
    Ticket.objects.filter(pk=ticket_id).update(touched_at=Greatest(F("touched_at"), at))
    return event


def last_closing(ticket_id: int) -> TicketEvent | None:
    """The closing that is in force; None while the request is open."""
    if not Ticket.objects.filter(pk=ticket_id, closed_at__isnull=False).exists():
        return None
    return TicketEvent.objects.filter(ticket_id=ticket_id, kind__in=CLOSINGS).order_by("at", "pk").last()


def set_duty(ticket_id: int, *, undelivered: bool) -> None:
    """The duty of R14: the notice of closing has arrived, or has not."""
    Ticket.objects.filter(pk=ticket_id, closed_at__isnull=False).update(undelivered=undelivered)

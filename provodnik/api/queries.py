"""Reads that only the API makes; what may be seen is decided by the desk's policies."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from provodnik.desk.models import Attachment, Message, Ticket, TicketEvent

PAGE = 50
_NAMED = ("customer", "contact", "contract__calendar", "subsystem", "assignee")


def with_names(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """With all that a shape of a request names, in one statement."""
    return tickets.select_related(*_NAMED)


def messages(seen: QuerySet[Message], after: list[object] | None) -> tuple[list[Message], list[object] | None]:
    """A page of messages, the oldest first, and the place to go on from."""
    files = Attachment.objects.select_related("blob").defer("blob__content").order_by("name", "id")
    rows = seen.prefetch_related(Prefetch("attachments", files)).defer("html", "quoted", "verdict")
    if after is not None:
        at, pk = datetime.fromisoformat(str(after[0])), int(str(after[1]))
        rows = rows.filter(Q(at__gt=at) | Q(at=at, pk__gt=pk))
    found = list(rows.order_by("at", "id")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], [last.at.isoformat(), last.pk] if last is not None else None


def events(ticket: Ticket, after: int | None) -> tuple[list[TicketEvent], int | None]:
    """A page of the history, the oldest first, and the id to go on from."""
    rows = ticket.events.select_related("by").order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    found = list(rows[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None

"""Reads that only the API makes; what may be seen is decided by the desk's policies."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from provodnik.accounts.models import User
from provodnik.api.shapes.ties import TiesOf
from provodnik.desk import policies
from provodnik.desk.actions.linking import MOST_LINKS
from provodnik.desk.models import Attachment, Message, Ticket, TicketEvent, TicketFields, TicketLink
from provodnik.desk.queries.marks import definitions_of, tags_of

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


def ties(user: User, ticket: Ticket) -> TiesOf:
    """What a request of the desk is tied to and marked with; some seven statements, whatever there is of it."""
    links = TicketLink.objects.filter(Q(one=ticket) | Q(other=ticket)).select_related("one", "other").order_by("pk")
    kept = TicketFields.objects.filter(pk=ticket.pk).first()
    return TiesOf(
        ticket,
        user.pk,
        merged_into=policies.goes_on_in(ticket),
        merged=list(policies.visible_tickets(user).filter(merge__target=ticket).order_by("pk")[:MOST_LINKS]),
        links=list(links[: 2 * MOST_LINKS]),
        tags=tags_of(ticket),
        definitions=definitions_of(ticket.contract),
        values=kept.values if kept is not None else {},
        watchers=list(ticket.watchers.select_related("user", "contact").order_by("pk")),
    )

"""The desk's side: the queue, search, a request with its messages, history and clock, and every step on it."""

from __future__ import annotations

from typing import Annotated, Literal

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import BaseModel, Field

from provodnik.accounts.scopes import Scope
from provodnik.api import paging
from provodnik.api.paging import Page
from provodnik.api.queries import events, messages
from provodnik.api.revisions import tagged
from provodnik.api.routes.common import desk_only, reading
from provodnik.api.security import me
from provodnik.api.shapes import people
from provodnik.api.shapes import requests as shapes
from provodnik.api.shapes.fields import MOST, Cursor, Day, Number, Query
from provodnik.api.shapes.people import Person
from provodnik.api.shapes.requests import Clock, DeskRequest, EventOut, MessageOut, QueueRow
from provodnik.desk import event_words, looks, policies
from provodnik.desk.models import SavedView, Ticket
from provodnik.desk.queries import found, queue, ticket_page
from provodnik.desk.queries.facts import clock_story
from provodnik.desk.queries.filters import Filters
from provodnik.desk.queries.views import MOST_COUNTED, VIEWS, counters
from provodnik.desk.states import Priority, Status, TicketType

router = Router(tags=["desk"])
READ = Scope.DESK_READ
ViewKey = Literal[tuple(VIEWS)]  # type: ignore[valid-type]
OWN_FIELDS = r"^(\d{1,15}:[^|]{1,200}(\|\d{1,15}:[^|]{1,200}){0,4})?$"
Chosen = Annotated[int | None, Field(ge=1, le=MOST)]


class ViewOut(BaseModel):
    """A view of the queue. `count` counts up to 100; null where nothing is counted."""

    key: str
    label: str
    count: int | None


@reading(router, "/desk/views", Page[ViewOut], _("Views of the queue with their counters"), scope=READ)
def views(request: HttpRequest) -> Page[ViewOut]:
    desk_only(request)
    counts = counters(me(request), timezone.now())
    shown = [ViewOut(key=one.key, label=str(one.label), count=counts.get(one.key)) for one in VIEWS.values()]
    assert all(one.count is None or one.count <= MOST_COUNTED for one in shown)
    return Page[ViewOut](items=shown)


@reading(
    router,
    "/desk/requests",
    Page[QueueRow],
    _("The queue by a view and filters, in its own order"),
    scope=READ,
    more=_("Answered ones first, then by deadline; closed ones by when they were closed. 25 a page."),
)
def queue_of_desk(
    request: HttpRequest,
    view: ViewKey = "open",  # type: ignore[valid-type]
    status: Status | None = None,
    priority: Priority | None = None,
    type: TicketType | None = None,
    customer: Chosen = None,
    subsystem: Chosen = None,
    assignee: Annotated[str, Field(pattern=r"^(none|me|\d{1,15})?$", description=_("none, me or an id."))] = "",
    team: Annotated[str, Field(pattern=r"^(none|\d{1,15})?$", description=_("An id, or none."))] = "",
    waiting: Literal["us", "user"] | None = None,
    since: Day | None = None,
    until: Day | None = None,
    due: Literal["today", "tomorrow", "week"] | None = None,
    tags: Annotated[str, Field(pattern=r"^(\d{1,15}(,\d{1,15}){0,4})?$")] = "",
    fields: Annotated[str, Field(pattern=OWN_FIELDS)] = "",
    text: Query = "",
    saved: Chosen = None,
    cursor: Cursor = None,
) -> Page[QueueRow]:
    desk_only(request)
    asked = {
        "waiting": waiting or "",
        "since": since.isoformat() if since else "",
        "until": until.isoformat() if until else "",
        "due": due or "",
        "tags": tags,
        "status": status or "",
        "priority": priority or "",
        "type": type or "",
        "team": team,
        "customer": customer or "",
        "subsystem": subsystem or "",
        "assignee": assignee,
        "text": text,
    }
    given = {name: str(value) for name, value in asked.items() if value}
    given |= {f"field_{pk}": value for pk, _colon, value in (one.partition(":") for one in fields.split("|")) if pk}
    if saved is not None:
        kept = SavedView.objects.get(Q(owner=me(request)) | Q(owner=None), pk=saved).query
        given = {**kept, **given}
        view = view if "view" in request.GET or kept.get("view") not in VIEWS else kept["view"]
    page = queue.page(
        me(request),
        VIEWS[view],
        Filters.read(given),
        now=timezone.now(),
        after=paging.place(request, cursor) or "",
    )
    return Page[QueueRow](items=[shapes.queue_row(one) for one in page.rows], next=paging.make(request, page.after))


@reading(
    router,
    "/desk/search",
    Page[QueueRow],
    _("Search: a number, names, words of messages, notes and file names; the newest first"),
    scope=READ,
)
def search(request: HttpRequest, q: Annotated[Query, Field(min_length=1)], cursor: Cursor = None) -> Page[QueueRow]:
    desk_only(request)
    told = found.search(me(request), q, now=timezone.now(), before=paging.place(request, cursor))
    return Page[QueueRow](items=[shapes.queue_row(hit.row) for hit in told.hits], next=paging.make(request, told.older))


@reading(router, "/desk/people", Page[Person], _("Who works at the desk"), scope=READ)
def people_of_desk(request: HttpRequest) -> Page[Person]:
    desk_only(request)
    return Page[Person](items=[people.person(one) for one in ticket_page.colleagues()])


def ticket_of(request: HttpRequest, number: int) -> Ticket:
    """The request for the desk. Raises Ticket.DoesNotExist, Http404."""
    desk_only(request)
    ticket = ticket_page.ticket_for(me(request), number)
    looks.at_ticket(request, ticket)  # what is read by a program is read all the same
    return ticket


def shown(request: HttpRequest, number: int) -> DeskRequest:
    """The request as it is now, with its ETag beside it."""
    ticket = ticket_of(request, number)
    shape = shapes.desk_request(ticket)
    tagged(request, ticket.revision, shape)
    return shape


@reading(router, "/desk/requests/{number}", DeskRequest, _("One request"), scope=READ)
def request_of_desk(request: HttpRequest, number: Number) -> DeskRequest:
    return shown(request, number)


@reading(
    router,
    "/desk/requests/{number}/messages",
    Page[MessageOut],
    _("Its messages and notes, the oldest first"),
    scope=READ,
)
def messages_of_desk(request: HttpRequest, number: Number, cursor: Cursor = None) -> Page[MessageOut]:
    ticket = ticket_of(request, number)
    seen, place = messages(policies.visible_messages(me(request), ticket), paging.place(request, cursor))
    return Page[MessageOut](items=[shapes.message(one) for one in seen], next=paging.make(request, place))


@reading(
    router,
    "/desk/requests/{number}/history",
    Page[EventOut],
    _("Its history in sentences, the oldest first"),
    scope=READ,
)
def history_of_desk(request: HttpRequest, number: Number, cursor: Cursor = None) -> Page[EventOut]:
    ticket, now = ticket_of(request, number), timezone.now()
    facts, place = events(ticket, paging.place(request, cursor))
    told = [shapes.event(one, event_words.words(one, me(request), now).text) for one in facts]
    return Page[EventOut](items=told, next=paging.make(request, place))


@reading(
    router,
    "/desk/requests/{number}/clock",
    Clock,
    _("Its clock: what counted, what did not and why"),
    scope=READ,
)
def clock_of_desk(request: HttpRequest, number: Number) -> Clock:
    ticket, now = ticket_of(request, number), timezone.now()
    facts = list(ticket.events.order_by("at", "id")[: ticket_page.MOST_MOVES])
    return shapes.clock(clock_story(ticket, facts, now=now), now)

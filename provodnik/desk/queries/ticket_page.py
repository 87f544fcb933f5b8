"""All that the page of one request shows, in a number of queries that does not depend on how long its history is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat, JSONObject
from django.utils.dateparse import parse_datetime

from provodnik.accounts.models import User
from provodnik.channels.models import Outgoing, OutgoingState
from provodnik.core import prepared
from provodnik.desk import clock_words
from provodnik.desk.models import Attachment, EventKind, Merge, Message, Ticket, TicketEvent
from provodnik.desk.policies import visible_messages, visible_tickets
from provodnik.desk.queries.facts import clock_story
from provodnik.desk.queries.views import NOBODY, somebody
from provodnik.desk.story import ClockStory

ITEMS = 50  # messages and events of one screen
SIMILAR = 5
MOST_DEAD = 5  # letters that were given up
MOST_MOVES = 2000  # facts that the story of the clock reads
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
HAS_LETTER = ExpressionWrapper(~Q(html=""), output_field=BooleanField())
_CURSOR = re.compile(r"(\d{1,17})\.([01])\.(\d{1,18})")

# Facts that a message beside them already shows.
SPOKEN = (EventKind.REPLIED, EventKind.NOTED, EventKind.ASKED, EventKind.ANSWERED)
# Facts that somebody who writes at this moment must know of.
WEIGHTY = (
    EventKind.TAKEN,
    EventKind.ASKED,
    EventKind.ANSWERED,
    EventKind.REPLIED,
    EventKind.NOTED,
    EventKind.CLOSED,
    EventKind.WITHDRAWN,
    EventKind.REOPENED,
    EventKind.PRIORITY,
    EventKind.TYPE,
    EventKind.ASSIGNED,
    EventKind.CUSTOMER,
    EventKind.EMAIL,
    EventKind.TOLD_OTHERWISE,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in the stream: a message with its files, or an event."""

    at: datetime
    rank: int
    id: int
    message: Message | None = None
    event: TicketEvent | None = None
    files: Sequence[Attachment] = ()

    @property
    def cursor(self) -> str:
        return f"{(self.at - _EPOCH) // _MICROSECOND}.{self.rank}.{self.id}"


@dataclass(frozen=True, slots=True)
class Stream:
    """The last ITEMS of the conversation before a cursor, oldest first. `earlier`: the cursor of what is above."""

    items: list[Item]
    earlier: str
    is_newest: bool


@dataclass(frozen=True)
class TicketPage:
    ticket: Ticket
    stream: Stream
    story: ClockStory
    similar: list[Ticket]
    undelivered: list[Outgoing]
    last_event: int
    now: datetime
    follows: Ticket | None = None
    followers: list[Ticket] = field(default_factory=list)

    @cached_property
    def clock(self) -> clock_words.ClockCard:
        ticket = self.ticket
        return clock_words.card(
            self.story, registered=ticket.registered_at, now=self.now, desk=True, complaint=ticket.is_complaint
        )


RELATED = ("customer", "contact", "contract", "contract__calendar", "subsystem", "assignee", "follows", "merge", "team")
_EXTRA = ("last_event", "absorbed_numbers", "dead_letters")
_NUMBER, _CONTACT, _MESSAGE = -2, -3, -4  # stand for those of a request in statements that are written once


def ticket_for(user: User, number: int) -> Ticket:
    """The request with what its page names, for the desk. Raises Ticket.DoesNotExist, also for what the asker may not
    see."""
    if not (user.is_active and user.is_desk):
        raise Ticket.DoesNotExist
    found = _whole(lead=user.is_lead).first({"user": user.pk, "number": number})
    if found is None:
        raise Ticket.DoesNotExist
    return found


@cache
def _whole(*, lead: bool) -> prepared.Reading[Ticket]:
    last = TicketEvent.objects.filter(ticket=OuterRef("pk")).order_by("-at", "-id").values("pk")[:1]
    merged = Merge.objects.filter(target=OuterRef("pk")).order_by("pk").values("pk")
    chosen = visible_tickets(somebody(lead=lead)).filter(pk=_NUMBER)
    told = chosen.annotate(
        last_event=Subquery(last),
        absorbed_numbers=ArraySubquery(merged),
        dead_letters=ArraySubquery(_dead_letters()),
    )
    return prepared.reading(told, {NOBODY: "user", _NUMBER: "number"}, RELATED, extra=_EXTRA)


def _dead_letters() -> QuerySet[Outgoing, Any]:
    """The newest letters about the outer request that were given up."""
    about = Concat(Value("ticket:"), Cast(OuterRef("pk"), TextField()))
    found = Outgoing.objects.filter(about=about, state=OutgoingState.DEAD).order_by("-created_at")
    fields = {name: name for name in ("id", "key", "recipient", "error", "created_at")}
    return found.values(letter=JSONObject(**fields))[:MOST_DEAD]


def _undelivered(ticket: Ticket) -> list[Outgoing]:
    """From what came with the request; one that came without it is asked for them."""
    known: list[dict[str, Any]] | None = getattr(ticket, "dead_letters", None)
    if known is None:
        known = (
            Ticket.objects.annotate(dead=ArraySubquery(_dead_letters()))
            .values_list("dead", flat=True)
            .get(pk=ticket.pk)
        )
    return [Outgoing(**{**one, "created_at": parse_datetime(one["created_at"])}) for one in known]


def page(user: User, ticket: Ticket, *, now: datetime, before: str = "") -> TicketPage:
    story_events = _moves().all({"number": ticket.pk})
    related = _related(user, ticket)
    return TicketPage(
        ticket=ticket,
        stream=stream(user, ticket, before=before),
        story=clock_story(ticket, story_events, now=now),
        similar=[one for one in related if one.follows_id != ticket.pk][:SIMILAR],
        followers=[one for one in related if one.follows_id == ticket.pk],
        follows=ticket.follows,
        undelivered=_undelivered(ticket),
        last_event=getattr(ticket, "last_event", None) or last_event(ticket),
        now=now,
    )


@cache
def _moves() -> prepared.Reading[TicketEvent]:
    """Facts that the story of the clock reads."""
    moves = TicketEvent.objects.filter(ticket_id=_NUMBER)
    told = moves.filter(~Q(status_to="") | Q(kind__in=[EventKind.ANSWERED.value, EventKind.PRIORITY.value]))
    return prepared.reading(told.order_by("at", "id")[:MOST_MOVES], {_NUMBER: "number"})


def last_event(ticket: Ticket) -> int:
    """The id of the last fact: a page remembers it to notice what others did since."""
    found = ticket.events.order_by("-at", "-id").values_list("pk", flat=True).first()
    return found or 0


def since(ticket_id: int, event_id: int, *, but: User | None = None) -> list[TicketEvent]:
    """Weighty facts of others after an event, oldest first: at most five."""
    events = TicketEvent.objects.select_related("by").filter(ticket_id=ticket_id, pk__gt=event_id, kind__in=WEIGHTY)
    if but is not None:
        events = events.exclude(by=but)
    return list(events.order_by("pk")[:5])


def _related(user: User, ticket: Ticket) -> list[Ticket]:
    """What continues this request, and the contact's other requests, newest first."""
    values = {"user": user.pk, "number": ticket.pk, "contact": ticket.contact_id}
    rows = _neighbours(lead=user.is_lead, known=ticket.contact_id is not None).fetch(values)
    found = [Ticket.from_db("default", _SHORT, row) for row in rows]
    return sorted((one for one in found if one.pk != ticket.follows_id), key=lambda one: -one.pk)


_SHORT = tuple(
    field.attname
    for field in Ticket._meta.concrete_fields
    if field.attname in {"number", "subject", "status", "follows_id", "registered_at"}
)


@cache
def _neighbours(*, lead: bool, known: bool) -> prepared.Statement:
    """`known`: whether the request has a contact, who may have others."""
    visible = visible_tickets(somebody(lead=lead)).exclude(pk=_NUMBER).order_by("-number")
    found = visible.filter(follows_id=_NUMBER).values_list(*_SHORT)[:SIMILAR]
    if known:
        # a union and not an OR: PostgreSQL answers the OR of two lists by reading every request there is
        found = found.union(visible.filter(contact_id=_CONTACT).values_list(*_SHORT)[: SIMILAR + 1])
    return prepared.written(found, {NOBODY: "user", _NUMBER: "number", _CONTACT: "contact"})


def stream(user: User, ticket: Ticket, *, before: str = "") -> Stream:
    """Messages and events in one line, newest last; bounded, by keyset."""
    place = _CURSOR.fullmatch(before)
    absorbed = absorbed_by(ticket)
    if place is None and not absorbed and user.is_desk:
        said, done = _newest()
        messages, events = said.all({"number": ticket.pk}), done.all({"number": ticket.pk})
    else:
        seen = visible_messages(user, ticket, absorbed)
        told = seen.select_related("author").annotate(has_letter=HAS_LETTER).defer("html")
        messages = list(_before(told, place, 0))
        events = list(_before(ticket.events.select_related("by").exclude(kind__in=SPOKEN), place, 1))
    found = [Item(one.at, 0, one.pk, message=one) for one in messages]
    found += [Item(one.at, 1, one.pk, event=one) for one in events]
    found.sort(key=lambda item: (item.at, item.rank, item.id))
    shown = found[-ITEMS:]
    files = _files(item.id for item in shown if item.message is not None)
    items = [
        Item(one.at, one.rank, one.id, one.message, one.event, files.get(one.id, ())) if one.message else one
        for one in shown
    ]
    return Stream(items, shown[0].cursor if len(found) > ITEMS else "", place is None)


@cache
def _newest() -> tuple[prepared.Reading[Message], prepared.Reading[TicketEvent]]:
    """What is asked for nearly always: the newest of a request without merged ones, as the desk sees it."""
    said = Message.objects.filter(ticket_id=_NUMBER).annotate(has_letter=HAS_LETTER)
    done = TicketEvent.objects.filter(ticket_id=_NUMBER).exclude(kind__in=[kind.value for kind in SPOKEN])
    names = {_NUMBER: "number"}
    return (
        prepared.reading(_before(said, None, 0), names, ["author"], extra=["has_letter"], without=["html"]),
        prepared.reading(_before(done, None, 1), names, ["by"]),
    )


def absorbed_by(ticket: Ticket) -> list[int]:
    """Numbers of the requests that go on in this one."""
    known: list[int] | None = getattr(ticket, "absorbed_numbers", None)
    return known if known is not None else list(ticket.absorbed.order_by("pk").values_list("pk", flat=True))


def _before(rows: QuerySet, place: re.Match[str] | None, rank: int) -> QuerySet:  # type: ignore[type-arg]
    rows = rows.order_by("-at", "-id")
    if place is not None:
        at = _EPOCH + int(place[1]) * _MICROSECOND
        border = int(place[2])
        if rank < border:
            rows = rows.filter(at__lte=at)
        elif rank > border:
            rows = rows.filter(at__lt=at)
        else:
            rows = rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=int(place[3])))
    return rows[: ITEMS + 1]


def _files(messages: Iterable[int]) -> dict[int, list[Attachment]]:
    files: dict[int, list[Attachment]] = {}
    for one in _attached().all({"messages": list(messages)}):
        files.setdefault(one.message_id, []).append(one)
    return files


@cache
def _attached() -> prepared.Reading[Attachment]:
    found = Attachment.objects.filter(message_id__in=[_MESSAGE]).order_by("message_id", "name", "id")
    one = prepared.reading(found, {_MESSAGE: "messages"}, ["blob"], without=["blob__content"])
    return replace(one, statement=replace(one.statement, sql=one.statement.sql.replace("IN (%s)", "= ANY(%s)")))


def colleagues() -> list[User]:
    """Everybody of the desk, by name: to whom a request can be given."""
    from_desk = User.objects.filter(is_active=True, roles__overlap=["specialist", "lead"])
    return list(from_desk.order_by("full_name").only("pk", "full_name", "login", "roles", "is_active"))

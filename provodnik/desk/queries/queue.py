"""The queue: a page of rows by keyset, whatever the view and the filters. No message bodies, no counting of matches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.db.models import BooleanField, F, Func, QuerySet, Value

from provodnik.accounts.models import User
from provodnik.core import prepared
from provodnik.desk import clock
from provodnik.desk.calendars import clock_by_id
from provodnik.desk.models import Ticket
from provodnik.desk.queries.filters import Filters
from provodnik.desk.queries.views import (
    DEFAULT_VIEW,
    NO_TIME,
    NOBODY,
    SOON,
    STAND_INS,
    VIEWS,
    View,
    filled,
    somebody,
    tickets_of,
)
from provodnik.desk.states import Status

PAGE = 25
EARLY = timedelta(hours=4)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CURSOR = re.compile(r"(\d)\.(\d{1,17})\.(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Row:
    """A request as the list shows it. `left`: open time to the deadline, negative when it has passed; None while the
    clock stands or the request is closed. `tone`: the colour of what is left."""

    number: int
    subject: str
    priority: str
    status: str
    resolution: str
    customer: str
    requester: str
    assignee_id: int | None
    assignee: str
    answered_at: datetime | None
    due_at: datetime
    closed_at: datetime | None
    undelivered: bool
    left: timedelta | None
    tone: str
    round_the_clock: bool
    cursor: str

    @property
    def standing(self) -> bool:
        return self.status == Status.CLARIFICATION.value


# Shown where a resolution stands: a merged request has «Решена» for the regulation alone (docs/adr/0014).
MERGED = "merged"
_COLUMNS = (
    "number",
    "subject",
    "priority",
    "status",
    "resolution",
    "customer__short_name",
    "customer__name",
    "requester_name",
    "assignee_id",
    "assignee__full_name",
    "answered_at",
    "due_at",
    "closed_at",
    "undelivered",
    "queue_rank",
    "queue_at",
    "contract__calendar_id",
    "contract__calendar__revision",
    "merge__target_id",
)


def row_of(values: tuple[Any, ...], now: datetime) -> Row:
    (number, subject, priority, status, resolution, short, name, requester, assignee_id, assignee) = values[:10]
    (answered_at, due_at, closed_at, undelivered, rank, queue_at, calendar_id, revision, merged) = values[10:]
    running = status in (Status.CREATED.value, Status.IN_PROGRESS.value)
    left = None
    if running:
        calendar = clock_by_id(calendar_id, revision)
        late = due_at < now
        span = clock.spent(due_at, now, (), calendar) if late else clock.spent(now, due_at, (), calendar)
        left = -span if late else span
    return Row(
        number=number,
        subject=subject,
        priority=priority,
        status=status,
        resolution=resolution if merged is None else MERGED,
        customer=short or name or "",
        requester=requester,
        assignee_id=assignee_id,
        assignee=assignee or "",
        answered_at=answered_at,
        due_at=due_at,
        closed_at=closed_at,
        undelivered=undelivered,
        left=left,
        tone=_tone(left, due_at, now),
        round_the_clock=calendar_id is None,
        cursor=f"{rank}.{(queue_at - _EPOCH) // _MICROSECOND}.{number}",
    )


def _tone(left: timedelta | None, due_at: datetime, now: datetime) -> str:
    if left is None:
        return ""
    if due_at < now or left < SOON:
        return "error"
    return "warning" if left < EARLY else ""


def rows(tickets: QuerySet[Ticket], now: datetime) -> list[Row]:
    return [row_of(values, now) for values in tickets.values_list(*_COLUMNS)]


@cache
def _numbered() -> prepared.Statement:
    chosen = Ticket.objects.filter(pk__in=[NOBODY]).order_by("-number").values_list(*_COLUMNS)
    one = prepared.written(chosen, {NOBODY: "numbers"})
    return replace(one, sql=one.sql.replace("IN (%s)", "= ANY(%s)"))


def numbered(numbers: Sequence[int], now: datetime) -> list[Row]:
    """Rows of requests that the asker is known to see, the newest first."""
    return [row_of(values, now) for values in _numbered().fetch({"numbers": list(numbers)})]


@cache
def _first_page(view_key: str, *, lead: bool) -> prepared.Statement:
    """The first page of a view without filters: the page that is asked for most by far. It is one text for all
    specialists and one for all leads."""
    nobody, view = somebody(lead=lead), VIEWS[view_key]
    keys = _ordered(tickets_of(view, nobody, NO_TIME), view, "").values("pk")[: PAGE + 1]
    return prepared.written(_ordered(Ticket.objects.filter(pk__in=keys), view, "").values_list(*_COLUMNS), STAND_INS)


class _Together(Func):
    """Columns compared as one (SQL row values): an index on them serves a page however deep it lies."""

    function = "ROW"
    output_field = BooleanField()


def _place(columns: tuple[str, ...], values: tuple[object, ...], sign: str) -> Func:
    there = _Together(*(F(column) for column in columns))
    here = _Together(*(Value(value) for value in values))
    return Func(there, here, template="%(expressions)s", arg_joiner=f" {sign} ", output_field=BooleanField())


def _ordered(tickets: QuerySet[Ticket], view: View, after: str) -> QuerySet[Ticket]:
    """The view's order, from after a cursor on. A cursor that is not one of ours counts as absent."""
    found = _CURSOR.fullmatch(after)
    if view.archive:
        tickets = tickets.order_by("-closed_at", "-number")
    else:
        tickets = tickets.order_by("queue_rank", "queue_at", "number")
    if found is None:
        return tickets
    rank, number = int(found[1]), int(found[3])
    try:
        at = _EPOCH + int(found[2]) * _MICROSECOND
    except OverflowError:
        return tickets
    if view.archive:
        return tickets.filter(_place(("closed_at", "number"), (at, number), "<"))
    return tickets.filter(_place(("queue_rank", "queue_at", "number"), (rank, at, number), ">"))


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a view. `after`: the cursor of the next one, "" when this is the last."""

    view: View
    filters: Filters
    rows: list[Row]
    after: str
    is_first: bool

    @property
    def query(self) -> str:
        """The address that keeps view and filters: `view=mine&priority=high`."""
        return urlencode({"view": self.view.key, **self.filters.as_query()})


def view_named(key: str) -> View:
    """The view by its key; an unknown key gives the first one."""
    return VIEWS.get(key, VIEWS[DEFAULT_VIEW])


def page(user: User, view: View, filters: Filters, *, now: datetime, after: str = "") -> Page:
    if user.is_desk and not filters and not after:
        found = [row_of(values, now) for values in _first_page(view.key, lead=user.is_lead).fetch(filled(user, now))]
    else:
        tickets = tickets_of(view, user, now).filter(filters.condition(user, now))
        # First the keys, by the index alone, then what is shown of them: joins of all that matches would grow with it.
        keys = list(_ordered(tickets, view, after).values_list("pk", flat=True)[: PAGE + 1])
        found = sorted(numbered(keys, now), key=lambda row: keys.index(row.number))
    more = found[PAGE - 1].cursor if len(found) > PAGE else ""
    return Page(view, filters, found[:PAGE], more, not after)


def next_after(user: User, view: View, filters: Filters, ticket: Ticket, *, now: datetime) -> int | None:
    """The number of the request that follows this one in the view, else the first one; None when there is no other."""
    others = tickets_of(view, user, now).filter(filters.condition(user, now)).exclude(pk=ticket.pk)
    at = (ticket.queue_at - _EPOCH) // _MICROSECOND
    following = _ordered(others, view, f"{ticket.queue_rank}.{at}.{ticket.pk}").values_list("number", flat=True).first()
    if following is not None:
        return following
    return _ordered(others, view, "").values_list("number", flat=True).first()


def matching(user: User, view: View, filters: Filters, numbers: Iterable[int], *, now: datetime) -> set[int]:
    """Which of these requests belong to the view now: for live lists."""
    tickets = tickets_of(view, user, now).filter(filters.condition(user, now), pk__in=list(numbers))
    return set(tickets.values_list("number", flat=True))

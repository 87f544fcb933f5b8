"""Which requests have reached their warning or their deadline, judged by instants, not by when somebody looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from provodnik.desk import clock
from provodnik.desk.calendars import calendar_of
from provodnik.desk.models import DeadlineNotice, Ticket
from provodnik.desk.queries.facts import allowance_of, moves_of
from provodnik.desk.states import Status
from provodnik.desk.story import stored_due_at

WARN_BEFORE = timedelta(hours=2)  # of requests without a contract; a contract says its own
RUNNING = [Status.CREATED.value, Status.IN_PROGRESS.value]
# Working calendars close for holidays: the warning may lie this long before the deadline.
LONGEST_CLOSED = timedelta(days=21)
# How long ago a breach that nobody has seen (no worker ran) is still told.
LOOK_BACK = timedelta(days=7)
BATCH = 200


@dataclass(frozen=True, slots=True)
class Reached:
    """`moment`: the instant that the rule names."""

    number: int
    kind: DeadlineNotice.Kind
    due_at: datetime
    moment: datetime


def _unnoticed(kind: DeadlineNotice.Kind) -> QuerySet[Ticket]:
    noticed = DeadlineNotice.objects.filter(ticket=OuterRef("pk"), kind=kind, due_at=OuterRef("due_at"))
    return Ticket.objects.filter(~Exists(noticed))


def overdue(now: datetime) -> list[Reached]:
    """Deadlines that have passed: of running clocks, and of those that stood still or ended only after it."""
    since = now - LOOK_BACK
    rows = _unnoticed(DeadlineNotice.Kind.OVERDUE)
    running = rows.filter(status__in=RUNNING, due_at__lte=now)
    standing = rows.filter(status=Status.CLARIFICATION.value, asked_at__gt=F("due_at"))
    closed = rows.filter(status=Status.DONE.value, closed_at__gte=since, closed_at__gt=F("due_at"))
    found = [
        Reached(number, DeadlineNotice.Kind.OVERDUE, due, due)
        for rows in (running, standing, closed)
        for number, due in rows.order_by("due_at").values_list("pk", "due_at")[:BATCH]
    ]
    return found[:BATCH]


def near(now: datetime) -> list[Reached]:
    """Running clocks that have reached the warning, not yet the deadline."""
    rows = _unnoticed(DeadlineNotice.Kind.SOON).select_related("contract__calendar")
    rows = rows.filter(status__in=RUNNING, due_at__gt=now).order_by("due_at")
    warned = ExpressionWrapper(
        F("due_at") - Coalesce(F("contract__warn_before"), Value(WARN_BEFORE)), output_field=DateTimeField()
    )
    # the bound by due_at is for the index: no warning lies farther before its deadline than the longest one
    clock_hours = rows.filter(Q(contract=None) | Q(contract__calendar=None), due_at__lte=now + LONGEST_CLOSED)
    by_clock = clock_hours.annotate(warned=warned).filter(warned__lte=now)[:BATCH]
    by_calendar = rows.filter(contract__calendar__isnull=False, due_at__lte=now + LONGEST_CLOSED)
    found = [*by_clock, *_within_working_time(by_calendar.iterator(chunk_size=BATCH), now)]
    return [Reached(one.pk, DeadlineNotice.Kind.SOON, one.due_at, warning_moment(one)) for one in found[:BATCH]]


def _within_working_time(tickets: Iterator[Ticket], now: datetime) -> Iterator[Ticket]:
    """Of a running clock what is left is the working time from now to the deadline: pauses lie in the past."""
    for ticket in tickets:
        left = clock.spent(now, ticket.due_at, (), calendar_of(ticket.contract))
        if left <= warn_before(ticket):
            yield ticket


def warn_before(ticket: Ticket) -> timedelta:
    return ticket.contract.warn_before if ticket.contract is not None else WARN_BEFORE


def warning_moment(ticket: Ticket) -> datetime:
    """The instant at which only `warn_before` of counted time was left; registration, if the allowance is shorter."""
    allowance = allowance_of(ticket) - warn_before(ticket)
    if allowance <= timedelta(0):
        return ticket.registered_at
    return stored_due_at(
        registered=ticket.registered_at,
        moves=moves_of(ticket),
        allowance=allowance,
        calendar=calendar_of(ticket.contract),
    )

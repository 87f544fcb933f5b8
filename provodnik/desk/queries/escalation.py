"""Which requests are to be carried to a lead, judged by instants, not by when somebody looks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import (
    Case,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from provodnik.desk import clock
from provodnik.desk.calendars import calendar_of
from provodnik.desk.models import DeadlineNotice, Escalation, Ticket
from provodnik.desk.queries.deadlines import BATCH, LONGEST_CLOSED, LOOK_BACK, RUNNING, Reached
from provodnik.desk.queries.facts import allowance_of, moves_of
from provodnik.desk.states import DEFAULT_ALLOWANCES, DEFAULT_COMPLAINT_ALLOWANCE, Priority, Status
from provodnik.desk.story import stored_due_at

# Both happen once in a request's life, whatever becomes of its deadline: the notice is filed under its registration.
_ONCE = (DeadlineNotice.Kind.UNTAKEN, DeadlineNotice.Kind.AT_ONCE)


def reached(now: datetime) -> list[Reached]:
    """Moments at which a lead is to be told and that nobody has noted yet; few statements for each escalation."""
    found: list[Reached] = []
    for escalation in Escalation.objects.all():
        found += at_once(escalation)
        found += untaken(escalation, now)
        found += share_spent(escalation, now)
    return found[:BATCH]


def _rows(escalation: Escalation, kind: DeadlineNotice.Kind) -> QuerySet[Ticket]:
    """Open requests of its team (or without one) that have no such notice yet."""
    filed = "registered_at" if kind in _ONCE else "due_at"
    noticed = DeadlineNotice.objects.filter(ticket=OuterRef("pk"), kind=kind, due_at=OuterRef(filed))
    team = Q(team=None) if escalation.team_id is None else Q(team_id=escalation.team_id)
    return Ticket.objects.filter(team, ~Exists(noticed)).select_related("contract__calendar")


def at_once(escalation: Escalation, number: int | None = None) -> list[Reached]:
    """Urgent requests; of one of them alone with its `number`."""
    if not escalation.urgent_at_once:
        return []
    rows = _rows(escalation, DeadlineNotice.Kind.AT_ONCE).filter(priority=Priority.URGENT.value, status__in=RUNNING)
    if number is not None:
        rows = rows.filter(pk=number)
    return [
        Reached(one.pk, DeadlineNotice.Kind.AT_ONCE, one.registered_at, one.registered_at)
        for one in rows.order_by("pk")[:BATCH]
    ]


def untaken(escalation: Escalation, now: datetime) -> list[Reached]:
    """Requests that nobody has taken within the minutes, counted by the contract's calendar."""
    if escalation.untaken_minutes is None:
        return []
    span = timedelta(minutes=escalation.untaken_minutes)
    rows = _rows(escalation, DeadlineNotice.Kind.UNTAKEN).filter(
        status=Status.CREATED.value, registered_at__lte=now - span, registered_at__gte=now - span - LOOK_BACK
    )
    moments = ((one, untaken_moment(one, span)) for one in rows.order_by("queue_at").iterator(chunk_size=BATCH))
    return _first(
        Reached(one.pk, DeadlineNotice.Kind.UNTAKEN, one.registered_at, moment)
        for one, moment in moments
        if moment <= now
    )


def untaken_moment(ticket: Ticket, span: timedelta) -> datetime:
    return clock.due_at(ticket.registered_at, span, (), calendar_of(ticket.contract))


def share_spent(escalation: Escalation, now: datetime) -> list[Reached]:
    """Running clocks that have used up the share of their allowance, not yet all of it (then they are overdue)."""
    if escalation.percent is None:
        return []
    kind, left = DeadlineNotice.Kind.SHARE, 1 - escalation.percent / 100
    rows = _rows(escalation, kind).filter(status__in=RUNNING, due_at__gt=now, due_at__lte=now + LONGEST_CLOSED)
    carried = ExpressionWrapper(
        F("due_at") - ExpressionWrapper(_ALLOWANCE * Value(left, FloatField()), output_field=DurationField()),
        output_field=DateTimeField(),
    )
    by_clock = rows.filter(Q(contract=None) | Q(contract__calendar=None)).annotate(carried=carried)
    by_calendar = rows.filter(contract__calendar__isnull=False).order_by("due_at").iterator(chunk_size=BATCH)
    found = [*by_clock.filter(carried__lte=now).order_by("due_at")[:BATCH], *_by_working_time(by_calendar, left, now)]
    return _first(Reached(one.pk, kind, one.due_at, share_moment(one, escalation.percent)) for one in found)


def _by_working_time(tickets: Iterator[Ticket], left: float, now: datetime) -> Iterator[Ticket]:
    for ticket in tickets:
        if clock.spent(now, ticket.due_at, (), calendar_of(ticket.contract)) <= allowance_of(ticket) * left:
            yield ticket


def share_moment(ticket: Ticket, percent: int) -> datetime:
    """The instant at which the share of the allowance was spent."""
    return stored_due_at(
        registered=ticket.registered_at,
        moves=moves_of(ticket),
        allowance=allowance_of(ticket) * percent / 100,
        calendar=calendar_of(ticket.contract),
    )


def _first(moments: Iterable[Reached]) -> list[Reached]:
    found: list[Reached] = []
    for one in moments:
        found.append(one)
        if len(found) == BATCH:
            break
    return found


def _of_contract(field: str, default: timedelta) -> Coalesce:
    return Coalesce(F(f"contract__{field}"), Value(default), output_field=DurationField())


_ALLOWANCE = Case(
    When(complains_of__isnull=False, then=_of_contract("complaint_allowance", DEFAULT_COMPLAINT_ALLOWANCE)),
    *(
        When(priority=priority.value, then=_of_contract(f"{priority.value}_allowance", DEFAULT_ALLOWANCES[priority]))
        for priority in Priority
    ),
    output_field=DurationField(),
)

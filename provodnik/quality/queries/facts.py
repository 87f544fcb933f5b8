"""From a request and its history to its row of figures: by the desk's own clock, never by a second arithmetic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from provodnik.desk import clock
from provodnik.desk.calendars import calendar_of
from provodnik.desk.models import EventKind, Merge, Ticket, TicketEvent
from provodnik.desk.queries.facts import clock_story
from provodnik.desk.states import Resolution, Status
from provodnik.quality.models import Case

_READ = Q(kind__in=[EventKind.ANSWERED, EventKind.PRIORITY, EventKind.ASKED, EventKind.REOPENED]) | ~Q(status_to="")


def month_of(moment: datetime) -> date:
    """The first day of the moment's month where the installation stands."""
    return timezone.localdate(moment).replace(day=1)


def cases_of(numbers: Collection[int]) -> list[Case]:
    """The right rows of these requests; of those that there are. A few statements, however many."""
    tickets = list(Ticket.objects.select_related("contract__calendar").filter(pk__in=numbers).order_by("pk"))
    found = [ticket.pk for ticket in tickets]
    events = events_of(found)
    merged = set(Merge.objects.filter(ticket__in=found).values_list("ticket", flat=True))
    blamed = set(Ticket.objects.filter(complains_of__in=found).values_list("complains_of", flat=True))
    cases = [case_of(ticket, events[ticket.pk]) for ticket in tickets]
    for case in cases:
        case.left_out = case.left_out or case.pk in merged
        case.complaint = case.resolution == Resolution.COMPLAINT.value or case.pk in blamed
    return cases


def events_of(numbers: Collection[int]) -> dict[int, list[TicketEvent]]:
    """What moves the clock in each history, in order."""
    found: dict[int, list[TicketEvent]] = defaultdict(list)
    rows = TicketEvent.objects.filter(_READ, ticket_id__in=numbers).order_by("ticket_id", "at", "id")
    for event in rows.only("ticket_id", "kind", "at", "status_to", "data"):
        found[event.ticket_id].append(event)
    return found


def case_of(ticket: Ticket, events: Sequence[TicketEvent]) -> Case:
    """The row of a request with all events of `events_of`, in order. It depends on no present moment."""
    contract = ticket.contract
    calendar = contract.calendar if contract is not None else None
    case = Case(
        ticket_id=ticket.pk,
        revision=ticket.revision,
        customer_id=ticket.customer_id,
        contract_id=ticket.contract_id,
        subsystem_id=ticket.subsystem_id,
        assignee_id=ticket.assignee_id,
        team_id=ticket.team_id,
        left_out=ticket.complains_of_id is not None or "imported" in ticket.context,
        type=ticket.type,
        priority=ticket.priority,
        registered_at=ticket.registered_at,
        registered_month=month_of(ticket.registered_at),
        resolution=ticket.resolution,
        clarifications=sum(event.status_to == Status.CLARIFICATION.value for event in events),
        reopened=sum(event.kind == EventKind.REOPENED for event in events),
        rating=ticket.rating,
        calendar_revision=calendar.revision if calendar is not None else None,
    )
    if ticket.closed_at is not None:
        _close(case, ticket, list(events), ticket.closed_at)
    return case


def _close(case: Case, ticket: Ticket, events: list[TicketEvent], closed_at: datetime) -> None:
    """What stands once the clock has ended. The verdict is by the deadline that the closing was judged by: terms that
    were edited later change nothing of the past (desk.actions.closing)."""
    story = clock_story(ticket, events, now=closed_at)
    case.closed_at, case.closed_month = closed_at, month_of(closed_at)
    case.in_time = closed_at <= ticket.due_at
    case.counted = seconds(story.counted)
    case.waited_user = seconds(story.waiting_user)
    case.waited_us = seconds(story.waiting_us)
    # What the deadline gave: by the clock's own definition the time counted up to it is the allowance.
    calendar = calendar_of(ticket.contract)
    case.allowance = seconds(clock.spent(ticket.registered_at, ticket.due_at, story.excluded, calendar))


def seconds(span: timedelta) -> int:
    """Whole seconds, not rounded up."""
    return int(span.total_seconds())

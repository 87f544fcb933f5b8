"""The bare facts of a request that its clock is computed from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from functools import cache

from django.utils import timezone

from provodnik.core import prepared
from provodnik.desk.calendars import calendar_of
from provodnik.desk.models import Contract, Customer, EventKind, Ticket, TicketEvent
from provodnik.desk.states import DEFAULT_ALLOWANCES, DEFAULT_COMPLAINT_ALLOWANCE, Priority, Status
from provodnik.desk.story import Answer, ClockStory, Move, PriorityChange, tell


def allowances_of(contract: Contract | None, *, complaint: bool = False) -> Mapping[Priority, timedelta]:
    """R12, or what the contract says instead (I4). A complaint has one time of its own, whatever its priority."""
    if complaint:
        allowance = contract.complaint_allowance if contract is not None else DEFAULT_COMPLAINT_ALLOWANCE
        return dict.fromkeys(Priority, allowance)
    return contract.allowances() if contract is not None else DEFAULT_ALLOWANCES


def allowance_of(ticket: Ticket) -> timedelta:
    """How much time this request has."""
    return allowances_of(ticket.contract, complaint=ticket.is_complaint)[Priority(ticket.priority)]


def contract_in_force(customer: Customer | None, on: date | datetime) -> Contract | None:
    """The contract whose days hold the moment, in the installation's time zone; None: the rules of R12 as they are."""
    if customer is None:
        return None
    day = timezone.localdate(on) if isinstance(on, datetime) else on
    contract = _in_force().first({"customer": customer.pk, "day": day})
    if contract is not None:
        contract.customer = customer
    return contract


_NOBODY, _NO_DAY = -1, date(2001, 2, 3)


@cache
def _in_force() -> prepared.Reading[Contract]:
    """Asked for with every request and every letter that comes in."""
    contracts = Contract.objects.filter(customer=_NOBODY, starts_on__lte=_NO_DAY).exclude(ends_on__lt=_NO_DAY)
    names = {_NOBODY: "customer", _NO_DAY: "day"}
    return prepared.reading(contracts.order_by("-starts_on")[:1], names, ["calendar"])


def contracts_in_force(customers: Collection[int], day: date) -> dict[int, Contract]:
    """The same for many customers by one statement; who has none is not there."""
    rows = Contract.objects.select_related("calendar").filter(customer__in=customers, starts_on__lte=day)
    return {one.customer_id: one for one in rows.exclude(ends_on__lt=day).order_by("starts_on")}


def moves_of(ticket: Ticket) -> list[Move]:
    """Every move of its status, from the history."""
    rows = ticket.events.exclude(status_to="").order_by("at", "id").values_list("at", "status_to")
    return [Move(at, Status(to)) for at, to in rows]


def clock_story(ticket: Ticket, events: list[TicketEvent], *, now: datetime) -> ClockStory:
    """The story of a ticket's clock from its events (all kinds, in order)."""
    return tell(
        registered=ticket.registered_at,
        moves=[Move(event.at, Status(event.status_to)) for event in events if event.status_to],
        answers=[Answer(event.at) for event in events if event.kind == EventKind.ANSWERED],
        priority_changes=[
            PriorityChange(event.at, Priority(event.data["old"]), Priority(event.data["new"]))
            for event in events
            if event.kind == EventKind.PRIORITY
        ],
        priority=Priority(ticket.priority),
        allowances=allowances_of(ticket.contract, complaint=ticket.is_complaint),
        calendar=calendar_of(ticket.contract),
        now=now,
    )

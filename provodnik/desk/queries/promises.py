"""What a customer is promised for each impact: shown before a request is sent (R9, R12, I7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from provodnik.desk import clock
from provodnik.desk.calendars import calendar_of
from provodnik.desk.labels import PRIORITIES, TYPES
from provodnik.desk.models import Customer
from provodnik.desk.queries.facts import allowances_of, contract_in_force
from provodnik.desk.states import PROPOSALS, Impact


@dataclass(frozen=True, slots=True)
class Promise:
    """For one impact: what type and priority it is taken for, and when it would be due if sent now."""

    impact: Impact
    type: str
    priority: str
    allowance: timedelta
    due_at: datetime
    round_the_clock: bool


def promises(customer: Customer, *, now: datetime) -> list[Promise]:
    contract = contract_in_force(customer, now)
    allowances, calendar = allowances_of(contract), calendar_of(contract)
    types, priorities = dict(TYPES), dict(PRIORITIES)
    return [
        Promise(
            impact,
            str(types[kind.value]),
            str(priorities[priority.value]),
            allowances[priority],
            clock.due_at(now, allowances[priority], (), calendar),
            calendar is clock.ROUND_THE_CLOCK,
        )
        for impact, (kind, priority) in PROPOSALS.items()
    ]

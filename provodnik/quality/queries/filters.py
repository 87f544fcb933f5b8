"""Which part of the requests is looked at, as the address says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from django.db.models import Q, QuerySet

from provodnik.desk.models import Ticket
from provodnik.desk.states import Priority
from provodnik.quality.models import Case
from provodnik.quality.periods import Period, last_whole_month, read
from provodnik.quality.policies import Scope, Side, requests_behind, visible_cases

_PRIORITIES = {one.value for one in Priority}
NOBODY = "none"


class By(StrEnum):
    """What the rows of the table are."""

    PRIORITY = "priority"
    CUSTOMER = "customer"
    SUBSYSTEM = "subsystem"
    TEAM = "team"
    ASSIGNEE = "assignee"
    MONTH = "month"


# Who compares what: a specialist no colleagues, a customer nothing of how the desk is arranged.
OFFERED: Mapping[Side, tuple[By, ...]] = {
    Side.LEAD: tuple(By),
    Side.SPECIALIST: (By.PRIORITY, By.CUSTOMER, By.SUBSYSTEM, By.TEAM, By.MONTH),
    Side.CUSTOMER: (By.PRIORITY, By.SUBSYSTEM, By.MONTH),
}
_IDS = ("customer", "subsystem", "team", "assignee")


@dataclass(frozen=True, slots=True)
class Filters:
    """ "" is any; ids are decimal text, or `NOBODY`. `mine`: of a specialist, his own requests alone."""

    period: Period
    by: By = By.PRIORITY
    priority: str = ""
    customer: str = ""
    subsystem: str = ""
    team: str = ""
    assignee: str = ""
    mine: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str], scope: Scope, *, today: date) -> Filters:
        """What is not understood, or not offered to this person, is as if it were not there."""
        found = {name: _id(query.get(name, "")) for name in _IDS}
        if scope.side is not Side.LEAD:
            found["assignee"] = ""
        if scope.side is Side.CUSTOMER:
            found |= {"customer": "", "team": ""}
        offered = {one.value: one for one in OFFERED[scope.side]}
        priority = query.get("priority", "")
        return cls(
            period=read(query.get("period", "")) or last_whole_month(today),
            by=offered.get(query.get("by", ""), By.PRIORITY),
            priority=priority if priority in _PRIORITIES else "",
            mine=scope.side is Side.SPECIALIST and query.get("whose", "mine") != "all",
            **found,
        )

    def as_query(self, scope: Scope) -> dict[str, str]:
        """For an address: only what differs from what is meant without it, the period always."""
        found = {"period": self.period.key}
        found |= {name: value for name in ("priority", *_IDS) if (value := getattr(self, name))}
        if self.by is not By.PRIORITY:
            found["by"] = self.by.value
        if scope.side is Side.SPECIALIST and not self.mine:
            found["whose"] = "all"
        return found

    def at(self, period: Period) -> Filters:
        return replace(self, period=period)

    def condition(self, scope: Scope) -> Q:
        """For cases and for requests alike: the columns are called the same."""
        found = Q()
        if self.priority:
            found &= Q(priority=self.priority)
        for name in _IDS:
            value = getattr(self, name)
            if value == NOBODY:
                found &= Q(**{f"{name}__isnull": True})
            elif value:
                found &= Q(**{f"{name}_id": int(value)})
        if self.mine:
            found &= Q(assignee_id=scope.user.pk)
        return found


def _id(value: str) -> str:
    if value == NOBODY:
        return value
    return value if value.isascii() and value.isdecimal() and len(value) <= 18 else ""


def cases(filters: Filters, scope: Scope) -> QuerySet[Case]:
    """The rows that count at all, by everything but the period."""
    return visible_cases(scope).filter(filters.condition(scope), left_out=False)


def requests(filters: Filters, scope: Scope) -> QuerySet[Ticket]:
    """The same of requests."""
    return requests_behind(scope).filter(filters.condition(scope))


def closed_in(rows: QuerySet[Case], first: date, last: date) -> QuerySet[Case]:
    return rows.filter(closed_month=first) if first == last else rows.filter(closed_month__range=(first, last))


def registered_in(rows: QuerySet[Case], first: date, last: date) -> QuerySet[Case]:
    return rows.filter(registered_month=first) if first == last else rows.filter(registered_month__range=(first, last))

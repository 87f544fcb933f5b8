"""The requests behind a figure: one table of conditions serves the count and the list it opens into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provodnik.desk.models import Ticket
from provodnik.desk.states import Resolution, Status
from provodnik.quality.models import Case
from provodnik.quality.periods import YEARS
from provodnik.quality.policies import Scope, requests_behind
from provodnik.quality.queries.filters import Filters, cases, closed_in, registered_in, requests
from provodnik.quality.queries.load import day_bounds, horizon

PAGE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FAR = 2**52  # microseconds: the year 2112


@dataclass(frozen=True, slots=True)
class Behind:
    """A figure that can be opened: its words, and which rows of the closed ones it counts."""

    label: str | Promise
    condition: Q
    slowest_first: bool = False


# Of requests closed in the period.
CLOSED: Mapping[str, Behind] = {
    "closed": Behind(_("Closed"), Q()),
    "in_time": Behind(_("Closed in time"), Q(in_time=True)),
    "late": Behind(_("Closed late"), Q(in_time=False)),
    "slow": Behind(_("Closed, the longest first"), Q(), slowest_first=True),
    "asked": Behind(_("Clarifications were sought"), Q(clarifications__gt=0)),
    "reopened": Behind(_("Reopened"), Q(reopened__gt=0)),
    "refused": Behind(_("Refused to do"), Q(resolution=Resolution.REFUSED.value)),
    "complaints": Behind(_("Complaints"), Q(complaint=True)),
    "rated": Behind(_("Rated"), Q(rating__isnull=False)),
}
RECEIVED = "received"
_OPEN: Mapping[str, str | Promise] = {
    "overdue": _("Overdue now"),
    "standing": _("The clock stands"),
    "later": _("Due later"),
    "running": _("The clock runs"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A request behind a figure; its case holds the spans of a closed one."""

    ticket: Ticket
    case: Case | None


@dataclass(frozen=True, slots=True)
class Page:
    label: str | Promise
    lines: Sequence[Line]
    after: str  # the key to go on from; "" at the end


def known(figure: str) -> bool:
    return figure in CLOSED or figure == RECEIVED or figure in _OPEN or _day(figure) is not None


def page(filters: Filters, scope: Scope, figure: str, *, now: datetime, after: str = "") -> Page:
    """A page of what is behind a figure, by key. `figure`: see CLOSED, RECEIVED, _OPEN; «day-2026-11-23» is due then.
    Only requests that the asker may see, whatever the row says. Raises KeyError for a figure that there is not."""
    if figure in CLOSED or figure == RECEIVED:
        return _of_cases(filters, scope, figure, after)
    return _of_requests(filters, scope, figure, now, after)


def _of_cases(filters: Filters, scope: Scope, figure: str, after: str) -> Page:
    period = filters.period
    label: str | Promise
    rows = cases(filters, scope).filter(ticket__in=requests_behind(scope).values("pk"))
    if figure == RECEIVED:
        found, label, slowest = registered_in(rows, period.first, period.last), _("Received"), False
    else:
        behind = CLOSED[figure]
        found = closed_in(rows, period.first, period.last).filter(behind.condition)
        label, slowest = behind.label, behind.slowest_first
    last = _numbers(after)
    if slowest:
        if len(last) == 2:
            found = found.filter(Q(counted__lt=last[0]) | Q(counted=last[0], pk__lt=last[1]))
        found = found.order_by("-counted", "-pk")
    else:
        if len(last) == 1:
            found = found.filter(pk__lt=last[0])
        found = found.order_by("-pk")
    shown = list(found.select_related("ticket__customer", "ticket__assignee")[: PAGE + 1])
    end = shown[PAGE - 1] if len(shown) > PAGE else None
    key = "" if end is None else f"{end.counted}.{end.pk}" if slowest else f"{end.pk}"
    return Page(label, [Line(case.ticket, case) for case in shown[:PAGE]], key)


def _of_requests(filters: Filters, scope: Scope, figure: str, now: datetime, after: str) -> Page:
    rows, label = _open(requests(filters, scope), figure, now)
    last = _numbers(after)
    if len(last) == 2 and last[0] < _FAR:
        at = _EPOCH + timedelta(microseconds=last[0])
        rows = rows.filter(Q(due_at__gt=at) | Q(due_at=at, pk__gt=last[1]))
    shown = list(rows.select_related("customer", "assignee").order_by("due_at", "pk")[: PAGE + 1])
    key = ""
    if len(shown) > PAGE:
        end = shown[PAGE - 1]
        key = f"{(end.due_at - _EPOCH) // timedelta(microseconds=1)}.{end.pk}"
    return Page(label, [Line(ticket, None) for ticket in shown[:PAGE]], key)


def _open(rows: QuerySet[Ticket], figure: str, now: datetime) -> tuple[QuerySet[Ticket], str | Promise]:
    if figure == "standing":
        return rows.filter(status=Status.CLARIFICATION.value), _OPEN[figure]
    running = rows.filter(status__in=[Status.CREATED.value, Status.IN_PROGRESS.value])
    if figure == "overdue":
        return running.filter(due_at__lt=now), _OPEN[figure]
    if figure == "later":
        return running.filter(due_at__gte=horizon(now)), _OPEN[figure]
    if figure == "running":
        return running, _OPEN[figure]
    day = _day(figure)
    if day is None:
        raise KeyError(figure)
    start, end = day_bounds(day)
    return running.filter(due_at__gte=max(start, now), due_at__lt=end), _("Due on the day")


def _day(figure: str) -> date | None:
    if not figure.startswith("day-"):
        return None
    try:
        day = date.fromisoformat(figure[4:])
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _numbers(after: str) -> list[int]:
    """The key of a page; [] for what is none."""
    parts = after.split(".")
    if all(part.isascii() and part.isdecimal() and len(part) <= 18 for part in parts):
        return [int(part) for part in parts]
    return []

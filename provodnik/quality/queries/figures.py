"""The figures themselves (R13): counted by the database over the rows of a period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, transaction
from django.db.models import Aggregate, Count, IntegerField, Q, QuerySet, Sum

from provodnik.accounts.models import User
from provodnik.desk.labels import PRIORITIES
from provodnik.desk.models import Customer, Subsystem, Team
from provodnik.desk.states import Priority, Resolution
from provodnik.quality.models import Case
from provodnik.quality.periods import Period, month_label, months_later
from provodnik.quality.policies import Scope
from provodnik.quality.queries.filters import By, Filters, cases, closed_in, registered_in

MOST_ROWS = 500  # of a table on a page; the file that can be asked for has no such end
TREND_MONTHS = 12


class Percentiles(Aggregate):
    """[median, 90th percentile] of whole seconds: values that occurred (percentile_disc), sorted once for both."""

    template = "percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(IntegerField())


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one group of requests in one period. Spans in seconds. Received are those registered in the period, all else
    is of those closed in it; waits are means over the requests in which clarifications were sought."""

    received: int = 0
    closed: int = 0
    in_time: int = 0
    median: int | None = None
    p90: int | None = None
    asked: int = 0
    waited_user: float | None = None
    waited_us: float | None = None
    reopened: int = 0
    refused: int = 0
    complaints: int = 0
    rated: int = 0
    rating: float | None = None
    before_closed: int = 0  # in the period before
    before_in_time: int = 0

    @property
    def late(self) -> int:
        return self.closed - self.in_time

    @property
    def share(self) -> float | None:
        """Per cent in time; None: nothing was closed."""
        return share(self.in_time, self.closed)

    @property
    def share_before(self) -> float | None:
        return share(self.before_in_time, self.before_closed)

    @property
    def change(self) -> float | None:
        """Percentage points against the period before, of the shares as they are shown."""
        now, before = self.share, self.share_before
        return None if now is None or before is None else round(now, 1) - round(before, 1)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. `key`: its value as a filter of the address."""

    key: str
    label: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Table:
    by: By
    rows: Sequence[Row]
    total: Figures
    more: bool = False  # there are more lines than are shown


def share(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None


_SUMS: Mapping[str, Any] = {
    "closed": Count("pk"),
    "in_time": Count("pk", filter=Q(in_time=True)),
    "percentiles": Percentiles("counted"),
    "asked": Count("pk", filter=Q(clarifications__gt=0)),
    "waited_user": Sum("waited_user", filter=Q(clarifications__gt=0)),
    "waited_us": Sum("waited_us", filter=Q(clarifications__gt=0)),
    "reopened": Count("pk", filter=Q(reopened__gt=0)),
    "refused": Count("pk", filter=Q(resolution=Resolution.REFUSED.value)),
    "complaints": Count("pk", filter=Q(complaint=True)),
    "rated": Count("rating"),
    "stars": Sum("rating"),
}
_SHARES = {name: _SUMS[name] for name in ("closed", "in_time")}
_PLAIN = [name for name in _SUMS if name != "percentiles"]


@dataclass(slots=True)
class _Gathered:
    """Sums by group, from three statements."""

    now: dict[Any, dict[str, Any]] = field(default_factory=dict)
    received: dict[Any, int] = field(default_factory=dict)
    before: dict[Any, tuple[int, int]] = field(default_factory=dict)

    def figures(self, key: Any) -> Figures:
        return _figures(self.now.get(key, {}), self.received.get(key, 0), self.before.get(key, (0, 0)))

    def total(self, keys: Collection[Any], percentiles: Sequence[int] | None) -> Figures:
        """Of these groups together. Each request is in one group, so sums are added up and not asked for again: a
        look at the rows of a year costs more than all else of a page. Percentiles cannot be added up."""
        found = [self.now[key] for key in keys if key in self.now]
        sums: dict[str, Any] = {name: sum(one[name] or 0 for one in found) for name in _PLAIN}
        pairs = [self.before.get(key, (0, 0)) for key in keys]
        before = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
        return _figures({**sums, "percentiles": percentiles}, sum(self.received.get(key, 0) for key in keys), before)


def _figures(sums: Mapping[str, Any], received: int, before: tuple[int, int]) -> Figures:
    """Sums of one group (`_SUMS`, all of them or none) as figures: means instead of sums."""
    now = dict(sums)
    median, p90 = now.pop("percentiles", None) or (None, None)
    asked, rated = now.get("asked", 0), now.get("rated", 0)
    for name in ("waited_user", "waited_us"):
        waited = now.pop(name, None)
        now[name] = waited / asked if asked and waited is not None else None
    stars = now.pop("stars", None)
    return Figures(
        received=received,
        median=median,
        p90=p90,
        rating=stars / rated if rated and stars is not None else None,
        before_closed=before[0],
        before_in_time=before[1],
        **now,
    )


def table(filters: Filters, scope: Scope) -> Table:
    """By what the filters name."""
    with _room_to_sort():
        return _table(filters, scope)


@contextmanager
def _room_to_sort() -> Iterator[None]:
    """Percentiles of a year sort some hundred thousand numbers: in memory, not in files of the database."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '48MB'")
        yield


def _table(filters: Filters, scope: Scope) -> Table:
    rows = cases(filters, scope)
    if filters.by is By.MONTH:
        return _by_month(rows, filters.period)
    gathered = _gather(rows, filters.by, filters.period)
    keys = {*gathered.now, *gathered.received}
    labels = _labels(filters.by, keys)
    found = [Row(_key(key), labels[key], gathered.figures(key)) for key in keys if key in labels]
    if filters.by is By.PRIORITY:
        order = {priority.value: place for place, priority in enumerate(Priority)}
        found.sort(key=lambda row: order[row.key])
    else:
        found.sort(key=lambda row: (-row.figures.closed, -row.figures.received, row.label))
    closed = closed_in(rows, filters.period.first, filters.period.last)
    percentiles = closed.aggregate(percentiles=_SUMS["percentiles"])["percentiles"]
    total = gathered.total({*keys, *gathered.before}, percentiles)
    return Table(filters.by, found[:MOST_ROWS], total, len(found) > MOST_ROWS)


def _gather(rows: QuerySet[Case], by: By, period: Period) -> _Gathered:
    gathered = _Gathered()
    closed = closed_in(rows, period.first, period.last)
    for found in _grouped(closed, by.value, **_SUMS):
        gathered.now[found.pop(by.value)] = found
    for found in _grouped(registered_in(rows, period.first, period.last), by.value, received=Count("pk")):
        gathered.received[found[by.value]] = found["received"]
    before = closed_in(rows, period.previous.first, period.previous.last)
    for found in _grouped(before, by.value, **_SHARES):
        gathered.before[found[by.value]] = (found["closed"], found["in_time"])
    return gathered


def _grouped(rows: QuerySet[Case], *columns: str, **sums: Any) -> list[dict[str, Any]]:
    return list(rows.order_by().values(*columns).annotate(**sums))


def _by_month(rows: QuerySet[Case], period: Period) -> Table:
    """The twelve months that end with the period, the newest first, and all of them together (without percentiles:
    those of the months say more than those of a year, and cost less), beside the twelve before them."""
    months = months_of_trend(period)
    gathered = _Gathered()
    for sums in _grouped(closed_in(rows, months[0], months[-1]), "closed_month", **_SUMS):
        gathered.now[sums.pop("closed_month")] = sums
    registered = registered_in(rows, months[0], months[-1])
    for counted in _grouped(registered, "registered_month", received=Count("pk")):
        gathered.received[counted["registered_month"]] = counted["received"]
    year = Period(months[0], TREND_MONTHS).previous
    shares = {
        one.pop("closed_month"): one
        for one in _grouped(closed_in(rows, year.first, year.last), "closed_month", **_SHARES)
    }
    shares |= gathered.now

    def share_in(month: date) -> tuple[int, int]:
        one = shares.get(month, {})
        return one.get("closed", 0), one.get("in_time", 0)

    # first of all twelve against the twelve before, then each month against its own month before
    gathered.before = {month: share_in(month) for month in year.all_months()}
    total = gathered.total([*months, *gathered.before], None)
    gathered.before = {month: share_in(months_later(month, -1)) for month in months}
    found = [Row(Period(month).key, month_label(month), gathered.figures(month)) for month in reversed(months)]
    return Table(By.MONTH, found, total)


def months_of_trend(period: Period) -> list[date]:
    """Twelve months that end with the period."""
    return [months_later(period.last, count) for count in range(1 - TREND_MONTHS, 1)]


def _key(key: Any) -> str:
    return "none" if key is None else str(key)


def _labels(by: By, keys: set[Any]) -> dict[Any, str]:
    """Names of the groups; "" stands for requests that have none of it."""
    ids = [key for key in keys if key is not None]
    named: dict[Any, str]
    if by is By.PRIORITY:
        named = {value: str(words) for value, words in PRIORITIES if value in keys}
    elif by is By.CUSTOMER:
        named = {one.pk: str(one) for one in Customer.objects.filter(pk__in=ids)}
    elif by is By.SUBSYSTEM:
        named = {one.pk: one.name for one in Subsystem.objects.filter(pk__in=ids)}
    elif by is By.TEAM:
        named = {one.pk: one.name for one in Team.objects.filter(pk__in=ids)}
    else:
        named = dict(User.objects.filter(pk__in=ids).values_list("pk", "full_name"))
    if None in keys:
        named[None] = ""
    return named


Shares = Mapping[tuple[date | None, str], tuple[int, int]]


def trend(filters: Filters, scope: Scope) -> Shares:
    """(month, priority) → (closed, in time), over the twelve months that end with the period."""
    return _shares_since(months_of_trend(filters.period)[0], filters, scope)


def trend_and_before(filters: Filters, scope: Scope) -> Shares:
    """The same, and over the period before where that lies further back: what a page of the report needs."""
    first = min(months_of_trend(filters.period)[0], filters.period.previous.first)
    return _shares_since(first, filters, scope)


def _shares_since(first: date, filters: Filters, scope: Scope) -> Shares:
    rows = closed_in(cases(filters, scope), first, filters.period.last)
    found = _grouped(rows, "closed_month", "priority", **_SHARES)
    return {(row["closed_month"], row["priority"]): (row["closed"], row["in_time"]) for row in found}


def shares(period: Period, found: Shares) -> dict[str, Figures]:
    """By priority: closed in time, now and in the period before, from what `trend_and_before` found. No spans."""
    summed: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for place, months in ((0, period.all_months()), (2, period.previous.all_months())):
        for (month, priority), (closed, in_time) in found.items():
            if month in months:
                summed[priority][place] += closed
                summed[priority][place + 1] += in_time
    return {
        priority: Figures(closed=closed, in_time=in_time, before_closed=before_closed, before_in_time=before_in_time)
        for priority, (closed, in_time, before_closed, before_in_time) in summed.items()
    }

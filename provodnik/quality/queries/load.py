"""What lies ahead of the desk: open requests by the day and the hour on which they are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncHour
from django.utils import timezone

from provodnik.desk.states import Status
from provodnik.quality.policies import Scope
from provodnik.quality.queries.filters import Filters, requests

DAYS = 14
HOURS = 24
_RUNNING = [Status.CREATED.value, Status.IN_PROGRESS.value]


@dataclass(frozen=True, slots=True)
class Load:
    """Counts of open requests. `days`: due on each of the next days, today first, what is overdue not among them;
    `hours`: within each of the next hours, the present one first; `standing`: their clock stands (I2)."""

    overdue: int
    days: Sequence[tuple[date, int]]
    hours: Sequence[tuple[datetime, int]]
    later: int
    standing: int

    @property
    def running(self) -> int:
        return self.overdue + sum(count for _day, count in self.days) + self.later

    @property
    def today(self) -> int:
        return self.days[0][1]


def load(filters: Filters, scope: Scope, *, now: datetime) -> Load:
    rows = requests(filters, scope).order_by()
    running = rows.filter(status__in=_RUNNING)
    today = timezone.localdate(now)
    end = horizon(now)
    ahead = running.filter(due_at__gte=now, due_at__lt=end)
    by_hour = dict(
        ahead.annotate(hour=TruncHour("due_at", tzinfo=timezone.get_current_timezone()))
        .values_list("hour")
        .annotate(count=Count("pk"))
    )
    days = dict.fromkeys((today + timedelta(days=day) for day in range(DAYS)), 0)
    for moment, count in by_hour.items():
        days[timezone.localdate(moment)] += count
    this_hour = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    hours = [this_hour + timedelta(hours=hour) for hour in range(HOURS)]
    return Load(
        overdue=running.filter(due_at__lt=now).count(),
        days=list(days.items()),
        hours=[(hour, by_hour.get(hour, 0)) for hour in hours],
        later=running.filter(due_at__gte=end).count(),
        standing=rows.filter(status=Status.CLARIFICATION.value).count(),
    )


def horizon(now: datetime) -> datetime:
    """The end of the days that are told one by one."""
    return _midnight(timezone.localdate(now) + timedelta(days=DAYS))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), timezone.get_current_timezone())


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """A day where the installation stands."""
    return _midnight(day), _midnight(day + timedelta(days=1))

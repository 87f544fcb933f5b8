"""The charts of the report, each with its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from provodnik.desk.labels import PRIORITIES
from provodnik.desk.states import Priority
from provodnik.quality import periods, words
from provodnik.quality.periods import Period
from provodnik.quality.policies import Scope
from provodnik.quality.queries import figures as queries
from provodnik.quality.queries.filters import By, Filters
from provodnik.quality.queries.load import load
from provodnik.quality.queries.promises import Contracts, kept
from provodnik.quality.views.common import address
from provodnik.ui import charts
from provodnik.ui.text import day as day_words

NARROW_MONTHS = 6  # of the chart on a phone
NARROW_DAYS = 6
_STROKES = dict(zip((one.value for one in Priority), charts.STROKES, strict=True))
_LABELS = dict(PRIORITIES)


@dataclass(frozen=True, slots=True)
class Cell:
    """A priority in a month: the share, «38 of 40», a link to the late ones, whether the promise was kept."""

    head: str
    share: str
    told: str
    late: str
    kept: bool | None


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A line of the chart's table: of each priority the share, what of it, whether the promise was kept."""

    label: str
    url: str
    cells: Sequence[Cell]
    target: int | None


def trend(filters: Filters, scope: Scope, promised: Contracts | None, monthly: queries.Shares) -> dict[str, Any]:
    """The chart of twelve months with its table. `monthly`: see `queries.trend_and_before`."""
    months = queries.months_of_trend(filters.period)
    found = {key: value for key, value in monthly.items() if key[0] in months}
    shown = [one.value for one in Priority if not filters.priority or one.value == filters.priority]
    target = promised.at_end_of(filters.period.last).target if promised is not None else None
    lines = []
    for value in shown:
        shares = [_share(found, month, value) for month in months]
        lines.append(charts.Line(str(_LABELS[value]), shares, _STROKES[value], words.percent(shares[-1])))
    rows = [_month_row(filters, scope, month, found, shown, promised) for month in reversed(months)]
    return {
        "chart": _chart("trend", lines, months, target) if found else "",
        "chart_small": _chart("trend-small", lines, months, target, small=True) if found else "",
        "legend": charts.legend(lines),
        "month_heads": [str(_LABELS[value]) for value in shown],
        "month_rows": rows,
        "target": target,
    }


def _share(found: Mapping[Any, tuple[int, int]], month: date, priority: str) -> float | None:
    closed, in_time = found.get((month, priority), (0, 0))
    return queries.share(in_time, closed)


def _month_row(
    filters: Filters,
    scope: Scope,
    month: date,
    found: Mapping[Any, tuple[int, int]],
    shown: Sequence[str],
    promised: Contracts | None,
) -> MonthRow:
    target = promised.at_end_of(month).target if promised is not None else None
    cells = []
    of_month = replace(filters.at(Period(month)), by=By.PRIORITY)
    for value in shown:
        closed, in_time = found.get((month, value), (0, 0))
        late = address("quality:behind", replace(of_month, priority=value), scope, figure="late")
        told = _("%(in_time)s of %(closed)s") % {"in_time": in_time, "closed": closed} if closed else ""
        cells.append(
            Cell(
                str(_LABELS[value]),
                words.percent(queries.share(in_time, closed)),
                told,
                late if closed > in_time else "",
                kept(target, in_time, closed),
            )
        )
    return MonthRow(periods.month_label(month), address("quality:index", of_month, scope), cells, target)


def _chart(
    id: str, lines: Sequence[charts.Line], months: Sequence[date], target: int | None, *, small: bool = False
) -> SafeString:
    if small:
        months = months[-NARROW_MONTHS:]
        lines = [replace(line, values=line.values[-NARROW_MONTHS:]) for line in lines]
    return charts.line_chart(
        id=id,
        title=_("Closed in time, by month"),
        description=words.described([(line.label, line.values[-1]) for line in lines], months),
        labels=[periods.short_month(month) for month in months],
        lines=lines,
        target=float(target) if target is not None else None,
        small=small,
    )


def ahead(filters: Filters, scope: Scope, now: datetime) -> dict[str, Any]:
    """The chart of what lies ahead with its tables."""
    found = load(filters, scope, now=now)
    about = replace(filters, by=By.PRIORITY)

    def behind(figure: str) -> str:
        return address("quality:behind", about, scope, figure=figure)

    days = [(day_words(on, now), on, count, behind(f"day-{on:%Y-%m-%d}")) for on, count in found.days]
    (_today, _on, due_today, _url), *following = days
    bars = [
        charts.Bar(_("overdue"), found.overdue, "error", room=1.9),
        charts.Bar(_("today"), due_today, room=1.4),
        *(charts.Bar(f"{on:%d.%m}", count, note=_weekday(on)) for _words, on, count, _url in following),
    ]
    told = _("Overdue %(overdue)s, due today %(today)s, running in all %(running)s, standing %(standing)s") % {
        "overdue": found.overdue,
        "today": found.today,
        "running": found.running,
        "standing": found.standing,
    }
    title = _("Open requests by the day they are due")
    return {
        "load": found,
        "load_days": days,
        "load_chart": charts.bar_chart(id="load", title=title, description=told, bars=bars),
        "load_small": charts.bar_chart(
            id="load-small", title=title, description=told, bars=bars[: NARROW_DAYS + 1], small=True
        ),
        "load_urls": {name: behind(name) for name in ("overdue", "later", "standing", "running")},
    }


def _weekday(on: date) -> str:
    return (_("Mo"), _("Tu"), _("We"), _("Th"), _("Fr"), _("Sa"), _("Su"))[on.weekday()]

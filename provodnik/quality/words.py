"""Figures of the report in words: shares, changes, spans. For the page, the paper and the charts alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.dates import MONTHS
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provodnik.quality.periods import Period
from provodnik.quality.queries.figures import Figures
from provodnik.quality.queries.filters import By
from provodnik.ui.text import NBSP, duration, number

ROWS: dict[By, str | Promise] = {
    By.PRIORITY: gettext_lazy("By priority"),
    By.CUSTOMER: gettext_lazy("By customer"),
    By.SUBSYSTEM: gettext_lazy("By section"),
    By.TEAM: gettext_lazy("By team"),
    By.ASSIGNEE: gettext_lazy("By specialist"),
    By.MONTH: gettext_lazy("By month"),
}
HEADS: dict[By, str | Promise] = {
    By.PRIORITY: gettext_lazy("Priority"),
    By.CUSTOMER: gettext_lazy("Customer"),
    By.SUBSYSTEM: gettext_lazy("Section"),
    By.TEAM: gettext_lazy("Team"),
    By.ASSIGNEE: gettext_lazy("Specialist"),
    By.MONTH: gettext_lazy("Month"),
}
NOTHING: dict[By, str | Promise] = {
    By.CUSTOMER: gettext_lazy("Unknown senders"),
    By.SUBSYSTEM: gettext_lazy("No section named"),
    By.TEAM: gettext_lazy("Without a team"),
    By.ASSIGNEE: gettext_lazy("Nobody"),
}
DASH = "—"


def percent(value: float | None) -> str:
    """«98,2 %»."""
    return DASH if value is None else f"{number(value, 1)}{NBSP}%"


def span(seconds: float | None) -> str:
    """«8 ч 35 мин»."""
    if seconds is None:
        return DASH
    if seconds < 60:
        return _("0 min").replace(" ", NBSP)
    return duration(timedelta(seconds=seconds))


def heading(period: Period) -> str:
    """«Качество поддержки за октябрь»."""
    if period.months == 1:
        return _("Quality of support in %(month)s") % {"month": str(MONTHS[period.first.month]).lower()}
    return _("Quality of support, %(period)s") % {"period": period.label()}


def change(figures: Figures) -> tuple[str, str]:
    """(tone, words) of a share against the period before: "success", "error" or ""."""
    points = figures.change
    if points is None:
        if figures.share_before is None:
            return "", _("nothing was closed in the period before")
        return "", _("it was %(share)s") % {"share": percent(figures.share_before)}
    if round(points, 1) == 0:
        return "", _("as in the period before")
    sign = "+" if points > 0 else ""
    words = _("%(points)s p. p., it was %(share)s") % {
        "points": sign + number(round(points, 1), 1),
        "share": percent(figures.share_before),
    }
    return ("success" if points > 0 else "error"), words


def described(lines: Sequence[tuple[str, float | None]], months: Sequence[date]) -> str:
    """What a chart shows, for who does not see it."""
    last = ", ".join(f"{label} {percent(value)}" for label, value in lines)
    return _("Lines by priority from %(first)s to %(last)s. At the end: %(figures)s") % {
        "first": Period(months[0]).label(),
        "last": Period(months[-1]).label(),
        "figures": last,
    }

"""Periods of the report: a month, a quarter or a year, as they stand in the address and as people read them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.utils.dates import MONTHS, MONTHS_3
from django.utils.translation import gettext as _

from provodnik.ui.text import NBSP

_KEY = re.compile(r"(\d{4})(?:-(\d{2})|-Q([1-4]))?", re.ASCII)
YEARS = range(2000, 2100)
_ROMAN = ("I", "II", "III", "IV")


def months_later(month: date, count: int) -> date:
    """The first day of the month that lies `count` months later; earlier, when negative."""
    years, number = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(years, number + 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """`first`: the first day of its first month; `months`: 1, 3 or 12 of them."""

    first: date
    months: int = 1

    @property
    def last(self) -> date:
        """The first day of its last month."""
        return months_later(self.first, self.months - 1)

    @property
    def key(self) -> str:
        """As in the address: «2026-10», «2026-Q4», «2026»."""
        if self.months == 12:
            return f"{self.first.year}"
        if self.months == 3:
            return f"{self.first.year}-Q{(self.first.month + 2) // 3}"
        return f"{self.first:%Y-%m}"

    @property
    def previous(self) -> Period:
        return Period(months_later(self.first, -self.months), self.months)

    @property
    def next(self) -> Period:
        return Period(months_later(self.first, self.months), self.months)

    def all_months(self) -> list[date]:
        return [months_later(self.first, count) for count in range(self.months)]

    def label(self) -> str:
        """«октябрь 2026», «IV квартал 2026», «2026 год»."""
        if self.months == 12:
            return _("%(year)s, whole year") % {"year": self.first.year}
        if self.months == 3:
            return _("quarter %(number)s of %(year)s") % {
                "number": _ROMAN[self.first.month // 3],
                "year": self.first.year,
            }
        return f"{str(MONTHS[self.first.month]).lower()}{NBSP}{self.first.year}"


def read(key: str) -> Period | None:
    """The period of an address; None for what names none."""
    found = _KEY.fullmatch(key)
    if found is None or int(found[1]) not in YEARS:
        return None
    year = int(found[1])
    if found[3]:
        return Period(date(year, int(found[3]) * 3 - 2, 1), 3)
    if found[2]:
        return Period(date(year, int(found[2]), 1)) if 1 <= int(found[2]) <= 12 else None
    return Period(date(year, 1, 1), 12)


def last_whole_month(today: date) -> Period:
    """What is shown when the address names no period."""
    return Period(months_later(today.replace(day=1), -1))


def offered(today: date, first: date, chosen: Period) -> list[tuple[str, str, list[Period]]]:
    """Periods to choose from since `first`, the latest first, by kind: (kind, its words, the periods)."""
    this = Period(today.replace(day=1))
    oldest = max(first.replace(day=1), months_later(this.first, -11 * 12))
    groups: list[tuple[str, str, list[Period]]] = []
    starts = (
        (1, this.first, _("Months")),
        (3, months_later(this.first, -((this.first.month - 1) % 3)), _("Quarters")),
        (12, date(today.year, 1, 1), _("Years")),
    )
    for months, start, words in starts:
        found: list[Period] = []
        period = Period(start, months)
        while period.last >= oldest and len(found) < 48:
            found.append(period)
            period = period.previous
        if chosen.months == months and chosen not in found:
            found.append(chosen)
        groups.append((str(months), words, found))
    return groups


def short_month(month: date) -> str:
    """«окт», in January with its year: «янв 27» tells where a new one begins."""
    return str(MONTHS_3[month.month]).lower().rstrip(".")


def month_label(month: date) -> str:
    """«октябрь 2026»."""
    return Period(month).label()

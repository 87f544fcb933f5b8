"""Days of leave: what 1C has computed, and what the portal reckons where 1C has told nothing. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

BASIC = 28  # calendar days of the yearly basic leave, art. 115 TK
_MONTHS = 12
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Left:
    """Days of one kind of leave at one place of work on a day, as 1C says: never rounded, never added to another."""

    name: str
    days: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class Leave:
    """Of one place of work: what 1C says, or else what the portal reckons (`earned`, for information only)."""

    left: Sequence[Left]
    earned: Decimal | None = None


def _later(day: date, months: int) -> date:
    """The same day `months` months later; the last of the month where it has no such day."""
    years, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    return date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))


def months_worked(hired: date, on: date) -> int:
    """Full months of work from the first day to the evening of `on`; half a month and more counts as one, less as none
    (rules on leaves of 30.04.1930, p. 35). 0 before the first day."""
    if on < hired:
        return 0
    months = (on.year - hired.year) * _MONTHS + on.month - hired.month + 1
    while _later(hired, months).toordinal() - 1 > on.toordinal():
        months -= 1
    begun, ends = _later(hired, months), _later(hired, months + 1)
    more = on.toordinal() - begun.toordinal() + 1
    return months + (2 * more >= ends.toordinal() - begun.toordinal())


def earned(hired: date, on: date, *, per_year: int = BASIC) -> Decimal:
    """Days of leave earned since the first day, to hundredths: what was taken, and what does not count for the working
    year (art. 121 TK), is not known here. For information; what 1C says goes before it."""
    return (Decimal(months_worked(hired, on) * per_year) / _MONTHS).quantize(_HUNDREDTH, ROUND_HALF_UP)

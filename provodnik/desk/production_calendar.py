"""The Russian production calendar: days that differ from the plain week, and what they do to opening hours.

The days are data (`data/production_calendar.json`), because the Government moves days off by a decree every
autumn (Labour Code, art. 112); an installation loads them into its database and edits them there.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path

from provodnik.desk.clock import Hours, tidy_hours

SHIPPED = Path(__file__).parent / "data" / "production_calendar.json"

_AN_HOUR = timedelta(hours=1)
_FRIDAY = 4
_MIDNIGHT = time(0)


class ProductionCalendarError(ValueError):
    """The file of days cannot be understood; the message names the row."""


class DayKind(StrEnum):
    """What the day is instead of what its place in the week makes it."""

    HOLIDAY = "holiday"
    DAY_OFF = "day_off"
    SHORT = "short"
    WORKING = "working"


@dataclass(frozen=True, slots=True)
class ProductionDay:
    """A day that differs from the plain Monday-to-Friday week; `note` in Russian says why."""

    date: date
    kind: DayKind
    note: str = ""


def exceptions_for(week: Mapping[int, Hours], days: Iterable[ProductionDay]) -> dict[date, list[tuple[time, time]]]:
    """What the days do to a week of opening hours: the `exceptions` of a WorkingCalendar.

    A holiday and a day off are closed. A Saturday or Sunday made a working day has the hours of the working
    weekday before it: Friday's, or those of the nearest earlier one that has any. A short day closes an hour
    earlier (Labour Code, art. 95); on a Saturday or Sunday it is a working day too, since a weekend that was
    exchanged for the eve of a holiday is shortened like that eve.
    """
    tidy = {day: tidy_hours(hours) for day, hours in week.items()}
    exceptions: dict[date, list[tuple[time, time]]] = {}
    for day in days:
        if day.kind in (DayKind.HOLIDAY, DayKind.DAY_OFF):
            exceptions[day.date] = []
            continue
        hours = _working_hours(tidy, day.date.weekday())
        exceptions[day.date] = _an_hour_less(hours) if day.kind is DayKind.SHORT else list(hours)
    return exceptions


def load(path: Path = SHIPPED) -> list[ProductionDay]:
    """The days of a file, by date. Raises ProductionCalendarError, or OSError when there is no such file."""
    return parse(path.read_text(encoding="utf-8"))


def parse(text: str) -> list[ProductionDay]:
    """The days of `{"days": [{"date": "2026-01-09", "kind": "day_off", "note": "…"}, …]}`, by date."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ProductionCalendarError(f"not JSON: {error}") from error
    except RecursionError as error:
        raise ProductionCalendarError("nested too deeply") from error
    rows = document.get("days") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise ProductionCalendarError('expected an object with a list "days"')
    days: dict[date, ProductionDay] = {}
    for number, row in enumerate(rows, start=1):
        day = _day(number, row)
        if day.date in days:
            raise ProductionCalendarError(f"row {number}: {day.date} is there twice")
        days[day.date] = day
    return [days[key] for key in sorted(days)]


def _day(number: int, row: object) -> ProductionDay:
    if not isinstance(row, dict) or not set(row) <= {"date", "kind", "note"}:
        raise ProductionCalendarError(f"row {number}: expected date, kind and note")
    note = row.get("note", "")
    if not isinstance(note, str):
        raise ProductionCalendarError(f"row {number}: the note is not text")
    try:
        return ProductionDay(date.fromisoformat(row["date"]), DayKind(row["kind"]), note)
    except (KeyError, TypeError, ValueError) as error:
        raise ProductionCalendarError(f"row {number}: {error!r}") from error


def _working_hours(week: Mapping[int, Hours], weekday: int) -> Hours:
    """The hours of the weekday; of a Saturday or Sunday, those of the last working weekday before it."""
    if weekday <= _FRIDAY:
        return week.get(weekday, ())
    return next((week[day] for day in range(_FRIDAY, -1, -1) if week.get(day)), ())


def _an_hour_less(hours: Hours) -> list[tuple[time, time]]:
    """The same hours with the last hour of work cut off, whatever number of spans it takes."""
    left, kept = _AN_HOUR, list(hours)
    while left and kept:
        start, end = kept.pop()
        opens = datetime.combine(date.min, start)
        closes = datetime.combine(date.min + timedelta(days=end == _MIDNIGHT), end)
        if closes - opens > left:
            kept.append((start, (closes - left).time()))
            break
        left -= closes - opens
    return kept

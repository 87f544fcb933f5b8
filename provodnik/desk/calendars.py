"""From the calendars that an administrator edits to the pure clock's WorkingCalendar."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, time

from provodnik.desk.clock import ROUND_THE_CLOCK, WorkingCalendar
from provodnik.desk.clock import Calendar as Clock
from provodnik.desk.models import Calendar, CalendarException, Contract, ProductionDay
from provodnik.desk.production_calendar import DayKind, exceptions_for
from provodnik.desk.production_calendar import ProductionDay as PureDay

Spans = list[tuple[time, time]]


def spans_of(pairs: Sequence[Sequence[str]]) -> Spans:
    """[["09:00", "18:00"], …] → times. Raises ValueError on anything else."""
    return [(time.fromisoformat(start), time.fromisoformat(end)) for start, end in pairs]


def week_of(week: Mapping[str, Sequence[Sequence[str]]]) -> dict[int, Spans]:
    return {int(day): spans_of(pairs) for day, pairs in week.items() if pairs}


def compiled(calendar: Calendar) -> WorkingCalendar:
    """Week + production calendar + own exceptions, the later going before the earlier."""
    week = week_of(calendar.week)
    exceptions: dict[date, Spans] = {}
    if calendar.follows_production:
        days = [PureDay(day.date, DayKind(day.kind), day.note) for day in ProductionDay.objects.all()]
        exceptions.update({day: list(spans) for day, spans in exceptions_for(week, days).items()})
    for own in CalendarException.objects.filter(calendar=calendar):
        exceptions[own.date] = spans_of(own.spans)
    return WorkingCalendar(calendar.zone, week, exceptions)


# Compiled calendars of this process, by calendar and revision: `touch` makes the next look compile anew.
_compiled: dict[tuple[int, int], WorkingCalendar] = {}
_MOST_KEPT = 200


def calendar_of(contract: Contract | None) -> Clock:
    """The calendar that a contract's hours are counted by (I4): round the clock unless it names one."""
    if contract is None or contract.calendar is None:
        return ROUND_THE_CLOCK
    key = (contract.calendar.pk, contract.calendar.revision)
    if key not in _compiled:
        if len(_compiled) >= _MOST_KEPT:
            _compiled.clear()
        _compiled[key] = compiled(contract.calendar)
    return _compiled[key]


def clock_by_id(pk: int | None, revision: int | None) -> Clock:
    """The same by a calendar's id and revision, for lists that carry no contracts; one query when it is not kept."""
    if pk is None or revision is None:
        return ROUND_THE_CLOCK
    known = _compiled.get((pk, revision))
    if known is not None:
        return known
    calendar = Calendar.objects.filter(pk=pk).first()
    return ROUND_THE_CLOCK if calendar is None else calendar_of(Contract(calendar=calendar))


def touch(calendar: Calendar | None = None) -> None:
    """Say that a calendar (or, without one, the production calendar under all of them) was edited."""
    changed = Calendar.objects.filter(pk=calendar.pk) if calendar is not None else Calendar.objects.all()
    # By chance, not by one: an edit that is rolled back may be compiled already, and its number must not come again.
    Contract.objects.filter(calendar__in=changed).update(recounted=False)
    changed.update(revision=1 + secrets.randbelow(2**31 - 1))

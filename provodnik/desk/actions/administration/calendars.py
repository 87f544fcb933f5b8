"""Working calendars and the production calendar (I4). Every edit is told to `calendars.touch`, so that the next
deadline is computed by it; deadlines that were computed before are rebuilt by doctor."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.desk import calendars, production_calendar
from provodnik.desk.clock import CalendarError
from provodnik.desk.models import Calendar, CalendarException, ProductionDay
from provodnik.desk.policies import may_administer


def _require_opens(calendar: Calendar) -> None:
    """A calendar that never opens would never let a deadline come."""
    try:
        opens = any(calendars.compiled(calendar).week)
    except (CalendarError, ValueError) as error:
        raise Refused(_("The working hours cannot be understood.")) from error
    if not opens:
        raise Refused(_("A calendar needs at least an hour of working time a week: else no deadline comes."))


def save_calendar(calendar: Calendar, *, by: User, at: datetime) -> Calendar:
    require(may_administer(by))
    with transaction.atomic():
        calendar = journal.keep(calendar, by=by, at=at)
        _require_opens(calendar)
        calendars.touch(calendar)
        return calendar


def remove_calendar(calendar: Calendar, *, by: User, at: datetime) -> None:
    """Only one that no contract names. Raises Refused."""
    require(may_administer(by))
    journal.remove(calendar, by=by, at=at)


def save_exception(exception: CalendarException, *, by: User, at: datetime) -> CalendarException:
    require(may_administer(by))
    with transaction.atomic():
        exception = journal.keep(exception, by=by, at=at)
        calendars.touch(exception.calendar)
        return exception


def remove_exception(exception: CalendarException, *, by: User, at: datetime) -> None:
    require(may_administer(by))
    with transaction.atomic():
        calendar = exception.calendar
        journal.remove(exception, by=by, at=at)
        calendars.touch(calendar)


def save_production_day(day: ProductionDay, *, by: User, at: datetime) -> ProductionDay:
    require(may_administer(by))
    with transaction.atomic():
        day = journal.keep(day, by=by, at=at)
        calendars.touch()
        return day


def remove_production_day(day: ProductionDay, *, by: User, at: datetime) -> None:
    require(may_administer(by))
    with transaction.atomic():
        journal.remove(day, by=by, at=at)
        calendars.touch()


def add_shipped_days(year: int, *, by: User, at: datetime) -> int:
    """The days of a year that come with the product and are not there; what is there stays as it was edited.
    Returns how many were added."""
    require(may_administer(by))
    with transaction.atomic():
        known = set(ProductionDay.objects.filter(date__year=year).values_list("date", flat=True))
        days = [day for day in production_calendar.load() if day.date.year == year and day.date not in known]
        for day in days:
            journal.keep(ProductionDay(date=day.date, kind=day.kind.value, note=day.note), by=by, at=at)
        if days:
            calendars.touch()
        return len(days)

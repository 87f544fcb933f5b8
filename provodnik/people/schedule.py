"""Each hour, since days begin in many time zones: who begins and who has left. Each night: scans that are over."""

from __future__ import annotations

from django.utils import timezone

from provodnik.core import jobs
from provodnik.people.actions import changes
from provodnik.people.actions.persons import mark_employees


@jobs.periodic("0 3 * * * *")
@jobs.job(name="people.days", queue="notices", alone=True, attempts=3)
def new_day(timestamp: int) -> None:
    """A first or a last day has come: accounts say who works here."""
    mark_employees(None, on=timezone.localdate())


@jobs.periodic("0 17 4 * * *")
@jobs.job(name="people.wipe", queue="upkeep", alone=True, attempts=1, by_clock=True)
def wipe(timestamp: int) -> None:
    """Scans and words of requests that are over for long enough are erased."""
    now = timezone.now()
    changes.wipe(at=now, on=timezone.localdate(now))

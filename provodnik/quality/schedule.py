"""Jobs of the report: catching up, computing all anew, making files, throwing old ones away."""

from __future__ import annotations

from django.utils import timezone

from provodnik.core import jobs
from provodnik.quality.actions import cases, exports


@jobs.periodic("30 * * * * *")
@jobs.job(name="quality.catch_up", queue="upkeep", alone=True, attempts=1)
def catch_up(timestamp: int) -> None:
    """What the listener was not told of."""
    cases.catch_up(timezone.now())


@jobs.periodic("0 40 3 * * *")
@jobs.job(name="quality.catch_up_all", queue="upkeep", alone=True, attempts=1)
def catch_up_all(timestamp: int) -> None:
    """Once a night, all: whatever was loaded with dates of the past, and what a calendar's edit has changed."""
    cases.catch_up_all()


@jobs.periodic("0 25 * * * *")
@jobs.job(name="quality.throw_away", queue="upkeep", alone=True, attempts=1, by_clock=True)
def throw_away(timestamp: int) -> None:
    """Files that have lain for their days."""
    exports.throw_away(timezone.now())

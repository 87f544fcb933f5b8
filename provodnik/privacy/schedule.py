"""Old extracts are thrown away."""

from __future__ import annotations

from django.utils import timezone

from provodnik.core import jobs
from provodnik.privacy.actions import extracts


@jobs.periodic("0 35 * * * *")
@jobs.job(name="privacy.throw_away", queue="upkeep", alone=True, attempts=1, by_clock=True)
def throw_away(timestamp: int) -> None:
    extracts.throw_away(timezone.now())

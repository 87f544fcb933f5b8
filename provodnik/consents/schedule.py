"""Each night: scans and words of consents that have been over for long enough."""

from __future__ import annotations

from django.utils import timezone

from provodnik.consents.actions.scans import wipe
from provodnik.core import jobs


@jobs.periodic("0 27 4 * * *")
@jobs.job(name="consents.wipe", queue="upkeep", alone=True, attempts=1, by_clock=True)
def wiping(timestamp: int) -> None:
    wipe(at=timezone.now())

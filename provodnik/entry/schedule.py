"""Each half a minute: who has left is out within a minute (safety A52); rights and keys do not come back, so not by a
clock that cannot be believed."""

from __future__ import annotations

from django.utils import timezone

from provodnik.core import jobs
from provodnik.entry.actions import leaving


@jobs.periodic("*/30 * * * * *")
@jobs.job(name="entry.leavers", queue="notices", alone=True, attempts=1, by_clock=True)
def leavers(timestamp: int) -> None:
    now = timezone.now()
    leaving.settle(at=now, on=timezone.localdate(now))

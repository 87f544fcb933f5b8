"""Each half a minute: who has left is out within a minute (safety A52)."""

from __future__ import annotations

from django.utils import timezone

from provodnik.core import jobs
from provodnik.entry.actions import leaving


@jobs.periodic("*/30 * * * * *")
@jobs.job(name="entry.leavers", queue="notices", alone=True, attempts=1)
def leavers(timestamp: int) -> None:
    now = timezone.now()
    leaving.settle(at=now, on=timezone.localdate(now))

"""Jobs of the house itself: give back what a dead worker left, sweep what nobody refers to."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from provodnik.core import files, jobs


@jobs.periodic("*/5 * * * * *")
@app.task(name="core.rescue", queue="upkeep", queueing_lock="core.rescue", pass_context=False)
async def rescue(timestamp: int) -> None:
    """Put the jobs of workers without a heartbeat back into the queue: procrastinate leaves them `doing` for ever."""
    for lost in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=jobs.DEAD_AFTER):
        await app.job_manager.retry_job(lost)


@jobs.periodic("0 17 * * * *")
@jobs.job(name="core.sweep", queue="upkeep", alone=True, attempts=1)
def sweep(timestamp: int) -> None:
    """Remove files that a killed process left without a row."""
    files.sweep(now=timezone.now())

"""Jobs of the house itself: give back what a dead worker left, sweep what nobody refers to."""

from __future__ import annotations

import logging

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status

from provodnik.core import files, jobs, volume
from provodnik.core.locks import Lock, alone
from provodnik.core.timekeeping import LONGEST_PUT_OFF

log = logging.getLogger(__name__)


@jobs.periodic("*/5 * * * * *")
@app.task(name="core.rescue", queue="upkeep", queueing_lock="core.rescue", pass_context=False)
async def rescue(timestamp: int) -> None:
    """Put the jobs of workers without a heartbeat back into the queue: procrastinate leaves them `doing` for ever.

    Of an `alone` or `once` job the next one may already wait, and the lost one holds its lock: the lost one goes, or
    neither would ever run. One that cannot be given back does not keep the others.
    """
    for lost in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=jobs.DEAD_AFTER):
        try:
            await app.job_manager.retry_job(lost)
        except UniqueViolation:
            await app.job_manager.finish_job(lost, status=Status.FAILED, delete_job=True)
        except ConnectorException:
            log.warning("job %s was not given back: it is another's already", lost.id)


@jobs.periodic("0 17 * * * *")
@jobs.job(name="core.sweep", queue="upkeep", alone=True, attempts=1)
def sweep(timestamp: int) -> None:
    """Remove files that a killed process left without a row, and what was counted of days long over."""
    with alone(Lock.FILES, 0) as mine:  # a backup copies what its snapshot names: nothing may go meanwhile
        if mine:
            files.sweep(now=timezone.now())
    volume.forget(timezone.localdate())
    pull_forward()


def pull_forward() -> None:
    """What failed while the clock ran ahead is put off until then: once the clock is right, it is tried again now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = NULL"
            " WHERE status = 'todo' AND attempts > 0 AND scheduled_at > now() + %s * interval '1 second'",
            [LONGEST_PUT_OFF.total_seconds()],
        )

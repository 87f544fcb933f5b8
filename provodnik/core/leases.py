"""Whose a job is, and when the next of a periodic one comes: what procrastinate leaves open (safety F08, F40, F46).

A worker that stood still (a frozen process, a machine that slept) wakes and believes that the jobs it held are its
own, though they were given away meanwhile. Its mark would end another's work, or begin it a third time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.periodic import PeriodicDeferrer, TaskAtTime
from procrastinate.utils import utcnow

log = logging.getLogger(__name__)

# Locked and still held by the worker that the job was read with: what `call` then does cannot be another's.
_MINE = (
    "WITH mine AS MATERIALIZED (SELECT id FROM procrastinate_jobs WHERE id = %(job_id)s AND status = 'doing'"
    " AND worker_id IS NOT DISTINCT FROM %(worker_id)s::bigint FOR UPDATE) SELECT id, {call} FROM mine"
)
_FINISH = _MINE.format(call="procrastinate_finish_job_v1(id, %(status)s, %(delete_job)s)")
_RETRY = _MINE.format(
    call="procrastinate_retry_job_v2(id, %(retry_at)s, %(new_priority)s, %(new_queue_name)s, %(new_lock)s)"
)


class Fenced(JobManager):
    """Marks a job done, failed or to be tried again only while the worker holds it that took it."""

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        await self._mark(_FINISH, job, status=status.value, delete_job=delete_job)

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        await self._mark(
            _RETRY,
            job,
            retry_at=retry_at or utcnow(),
            new_priority=priority,
            new_queue_name=queue,
            new_lock=lock,
        )

    async def _mark(self, query: str, job: Job, **values: Any) -> None:
        done = await self.connector.execute_query_all_async(
            query=query, job_id=job.id, worker_id=job.worker_id, **values
        )
        if not done:
            log.warning("job %s is another's by now: its mark is not taken", job.id)


class Ticker(PeriodicDeferrer):
    """Asks for periodic jobs. Procrastinate makes up for every tick between its last look and now: after a night of
    sleep some six thousand for each job of five seconds, after a clock that ran ten years ahead none until then."""

    _looked: float | None = None

    def get_previous_tasks(self, at: float) -> Iterable[TaskAtTime]:
        if self._looked is not None and not 0 <= at - self._looked <= self.max_delay:
            self.last_defers.clear()  # as after a start: the last tick of each, if it was lately
        self._looked = at
        return super().get_previous_tasks(at)

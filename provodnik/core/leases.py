"""Whose a job is, and when the next of a periodic one comes: what procrastinate leaves open (safety F08, F40, F46).

A worker that stood still (a frozen process, a machine that slept) wakes and believes that the jobs it held are its
own, though they were given away meanwhile. Its mark would end another's work, or begin it a third time.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from procrastinate.connector import BaseConnector
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.periodic import PeriodicDeferrer, PeriodicRegistry, PeriodicTask, TaskAtTime
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


# The last tick of each that was asked for; one of the future was asked for by a clock that has been set right since.
_ASKED = (
    "SELECT task_name, periodic_id, max(defer_timestamp) AS tick FROM procrastinate_periodic_defers"
    " WHERE defer_timestamp <= %(now)s GROUP BY task_name, periodic_id"
)
_WATCH = (
    "INSERT INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)"
    " SELECT name, id, %(now)s FROM unnest(%(names)s::text[], %(ids)s::text[]) AS one (name, id) ON CONFLICT DO NOTHING"
)


class Ticker(PeriodicDeferrer):
    """Asks for periodic jobs. Procrastinate makes up for every tick between its last look and now: after a night of
    sleep some six thousand for each job of five seconds, after a clock that ran ten years ahead none until then; and
    after a start for none that is older than ten minutes: a machine that is off at night would never do what is done
    at night. This one asks once for each job whose time came meanwhile, however often it did."""

    _looked: float | None = None

    def __init__(self, registry: PeriodicRegistry, connector: BaseConnector | None = None, **options: Any) -> None:
        super().__init__(registry, **options)
        self.connector = connector

    async def worker(self) -> None:
        if self.connector is not None:
            await self.remember(self.connector, time.time())
        await super().worker()

    async def remember(self, connector: BaseConnector, now: float) -> None:
        """What was asked for before this start; a job never asked for is watched from now on."""
        rows = await connector.execute_query_all_async(query=_ASKED, now=int(now))
        self.last_defers = {(row["task_name"], row["periodic_id"]): row["tick"] for row in rows}
        new = [
            key
            for key, task in self.registry.periodic_tasks.items()
            if key not in self.last_defers and not self._is_fresh(task, now)
        ]
        names, ids = [name for name, _id in new], [one for _name, one in new]
        await connector.execute_query_async(query=_WATCH, now=int(now), names=names, ids=ids)

    def get_previous_tasks(self, at: float) -> Iterable[TaskAtTime]:
        goes_on = self._looked is not None and 0 <= at - self._looked <= self.max_delay
        self._looked = at
        return super().get_previous_tasks(at) if goes_on else self._anew(at)

    def _anew(self, at: float) -> Iterator[TaskAtTime]:
        known, self.last_defers = self.last_defers, {}
        for key, task in self.registry.periodic_tasks.items():
            tick = _last_tick(task, at)
            if self._is_fresh(task, at) or known.get(key, tick) < tick:
                self.last_defers[key] = tick
                yield task, tick

    def _is_fresh(self, task: PeriodicTask[..., Any, Any], at: float) -> bool:
        """Whether its last tick was so lately that it is asked for even if nobody knows of an earlier one."""
        return at - _last_tick(task, at) <= self.max_delay


def _last_tick(task: PeriodicTask[..., Any, Any], at: float) -> int:
    times = task.croniter
    times.set_current(start_time=at)
    tick: float = times.get_prev(ret_type=float)
    return round(tick)

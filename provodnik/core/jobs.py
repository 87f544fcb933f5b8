"""Background jobs, in the same PostgreSQL and the same transaction as the fact that asks for them.

A job exists exactly when its fact was committed. A job may run twice (its worker can be killed after the work and
before the mark), so every job is written to be repeated: it is given the id of a fact and looks what is still to do.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import wraps
from typing import Any

import psycopg
from django.conf import settings
from django.db import OperationalError, close_old_connections, connections, transaction
from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job as Asked
from procrastinate.manager import JobManager
from procrastinate.retry import RetryDecision
from procrastinate.tasks import Task

from provodnik.core import quarantine, timekeeping
from provodnik.core.leases import Fenced, Ticker
from provodnik.core.logs import request_number

log = logging.getLogger(__name__)

# Seconds without a heartbeat after which a worker counts as dead, and between the heartbeats of the living.
DEAD_AFTER = float(settings.WORKER_PATIENCE)
HEARTBEAT = DEAD_AFTER / 3
WHILE_CLOSED = 300  # seconds after which a job that waits in quarantine asks again
OUTSIDE: set[str] = set()  # names of the jobs that go outside

Job = Task[..., Any, Any]


class _Patience(RetryStrategy):
    """Growing pauses for what fails; what quarantine keeps from going outside waits, however often."""

    def get_retry_decision(self, *, exception: BaseException, job: Asked) -> RetryDecision | None:
        if isinstance(exception, quarantine.Closed):
            return RetryDecision(retry_in={"seconds": WHILE_CLOSED})
        if self.max_attempts == 1:
            return None
        return super().get_retry_decision(exception=exception, job=job)


def job(
    *,
    name: str,
    queue: str = "default",
    attempts: int = 8,
    lock: str | None = None,
    alone: bool = False,
    outside: bool = False,
    by_clock: bool = False,
) -> Callable[[Callable[..., None]], Job]:
    """Make a function a job. `attempts`: tries with growing pauses (2, 4, 8 … s) before it is left as failed, to be
    seen by doctor. `alone`: no second one of it waits or runs. `outside`: it speaks to other machines, or makes jobs
    that do; in quarantine it waits (core.quarantine), an `alone` one for its next time. `by_clock`: it does what
    cannot be taken back because a day has come; while the clock is doubted (core.timekeeping) it does nothing."""

    def make(function: Callable[..., None]) -> Job:
        @wraps(function)
        def work(*arguments: Any, **named: Any) -> None:
            if by_clock and timekeeping.is_doubtful(timezone.now()):
                return
            try:
                with quarantine.running(name, outside=outside):
                    function(*arguments, **named)
            except quarantine.Closed:
                if not alone:
                    raise

        if outside:
            OUTSIDE.add(name)
        return app.task(
            name=name,
            queue=queue,
            retry=_Patience(max_attempts=attempts, exponential_wait=2) if attempts > 1 or outside else False,
            lock=lock or (name if alone else None),
            queueing_lock=name if alone else None,
        )(work)

    return make


def periodic(cron: str) -> Callable[[Job], Job]:
    """Run an `alone` job by a cron line of six fields, seconds first; the job is called with `timestamp` (Unix)."""
    seconds, *rest = cron.split()
    return app.periodic(cron=" ".join([*rest, seconds]))  # croniter reads the seconds last


# Inside a worker the app itself speaks over a connection of its own, outside the job's transaction: a job deferred by
# a job could start before its fact is committed, or outlive its rollback. This one always uses Django's connection.
_manager = JobManager(DjangoConnector())
_collected: ContextVar[list[Asked] | None] = ContextVar("collected", default=None)


@contextmanager
def asked_together() -> Iterator[None]:
    """Ask for the jobs of this block by one statement at its end: within the transaction whose facts they are, and
    where nothing between its beginning and its end is rolled back alone. `once` jobs are asked for as always."""
    before, found = _collected.get(), list[Asked]()
    _collected.set(found)
    try:
        yield
    finally:
        _collected.set(before)
    if found:
        with _plain_failures():
            _manager.batch_defer_jobs(found)


@contextmanager
def _plain_failures() -> Iterator[None]:
    """A database that went away is told as everywhere else: procrastinate's own word would become a 500."""
    try:
        yield
    except ConnectorException as error:
        if isinstance(error.__cause__, psycopg.OperationalError | psycopg.InterfaceError):
            raise OperationalError(str(error.__cause__)) from error
        raise


def defer(
    task: Job,
    *,
    priority: int = 0,
    at: datetime | None = None,
    serial: str | None = None,
    once: str | None = None,
    **arguments: Any,
) -> None:
    """Ask for a job within the current transaction. `serial`: jobs of one key run one after another. `once`: of one
    key only one waits; asking for it, or for an `alone` job, that already waits changes nothing."""
    options: dict[str, Any] = {"priority": priority}
    if at is not None:
        options["schedule_at"] = at
    if serial is not None:
        options["lock"] = serial
    if once is not None:
        options["queueing_lock"] = once
    asked = task.configure(**options)
    asked.job_manager = _manager
    collected = _collected.get()
    if collected is not None and asked.job.queueing_lock is None:
        collected.append(asked.make_new_job(**arguments))
        return
    try:
        with _plain_failures():
            if asked.job.queueing_lock is None:
                asked.defer(**arguments)
                return
            with transaction.atomic():  # what the database refuses must not spoil the caller's transaction
                asked.defer(**arguments)
    except AlreadyEnqueued:
        return


def _clean_connections(call: Callable[[], Any], context: JobContext, worker: Any) -> Any:
    """Give each job a connection that is alive, and none that outlives it; its lines of the log bear its number."""
    close_old_connections()
    kept = request_number.set(f"job-{context.job.id}")
    try:
        return call()
    finally:
        request_number.reset(kept)
        connections.close_all()


def run_worker(concurrency: int, *, name: str = "worker") -> bool:
    """Work until a signal stops it (then finish what was begun, at most 25 s). Blocks. False when no signal came:
    procrastinate ends its worker, without an error, when the database goes away. Whoever was asked to stop stops,
    also when the database went at the same moment."""
    asked: list[int] = []
    with app.replace_connector(app.connector.get_worker_connector()) as worker_app:  # type: ignore[attr-defined]
        worker_app.job_manager = Fenced(worker_app.connector)
        try:
            asyncio.run(
                _work(
                    worker_app,
                    asked,
                    name=name,
                    concurrency=concurrency,
                    delete_jobs="successful",
                    fetch_job_polling_interval=2.0,
                    shutdown_graceful_timeout=25.0,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=DEAD_AFTER,
                    task_middleware=[_clean_connections],
                    install_signal_handlers=False,
                )
            )
        except (ConnectorException, psycopg.OperationalError):
            if not asked:
                raise
    return bool(asked)


async def _work(worker_app: Any, asked: list[int], **options: Any) -> None:
    async with worker_app.open_async():
        worker_app.perform_import_paths()
        worker = worker_app._worker(**options)
        ticker = Ticker(worker_app.periodic_registry, worker_app.connector, **worker_app.periodic_defaults)
        worker._periodic_deferrer = ticker.worker

        def stop(signum: int) -> None:
            asked.append(signum)
            worker.stop()

        for signum in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(signum, stop, signum)
        await worker.run()


def counts() -> Mapping[str, int]:
    """Jobs by state: todo, doing, failed. For health and doctor."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status")
        found = dict(cursor.fetchall())
    return {state: int(found.get(state, 0)) for state in ("todo", "doing", "failed")}

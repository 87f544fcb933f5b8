"""Whose a job is (safety F08), and how many ticks a sleep or a jump of the clock is worth (F40, F46)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from django.db import connection
from procrastinate import periodic
from procrastinate.contrib.django import app
from procrastinate.jobs import Job, Status

from provodnik.core import jobs
from provodnik.core.leases import Fenced, Ticker
from provodnik.core.upkeep import pull_forward

BEGAN = 1_800_000_000.0
HOUR, DAY, YEAR = 3600, 86_400, 365 * 86_400
MIDNIGHT = BEGAN // DAY * DAY


@jobs.job(name="tests.leased")
def leased() -> None:
    """Does nothing."""


Mark = Callable[[Fenced, Job], Awaitable[None]]


@pytest.mark.parametrize(
    "mark",
    [
        lambda manager, job: manager.finish_job(job, Status.SUCCEEDED, delete_job=True),
        lambda manager, job: manager.finish_job(job, Status.FAILED, delete_job=False),
        lambda manager, job: manager.retry_job(job),
    ],
    ids=["done", "failed", "again"],
)
@pytest.mark.django_db(transaction=True)
def test_the_mark_of_a_worker_that_no_longer_holds_a_job_is_not_taken(mark: Mark) -> None:
    jobs.defer(leased)

    async def run() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as one:  # type: ignore[attr-defined]
            async with one.open_async():
                manager = Fenced(one.connector)
                frozen, awake = await manager.register_worker(), await manager.register_worker()
                held = await manager.fetch_job(None, frozen)
                assert held is not None
                await manager.retry_job(held)  # given away, as core.rescue does
                await mark(manager, held)  # the frozen one wakes: nobody holds it
                taken = await manager.fetch_job(None, awake)
                assert taken is not None
                assert taken.id == held.id
                await mark(manager, held)  # and once more: another does
                state.append(standing_of(await manager.list_jobs_async(task="tests.leased")))
                await mark(manager, taken)
                state.append(standing_of(await manager.list_jobs_async(task="tests.leased")))
                assert state[0] == [("doing", awake)]

    def standing_of(found: object) -> list[tuple[str, int | None]]:
        return [(job.status, job.worker_id) for job in found]  # type: ignore[attr-defined]

    state: list[list[tuple[str, int | None]]] = []
    asyncio.run(run())
    assert [status for status, _worker in state[1]] != ["doing"]


def ticks(*looks: float) -> list[int]:
    """How many jobs are asked for at each look."""
    registry = periodic.PeriodicRegistry()
    registry.register_task(leased, cron="* * * * * */5", periodic_id="", configure_kwargs={})
    ticker = Ticker(registry)
    return [len(list(ticker.get_previous_tasks(BEGAN + look))) for look in looks]


@pytest.mark.parametrize(
    ("looks", "asked"),
    [
        ((1, 6, 11), [1, 1, 1]),
        ((1, 21), [1, 4]),  # a busy moment: none is left out
        ((1, 8 * HOUR + 1, 8 * HOUR + 6), [1, 1, 1]),  # slept for a night
        ((1, 10 * YEAR + 1, 10 * YEAR + 6), [1, 1, 1]),  # ran ten years ahead
        ((1, 10 * YEAR, 6, 11), [1, 1, 1, 1]),  # and was set right
        ((1, -HOUR, 6 - HOUR), [1, 1, 2]),  # ran an hour back: those of now, from now on
        ((1, -BEGAN + 86_400, 6), [1, 1, 1]),  # 1970 and again
    ],
)
def test_a_look_asks_for_what_came_lately_whatever_the_clock_did(looks: tuple[float, ...], asked: list[int]) -> None:
    assert ticks(*looks) == asked


@pytest.mark.django_db(transaction=True)
def test_what_is_done_at_night_is_done_after_a_start_when_the_machine_was_off_at_night() -> None:
    """Each start is a worker of its own: what was asked for is known to the database alone."""

    async def started(days: float) -> list[int]:
        registry = periodic.PeriodicRegistry()
        registry.register_task(leased, cron="0 2 * * * 0", periodic_id="", configure_kwargs={})
        with app.replace_connector(app.connector.get_worker_connector()) as one:  # type: ignore[attr-defined]
            async with one.open_async():
                now = MIDNIGHT + days * DAY
                ticker = Ticker(registry, one.connector)
                await ticker.remember(one.connector, now)
                asked = list(ticker.get_previous_tasks(now))
                await ticker.defer_jobs(asked)
                return [int((tick - MIDNIGHT) // DAY) for _task, tick in asked]

    looks = [
        (0.5, []),  # installed at noon: the night before was not its own
        (0.6, []),
        (1.5, [1]),
        (1.6, []),  # once
        (30.5, [30]),  # off for a month: once as well
        (3650.5, [3650]),  # a wrong clock …
        (31.5, []),  # … set right: its tick has outlived those before it
        (32.5, [32]),
        (32.6, []),
    ]
    assert [asyncio.run(started(days)) for days, _asked in looks] == [asked for _days, asked in looks]


@pytest.mark.django_db
def test_what_was_put_off_for_years_is_tried_now() -> None:
    jobs.defer(leased)
    with connection.cursor() as cursor:
        change = "UPDATE procrastinate_jobs SET attempts = %s, scheduled_at = now() + %s * interval '1 day'"
        for attempts, days, waits in ((1, 3650, 0), (1, 1, 1), (0, 3650, 1)):
            cursor.execute(change, [attempts, days])
            pull_forward()
            cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE scheduled_at > now()")
            assert cursor.fetchone()[0] == waits

"""What a dead worker left is given back, whatever already waits in its place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync
from django.db import connection

from provodnik.core.upkeep import rescue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_jobs() -> Iterator[None]:
    """The tables of jobs are not Django's: no test's end empties them."""
    ask("DELETE FROM procrastinate_jobs")
    yield
    ask("DELETE FROM procrastinate_jobs")
    ask("DELETE FROM procrastinate_workers")


def ask(sql: str, *values: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def worker(seconds_ago: int) -> int:
    made = ask(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 second') RETURNING id",
        seconds_ago,
    )
    return int(str(made[0][0]))


def put(name: str, status: str, lock: str | None, worker_id: int | None) -> int:
    made = ask(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status, worker_id)"
        " VALUES ('upkeep', %s, %s, %s, '{}', %s, %s) RETURNING id",
        name,
        lock,
        lock,
        status,
        worker_id,
    )
    return int(str(made[0][0]))


def statuses() -> dict[int, str]:
    return {int(str(pk)): str(status) for pk, status in ask("SELECT id, status::text FROM procrastinate_jobs")}


def test_jobs_of_the_dead_go_back_those_of_the_living_do_not():
    dead, living = worker(3600), worker(0)
    lost, running, orphan = (
        put("a", "doing", None, dead),
        put("b", "doing", None, living),
        put("c", "doing", None, None),
    )
    async_to_sync(rescue.func)(timestamp=0)
    assert statuses() == {lost: "todo", running: "doing", orphan: "todo"}


def test_a_lost_job_whose_next_one_waits_makes_way_and_keeps_nobody_else():
    dead = worker(3600)
    put("alone", "doing", "alone", dead)
    waiting = put("alone", "todo", "alone", None)
    other = put("other", "doing", None, dead)
    async_to_sync(rescue.func)(timestamp=0)
    assert statuses() == {waiting: "todo", other: "todo"}

"""A job exists exactly when its fact was committed, also when a job asks for it."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app

from provodnik.core import jobs
from provodnik.core.upkeep import sweep


@jobs.job(name="tests.plain")
def plain(number: int) -> None:
    """Does nothing."""


def waiting(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s", [name])
        return int(cursor.fetchone()[0])


class Undone(Exception):
    pass


@pytest.mark.django_db(transaction=True)
def test_a_job_deferred_inside_a_worker_disappears_with_its_transaction():
    with app.replace_connector(app.connector.get_worker_connector()):
        with pytest.raises(Undone), transaction.atomic():
            jobs.defer(plain, number=1)
            assert waiting("tests.plain") == 1
            raise Undone
        assert waiting("tests.plain") == 0


@pytest.mark.django_db
def test_asking_again_for_a_job_that_waits_changes_nothing_and_spoils_no_transaction():
    with transaction.atomic():
        jobs.defer(sweep, timestamp=1)
        jobs.defer(sweep, timestamp=2)
        assert waiting("core.sweep") == 1


def test_seconds_stand_first_in_a_cron_line():
    tasks = app.periodic_registry.periodic_tasks
    rescue = next(task for (name, _id), task in tasks.items() if name == "core.rescue")
    iterator = rescue.croniter
    iterator.set_current(1_800_000_000)
    assert [iterator.get_next() for _ in range(3)] == [1_800_000_005, 1_800_000_010, 1_800_000_015]


@pytest.mark.django_db
def test_once_is_by_key():
    for key in ("a", "b", "a"):
        jobs.defer(plain, once=key, number=1)
    assert waiting("tests.plain") == 2

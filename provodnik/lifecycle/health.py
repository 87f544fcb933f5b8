"""Doctor's own checks: settings, database, jobs. The parts bring theirs by their front doors."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.core.checks import Tags, run_checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.core import jobs
from provodnik.core.parts import Finding

OLDEST_SUPPORTED = 140000  # PostgreSQL 14
JOB_LATE = 120  # seconds a due job may wait before somebody should look at the worker


def database() -> Iterator[Finding]:
    """Version, durability and migrations of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
        number, name = cursor.fetchone()
        cursor.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit'), now()")
        fsync, commit, their_now = cursor.fetchone()
        cursor.execute("SELECT lower('ПРИВЕТ') = 'привет'")
        (cyrillic,) = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state = 'idle in transaction' AND now() - state_change > interval '60 seconds'"
        )
        (forgotten,) = cursor.fetchone()
    level = "ok" if number >= OLDEST_SUPPORTED else "error"
    yield Finding(level, _("PostgreSQL %(name)s (14 or later is needed).") % {"name": name})
    if fsync != "on" or commit == "off":
        yield Finding(
            "warning", _("The database does not wait for the disk: a power cut may lose what was acknowledged.")
        )
    if not cyrillic:
        yield Finding("error", _("The database's locale does not know Russian letters: create it with a UTF-8 locale."))
    if forgotten:
        yield Finding("error", _("Transactions forgotten for more than a minute: %(count)s.") % {"count": forgotten})
    drift = abs((timezone.now() - their_now).total_seconds())
    if drift > 60:
        yield Finding("warning", _("The clocks of this machine and of the database differ by %(s)d s.") % {"s": drift})
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    yield Finding(
        "error" if waiting else "ok", _("Changes of the database to be made: %(count)s.") % {"count": waiting}
    )


def work() -> Iterator[Finding]:
    """Jobs: none failed, none waits long."""
    counts = jobs.counts()
    level = "warning" if counts["failed"] else "ok"
    yield Finding(level, _("Jobs: %(todo)s wait, %(doing)s run, %(failed)s failed.") % counts)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(extract(epoch FROM now() - min(greatest(scheduled_at, e.at))), 0)"
            " FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'"
            " WHERE j.status = 'todo' AND coalesce(j.scheduled_at, now()) <= now()"
        )
        (seconds,) = cursor.fetchone()
    if seconds > JOB_LATE:
        yield Finding("error", _("The oldest job has waited %(s)d s: is the worker running?") % {"s": seconds})


def configuration() -> Iterator[Finding]:
    """Django's own deployment checks, and what an administrator should know."""
    if settings.DEBUG:
        yield Finding("warning", _("PROVODNIK_DEBUG is on: tracebacks are shown to everybody."))
    if not settings.BASE_URL.startswith("https://"):
        yield Finding("warning", _("The portal is opened without HTTPS: passwords travel in clear over the network."))
    problems = run_checks(tags=[Tags.security], include_deployment_checks=True) if not settings.DEBUG else []
    expected = {
        "security.W004",
        "security.W011",
        "security.W008",
        "security.W012",
        "security.W016",
        "security.W018",
        "security.W021",
    }
    for problem in problems:
        if problem.id not in expected:  # the expected ones are said above in plain words
            yield Finding("warning", f"{problem.id}: {problem.msg}")

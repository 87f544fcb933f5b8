"""Doctor's own checks: settings, database, jobs. The parts bring theirs by their front doors."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.checks import Tags, run_checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.core import jobs
from provodnik.core.parts import Finding
from provodnik.lifecycle.metrics.gather import space

GIB = 1024**3
NO_SPACE, LITTLE_SPACE, LITTLE_SHARE = 1 * GIB, 5 * GIB, 10  # bytes, bytes, per cent
OLDEST_PYTHON = (3, 11)
OLDEST_SUPPORTED = 140000  # PostgreSQL 14
JOB_LATE = 120  # seconds a due job may wait before somebody should look at the worker


def database() -> Iterator[Finding]:
    """Version, durability and migrations of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
        number, name = cursor.fetchone()
        cursor.execute(
            "SELECT current_setting('fsync'), current_setting('synchronous_commit'), now(),"
            " current_setting('data_checksums')"
        )
        fsync, commit, their_now, checksums = cursor.fetchone()
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
    if checksums != "on":
        yield Finding(
            "warning", _("The database has no checksums: a bad disk is noticed late (pg_checksums --enable).")
        )
    drift = abs((timezone.now() - their_now).total_seconds())
    if drift > 60:
        yield Finding("warning", _("The clocks of this machine and of the database differ by %(s)d s.") % {"s": drift})
    executor = MigrationExecutor(connection)
    unknown = sorted(newer(executor))
    if unknown:
        yield Finding(
            "error",
            _("The database was changed by a newer version (%(names)s): start that one, or restore a backup.")
            % {"names": ", ".join(unknown[:5])},
        )
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    yield Finding(
        "error" if waiting else "ok", _("Changes of the database to be made: %(count)s.") % {"count": waiting}
    )


def newer(executor: MigrationExecutor) -> set[str]:
    """Changes that the database knows and this version does not: «app.name». Those of apps that only another
    installation has (the demo) are none."""
    known = set(executor.loader.disk_migrations)
    ours = {app for app, _name in known}
    replaced = {one for found in executor.loader.disk_migrations.values() for one in found.replaces}
    applied = set(executor.loader.applied_migrations)
    return {f"{app}.{name}" for app, name in applied - known - replaced if app in ours}


def versions() -> Iterator[Finding]:
    """Ours, and that of Python, whose support ends some day."""
    told = _("PROvodnik %(version)s, Python %(python)s.")
    yield Finding("ok", told % {"version": settings.VERSION, "python": platform.python_version()})
    if sys.version_info < OLDEST_PYTHON:
        yield Finding("error", _("Python 3.11 or later is needed."))


def disk() -> Iterator[Finding]:
    """Room where the data lie, and where the private database lies, if that is another disk."""
    data = Path(settings.BASE_DIR)
    places = {data.stat().st_dev: data}
    database_folder = data / "postgres"
    if database_folder.exists():
        places.setdefault(database_folder.stat().st_dev, database_folder)
    files = Path(settings.FILES_DIR)
    if files.exists():
        places.setdefault(files.stat().st_dev, files)
    for folder in places.values():
        free, size = space(folder)
        share = 100 * free / size if size else 0
        level = "ok"
        if free < LITTLE_SPACE or share < LITTLE_SHARE:
            level = "error" if free < NO_SPACE else "warning"
        told = _("Free in %(folder)s: %(free).1f GiB of %(size).1f.")
        yield Finding(level, told % {"folder": folder, "free": free / GIB, "size": size / GIB})


def clock() -> Iterator[Finding]:
    """Whether this machine's clock is kept right. Deadlines, sessions and second factors are reckoned by it."""
    asking = shutil.which("timedatectl")
    if not Path("/run/systemd/system").exists() or asking is None:
        return  # nobody to ask: a container takes its machine's clock
    try:
        done = subprocess.run(
            [asking, "show", "--property=NTPSynchronized", "--value"],
            capture_output=True, text=True, timeout=10, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return
    if done.stdout.strip() == "no":
        yield Finding(
            "warning", _("The clock of this machine is kept by nobody (NTP): name a time server of the organisation.")
        )
    elif done.stdout.strip() == "yes":
        yield Finding("ok", _("The clock is kept by a time server."))


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

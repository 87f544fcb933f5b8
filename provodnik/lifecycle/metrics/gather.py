"""Figures of the moment. All of them together are some twenty short statements, asked at most every five seconds."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from provodnik.core import jobs
from provodnik.core.faults import is_away
from provodnik.core.metrics import Family, gauge, gauges, render
from provodnik.core.parts import parts
from provodnik.lifecycle.backup import record
from provodnik.lifecycle.metrics.middleware import counters
from provodnik.lifecycle.metrics.shared import BUCKETS

KEPT = 5.0  # seconds for which an answer is given again
_lock = threading.Lock()
_last: list[tuple[float, str]] = []


def text(now: datetime) -> str:
    """The whole answer; asked again at once it is the same, so that nobody can make the database work by asking."""
    with _lock:
        if _last and time.monotonic() - _last[0][0] < KEPT:
            return _last[0][1]
        made = render(everything(now))
        _last[:] = [(time.monotonic(), made)]
        return made


def everything(now: datetime) -> Iterator[Family]:
    """Our own figures, then those of the parts. Those of a part that breaks are left out, and that is a figure too."""
    yield gauge("info", "The running version.", 1, version=settings.VERSION)
    yield from requests()
    broken = 0
    own = (database, work, disk, backup)
    for gather in (*own, *(part.extra["metrics"] for part in parts() if "metrics" in part.extra)):
        try:
            with transaction.atomic():
                found = list(gather(now))
        except DatabaseError as error:
            if is_away(error):
                raise
            broken += 1
            continue
        except OSError:
            broken += 1
            continue
        yield from found
    yield gauge("gather_failures", "Groups of figures that could not be made this time.", broken)


def requests() -> Iterable[Family]:
    """Answers of all web processes since the program started."""
    found = counters().totals()
    count, spread = [], []
    by_part: dict[str, tuple[list[int], float]] = {}
    for (part, status), (cells, seconds) in found.items():
        count.append(("", {"part": part, "status": status}, float(sum(cells))))
        known, total = by_part.get(part, ([0] * len(BUCKETS), 0.0))
        by_part[part] = ([old + new for old, new in zip(known, cells, strict=True)], total + seconds)
    for part, (cells, seconds) in by_part.items():
        below = 0
        for bound, cell in zip(BUCKETS, cells, strict=True):
            below += cell
            shown = "+Inf" if bound == BUCKETS[-1] else f"{bound:g}"
            spread.append(("_bucket", {"part": part, "le": shown}, float(below)))
        spread += [("_sum", {"part": part}, seconds), ("_count", {"part": part}, float(below))]
    return [
        Family("http_requests_total", "counter", "Answers by part of the product and class of status.", count),
        Family("http_request_duration_seconds", "histogram", "Seconds until an answer began.", spread),
    ]


def database(now: datetime) -> Iterator[Family]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_database_size(current_database()), current_setting('server_version_num')::int / 10000,"
            " current_setting('max_connections')::int"
        )
        size, major, most = cursor.fetchone()
        cursor.execute(
            "SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " GROUP BY 1 ORDER BY 1"
        )
        states = {str(state).replace(" ", "_"): float(count) for state, count in cursor.fetchall()}
    yield gauge("database_bytes", "Size of the database on its disk.", size)
    yield gauge("database_version", "Major version of PostgreSQL.", major)
    yield gauges("database_connections", "Connections of this database by state.", "state", states)
    yield gauge("database_connections_limit", "Connections that the server allows in all.", most)


def work(now: datetime) -> Iterator[Family]:
    counts = {state: float(count) for state, count in jobs.counts().items()}
    yield gauges("jobs", "Background jobs by state: todo, doing, failed.", "state", counts)
    waited, heard = standing()
    yield gauge("job_oldest_wait_seconds", "How long the oldest due job has waited.", waited)
    yield gauge("worker_silence_seconds", "Since the last sign of life of the worker.", heard)


def standing() -> tuple[float, float | None]:
    """Seconds that the oldest due job has waited, and since a worker was last heard of (None: there is none)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(extract(epoch FROM now() - min(greatest(scheduled_at, e.at))), 0)::float8"
            " FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'"
            " WHERE j.status = 'todo' AND coalesce(j.scheduled_at, now()) <= now()"
        )
        waited = float(cursor.fetchone()[0])
        cursor.execute("SELECT extract(epoch FROM now() - max(last_heartbeat))::float8 FROM procrastinate_workers")
        heard = cursor.fetchone()[0]
    return waited, None if heard is None else float(heard)


def disk(now: datetime) -> Iterator[Family]:
    free, size = space(Path(settings.BASE_DIR))
    yield gauge("disk_free_bytes", "Free where the data folder lies.", free, place="data")
    yield gauge("disk_size_bytes", "Size of the disk where the data folder lies.", size, place="data")


def backup(now: datetime) -> Iterator[Family]:
    at = record.last_good(Path(settings.BASE_DIR))
    told = "Unix time of the last backup that was made and read back."
    yield gauge("backup_last_success_seconds", told, at.timestamp() if at is not None else None)


def space(folder: Path) -> tuple[int, int]:
    """Bytes that are free for us, and bytes in all, where `folder` lies."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize

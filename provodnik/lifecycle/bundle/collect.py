"""What goes into a bundle, file by file. Each is made alone: one that cannot be made says why by the kind of error.

Left out on purpose: names, addresses and texts of anybody, host names and addresses of the network, secrets, and the
messages of errors (core/logs.py says why). Numbers of rows and codes stay.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import trans_real

from provodnik.core.logs import one_line, scrub, told
from provodnik.core.parts import parts
from provodnik.lifecycle.bundle.own_words import OwnWords
from provodnik.lifecycle.doctor import Checked
from provodnik.lifecycle.metrics import gather

LOG_LINES = 3000
LOG_BYTES = 128 * 1024
UNITS = ("provodnik-web", "provodnik-worker", "provodnik-database", "provodnik-backup")
MASKED = "•••"
SLOWEST = 30
# Settings whose value says nothing about people or the network: numbers, marks, words out of a short list.
_TELLING = re.compile(r"True|False|\d+|\[\d+(?:, \d+)*\]|[a-zA-Z]{1,12}")


@dataclass(frozen=True)
class Item:
    """A file of the bundle: `about` says to its sender what is in it."""

    name: str
    about: str
    content: str


@dataclass(frozen=True)
class Asked:
    """What the bundle is made of. `environment`: field → value of the settings; `doctor`: makes its findings;
    `database`: whether there is one to ask."""

    at: datetime
    environment: Mapping[str, object]
    doctor: Callable[[], list[Checked]]
    database: bool = True


def items(asked: Asked) -> Iterator[Item]:
    """All files, one after another."""
    for name, about, make in (
        (
            "versions.json",
            _("Versions of the product, of its libraries, of Python and PostgreSQL, of the system"),
            versions,
        ),
        ("machine.json", _("Processors, memory, disk, clock"), machine),
        ("settings.json", _("Settings: numbers and switches; addresses, paths and secrets are masked"), _settings),
        ("doctor.json", _("What doctor found, in its own words, without names"), doctor),
        ("metrics.txt", _("Figures: how many requests, letters, jobs, how long answers took"), metrics),
        ("jobs.json", _("Background jobs by kind: how many wait and fail, without what they are about"), jobs),
        ("database.json", _("Tables by size, settings of PostgreSQL, changes made by upgrades"), database),
        ("statements.json", _("The slowest statements without values, where PostgreSQL counts them"), statements),
        ("log.txt", _("The end of the log: what broke and where, without words of people"), log),
    ):
        if make in _OF_DATABASE and not asked.database:
            continue
        try:
            content = make(asked)
        except Exception as error:
            content = json.dumps({"not made": told(error)}, indent=2)
        yield Item(name, about, content)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n"


def versions(asked: Asked) -> str:
    system = (
        platform.freedesktop_os_release().get("PRETTY_NAME", "") if hasattr(platform, "freedesktop_os_release") else ""
    )
    libraries = {found.name: found.version for found in importlib.metadata.distributions()}
    return _json(
        {
            "product": settings.VERSION,
            "made_at": asked.at.isoformat(),
            "python": platform.python_version(),
            "system": system,
            "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
            "libraries": dict(sorted(libraries.items())),
        }
    )


def machine(asked: Asked) -> str:
    memory = {}
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        name, _colon, told_size = line.partition(":")
        if name in ("MemTotal", "MemAvailable", "SwapTotal", "SwapFree"):
            memory[name] = told_size.strip()
    free, size = gather.space(Path(settings.BASE_DIR))
    return _json(
        {
            "processors": os.cpu_count(),
            "load": os.getloadavg(),
            "memory": memory,
            "data_disk": {"free": free, "size": size},
            "time": asked.at.isoformat(),
            "time_zone": settings.TIME_ZONE,
        }
    )


def _settings(asked: Asked) -> str:
    """What cannot name anybody stays; of everything else only whether it is set."""
    shown: dict[str, object] = {}
    for name, value in asked.environment.items():
        text = str(value)
        shown[f"PROVODNIK_{name.upper()}"] = (
            "" if value in ("", None, []) else text if _TELLING.fullmatch(text) and not _secret(name) else MASKED
        )
    shown["PROVODNIK_TIME_ZONE"] = settings.TIME_ZONE
    shown["address"] = settings.BASE_URL.partition("://")[0]
    shown["unknown"] = len(settings.UNKNOWN_VARIABLES)
    shown["parts"] = [part.name for part in parts()]
    return _json(shown)


def _secret(name: str) -> bool:
    return any(word in name for word in ("secret", "token", "key", "password"))


def doctor(asked: Asked) -> str:
    catalogue = getattr(trans_real.translation("ru"), "_catalog", {})
    own = OwnWords(text for text in _texts(catalogue) if text)
    found = [
        {"check": one.check, "level": finding.level, "text": own.of(finding.text)}
        for one in asked.doctor()
        for finding in one.findings
    ]
    return _json(found)


def _texts(catalogue: Any) -> Iterator[str]:
    """Every sentence of Django's merged catalogue: its main one and those of the apps that override it."""
    for one in getattr(catalogue, "_catalogs", [catalogue]):
        yield from (text for text in one.values() if isinstance(text, str))


def metrics(asked: Asked) -> str:
    return gather.text(asked.at)


def _rows(statement: str, *arguments: Any) -> list[dict[str, object]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(arguments))
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def jobs(asked: Asked) -> str:
    """Never their arguments."""
    return _json(
        _rows(
            "SELECT task_name, queue_name, status::text, count(*), max(attempts) AS most_attempts,"
            " min(scheduled_at) AS earliest, max(scheduled_at) AS latest FROM procrastinate_jobs"
            " GROUP BY task_name, queue_name, status ORDER BY task_name, status"
        )
    )


def database(asked: Asked) -> str:
    wanted = [
        "server_version", "fsync", "synchronous_commit", "shared_buffers", "work_mem", "max_connections",
        "max_wal_size", "autovacuum", "data_checksums", "effective_cache_size", "random_page_cost",
        "jit", "lc_ctype", "wal_level",
    ]  # fmt: skip
    return _json(
        {
            "settings": _rows("SELECT name, setting, unit FROM pg_settings WHERE name = ANY(%s) ORDER BY name", wanted),
            "extensions": _rows("SELECT extname, extversion FROM pg_extension ORDER BY extname"),
            "migrations": _rows(
                "SELECT app, count(*), max(name) AS last, max(applied) AS at FROM django_migrations"
                " GROUP BY app ORDER BY app"
            ),
            "tables": _rows(
                "SELECT relname, n_live_tup, n_dead_tup, last_autovacuum, last_autoanalyze,"
                " pg_total_relation_size(relid) AS bytes, seq_scan, idx_scan FROM pg_stat_user_tables"
                " ORDER BY bytes DESC"
            ),
            "connections": _rows(
                "SELECT coalesce(state, 'other') AS state, count(*), max(extract(epoch FROM now() - state_change)) AS"
                " longest FROM pg_stat_activity WHERE datname = current_database() GROUP BY 1"
            ),
            "waiting_locks": _rows("SELECT locktype, mode, count(*) FROM pg_locks WHERE NOT granted GROUP BY 1, 2"),
        }
    )


def statements(asked: Asked) -> str:
    """Of pg_stat_statements, which puts $1 where a value stood. Only what cannot carry one all the same: a CREATE ROLE
    or a SET is counted as it was written."""
    if not _rows("SELECT 1 FROM pg_extension WHERE extname = 'pg_stat_statements'"):
        return _json({"not counted": "pg_stat_statements is not installed"})
    found = _rows(
        "SELECT calls, round(total_exec_time) AS total_ms, round(mean_exec_time::numeric, 2) AS mean_ms, rows, query"
        " FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND query ~* '^(select|insert|update|delete|with)' ORDER BY total_exec_time DESC LIMIT %s",
        SLOWEST,
    )
    for row in found:
        row["query"] = re.sub(r"'(?:[^']|'')*'", "'…'", str(row["query"]))[:1000]
    return _json(found)


def log(asked: Asked) -> str:
    """The journal of our services, then the private PostgreSQL's own log."""
    pieces = []
    if shutil.which("journalctl"):
        command = ["journalctl", "--no-pager", "--no-hostname", "--output=short-iso", "--lines", str(LOG_LINES)]
        for unit in UNITS:
            command += ["--unit", unit]
        with suppress(OSError, subprocess.TimeoutExpired):
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60, check=False)
            pieces.append(done.stdout)
    own = Path(settings.BASE_DIR) / "postgres" / "postgres.log"
    if own.exists():
        with own.open("rb") as file:
            file.seek(max(0, own.stat().st_size - LOG_BYTES))
            pieces.append(file.read().decode("utf-8", "replace"))
    lines = [scrub(one_line(line)) for piece in pieces for line in piece.splitlines()]
    return "\n".join(lines[-2 * LOG_LINES :]) + "\n"


_OF_DATABASE = (doctor, metrics, jobs, database, statements)

"""The database's side of a restore: emptied, filled in three sections, looked at, its numbers moved on."""

from __future__ import annotations

import math
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from provodnik.lifecycle.backup import programs, tables
from provodnik.lifecycle.backup.tables import Rows
from provodnik.lifecycle.points import point

LEAST_JUMP = 1000  # numbers of requests that are passed over, at least
JOBS = 2  # connections of pg_restore
LEAVING = 3.0  # seconds

# Everything that a version of ours makes lies in the schema public; the schema itself stays, it is not ours everywhere.
_CLEAR = """
DO $$
DECLARE one record;
BEGIN
    FOR one IN SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'
        AND extnamespace = 'public'::regnamespace LOOP
        EXECUTE format('DROP EXTENSION IF EXISTS %I CASCADE', one.extname);
    END LOOP;
    FOR one IN SELECT relname, relkind FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm') LOOP
        EXECUTE format('DROP %s IF EXISTS public.%I CASCADE',
            CASE one.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END, one.relname);
    END LOOP;
    FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') LOOP
        EXECUTE format('DROP TABLE IF EXISTS public.%I CASCADE', one.relname);
    END LOOP;
    FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' LOOP
        EXECUTE format('DROP SEQUENCE IF EXISTS public.%I CASCADE', one.relname);
    END LOOP;
    FOR one IN SELECT oid::regprocedure::text AS named FROM pg_proc WHERE pronamespace = 'public'::regnamespace LOOP
        EXECUTE format('DROP ROUTINE IF EXISTS %s CASCADE', one.named);
    END LOOP;
    FOR one IN SELECT cfgname FROM pg_ts_config WHERE cfgnamespace = 'public'::regnamespace LOOP
        EXECUTE format('DROP TEXT SEARCH CONFIGURATION IF EXISTS public.%I CASCADE', one.cfgname);
    END LOOP;
    FOR one IN SELECT dictname FROM pg_ts_dict WHERE dictnamespace = 'public'::regnamespace LOOP
        EXECUTE format('DROP TEXT SEARCH DICTIONARY IF EXISTS public.%I CASCADE', one.dictname);
    END LOOP;
    FOR one IN SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
        OR typnamespace = 'public'::regnamespace AND typtype = 'c' LOOP
        EXECUTE format('DROP TYPE IF EXISTS public.%I CASCADE', one.typname);
    END LOOP;
END $$
"""


def is_empty(url: str) -> bool:
    """Whether the database has no table of anybody's."""
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        row = connection.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r')"
        ).fetchone()
    return row == (False,)


def major_of(url: str) -> int:
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        return connection.info.server_version // 10000


def others_connected(url: str, patience: float = LEAVING) -> int:
    """How many others use the database: the program must not run while its database is replaced. Who has just hung up
    still counts for a moment, so some seconds are given to leave."""
    until = time.monotonic() + patience
    while (count := _others(url)) and time.monotonic() < until:
        time.sleep(0.05)
    return count


def _others(url: str) -> int:
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' AND application_name <> 'provodnik-upgrade'"
        ).fetchone()
    return int(row[0]) if row else 0


def clear(url: str) -> None:
    """Take everything of ours out of the database, in one transaction."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        connection.execute("SET lock_timeout = '60s'")
        connection.execute(_CLEAR)


def fill(url: str, dump: Path, major: int, *, quarantine: tuple[str, datetime, int] | None) -> None:
    """Tables first, then the quarantine, and only then the rows: there is no moment at which the copy could go
    outside. Raises PostgresProblem."""
    where, environment = programs.address(url)
    program, _major = programs.choose("pg_restore", dump_major(dump), major)
    base = [program, "--no-owner", "--no-privileges", "--exit-on-error", "--no-password", f"--dbname={where}"]
    programs.run([*base, "--section=pre-data", str(dump)], environment)
    point("restore.tables")
    if quarantine is not None:
        enter_quarantine(url, *quarantine)
    point("restore.quarantined")
    for section in ("data", "post-data"):
        programs.run([*base, f"--section={section}", f"--jobs={JOBS}", str(dump)], environment)
        point(f"restore.{section}")
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        connection.execute("ANALYZE")


def dump_major(dump: Path) -> int:
    """The version of pg_dump that wrote it: an older pg_restore would not read it. Custom format, pg_backup_archiver.h:
    the version stands among the first strings, after the server's."""
    with dump.open("rb") as file:
        head = file.read(8192)
    found = [int(one.split(b".")[0]) for one in _versions(head)]
    return max(found, default=14)


def _versions(head: bytes) -> list[bytes]:
    """Strings of the header that look like «15.18 (Debian …)» or «17.10»."""
    found: list[bytes] = []
    place = 0
    while len(found) < 2 and place < min(len(head) - 5, 400):
        size = int.from_bytes(head[place + 1 : place + 5], "little")
        text = head[place + 5 : place + 5 + size]
        if head[place] == 0 and 2 < size < 120 and text[:2].isdigit() and text[2:3] in (b".", b"b", b"r", b"d"):
            found.append(text[:2])
            place += 5 + size
        else:
            place += 1
    return found


def enter_quarantine(url: str, origin: str, at: datetime, number: int) -> None:
    with psycopg.connect(url, connect_timeout=10) as connection:
        connection.execute(
            "INSERT INTO core_quarantine (origin, backup_at, backup_number) VALUES (%s, %s, %s)",
            (origin[:300], at, number),
        )


def rows_of(url: str) -> Rows:
    with psycopg.connect(url, connect_timeout=10) as connection:
        return tables.counted(connection)


def passed_over(per_day: float, since: datetime, now: datetime) -> int:
    """How many numbers to pass over, so that none is given twice: twice what that many days usually bring, at least a
    thousand, in whole thousands."""
    days = max(0.0, (now - since).total_seconds() / 86400)
    return math.ceil(max(LEAST_JUMP, 2 * per_day * (days + 1)) / 1000) * 1000


def move_numbers_on(connection: psycopg.Connection[Any], number: int, at: datetime, now: datetime) -> int:
    """The next request gets a number that the other installation has not given since the backup (I3). Returns it."""
    row = connection.execute(
        "SELECT count(*) FROM desk_ticket WHERE registered_at > %s::timestamptz - interval '30 days'", (at,)
    ).fetchone()
    least = number + passed_over((row[0] if row else 0) / 30, at, now)
    moved = connection.execute(
        "SELECT setval('desk_ticket_number_seq', greatest(last_value, %s)) FROM desk_ticket_number_seq", (least,)
    ).fetchone()
    return int(moved[0]) + 1 if moved else least + 1


def create_database(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))


def drop_database(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

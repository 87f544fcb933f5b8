"""The database as the old release left it, kept aside, so that a rollback loses nothing of what was written before the
new release was started (docs/adr/0037).

Where the server lets us, a copy in it (CREATE DATABASE … TEMPLATE copies files and reads no row), and the way back is
two renames in one transaction. Elsewhere a dump beside the backups. `keep` returns a word by which it is found again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from psycopg import sql

from provodnik.lifecycle.backup import programs, reading
from provodnik.lifecycle.backup.archive import is_kept
from provodnik.lifecycle.backup.files import flush_folder, write_whole
from provodnik.lifecycle.points import point
from provodnik.lifecycle.restore import database
from provodnik.lifecycle.upgrade import journal

COPY, FILE = "database:", "file:"
KEPT, LEFT = "_before_upgrade", "_before_rollback"  # what the names of our copies end with
DUMP = "database-before-upgrade.dump"
NUMBER = f"{DUMP}.number"  # the last number that a request was given before the dump took the place of all
OURS = "provodnik-upgrade"  # restore/database.py counts it as nobody
LARGE = 128 * 2**20  # bytes
DAYS = 3  # so long they stay
TRIES = 4  # PostgreSQL itself waits five seconds for others to leave
BUSY = (psycopg.errors.ObjectInUse, psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation)
# What CREATE DATABASE and a rename would not bring along; nobody can take it away from us, and nobody gave it others.
_PLAIN = """
SELECT datacl IS NULL AND datdba = (SELECT oid FROM pg_roles WHERE rolname = current_user)
   AND NOT EXISTS (SELECT 1 FROM pg_db_role_setting WHERE setdatabase = d.oid)
FROM pg_database d WHERE datname = current_database()
"""


def keep(url: str, folder: Path) -> str:
    """Put the database aside as it stands; nobody may be writing. Raises PostgresProblem, psycopg.Error, OSError."""
    _unlink(folder)
    try:
        return COPY + _copied(url)
    except psycopg.Error:
        return FILE + str(_dumped(url, folder))


def is_copy(kept: str) -> bool:
    """Whether the way back is one transaction, so that a killed one has happened or not."""
    return kept.startswith(COPY)


def there(url: str, kept: str) -> bool:
    """Whether what `keep` told of is still to be had."""
    if is_copy(kept):
        return _exists(url, kept.removeprefix(COPY))
    return kept.startswith(FILE) and Path(kept.removeprefix(FILE)).is_file()


def give_back(url: str, kept: str) -> str:
    """Have it be the database again; a copy: in one transaction, and what was there is kept under the name returned."""
    if not is_copy(kept):
        dump = Path(kept.removeprefix(FILE))
        last = _noted(url, dump.with_name(NUMBER))
        database.clear(url)
        point("aside.cleared")
        database.fill(url, dump, database.major_of(url), quarantine=None)
        _numbers_on(url, _name(url), last)
        return ""
    name, copy = _name(url), kept.removeprefix(COPY)
    left = name[:40] + LEFT
    _numbers_on(url, copy, _last_number(url))
    with _beside(url) as connection:
        _drop(connection, left)

        def swap() -> None:
            with connection.transaction():
                _rename(connection, name, left)
                _rename(connection, copy, name)

        _patiently(swap)
    return left


def forget(url: str, folder: Path) -> None:
    """Remove what is kept aside: names of people stay nowhere longer than they must."""
    name = _name(url)
    with psycopg.connect(url, autocommit=True, connect_timeout=10, application_name=OURS) as connection:
        for ending in (KEPT, LEFT):
            _drop(connection, name[:40] + ending)
    _unlink(folder)


def forget_old(url: str, data_dir: Path, folder: Path, now: datetime) -> None:
    """The same when its days are over; a nightly backup asks. Raises psycopg.Error, OSError."""
    entry = journal.read(data_dir / "upgrade.json")
    if entry is None or not entry.kept_at or entry.state not in (journal.DONE, journal.BACK):
        return
    if now - datetime.fromisoformat(entry.kept_at) > timedelta(days=DAYS):
        forget(url, folder)


def bring_files(url: str, data_dir: Path, backup: Path) -> int:
    """Bring kept files that the database names and the folder lacks out of the backup: the new release may have erased
    some. How many are lacking still. Raises BadBackup, OSError."""
    with psycopg.connect(url, autocommit=True, connect_timeout=10, application_name=OURS) as connection:
        named = {row[0] for row in connection.execute("SELECT name FROM core_blob WHERE name <> ''")}
    lacking = {name for name in named if not (data_dir / "files" / name[:2] / name).exists()}
    if not lacking or not backup.is_file():
        return len(lacking)
    owner, brought = data_dir.stat(), 0

    def take(member: str, _size: int, pieces: Iterator[bytes]) -> None:
        nonlocal brought
        name = member.rpartition("/")[2]
        if not is_kept(member) or name not in lacking:
            return
        place = data_dir / member
        place.parent.mkdir(exist_ok=True)
        write_whole(place, b"".join(pieces), mode=0o644)
        if os.geteuid() == 0:
            os.chown(place.parent, owner.st_uid, owner.st_gid)
            os.chown(place, owner.st_uid, owner.st_gid)
        brought += 1

    reading.read(backup, None, take)
    return len(lacking) - brought


def _copied(url: str) -> str:
    with psycopg.connect(url, autocommit=True, connect_timeout=10, application_name=OURS) as connection:
        if connection.execute(_PLAIN).fetchone() != (True,):
            raise psycopg.errors.InsufficientPrivilege
        name = _name(url)
        _beside(url).close()  # whoever cannot swap need not copy
        # a killed upgrade must not leave the server copying: it would be in the next one's way
        connection.execute("SET client_connection_check_interval = '1s'")
        how = _strategy(connection)
        copy = name[:40] + KEPT
        _drop(connection, copy)
        make = sql.SQL("CREATE DATABASE {} TEMPLATE {}" + how).format(sql.Identifier(copy), sql.Identifier(name))
        _patiently(lambda: connection.execute(make))
        point("aside.copied")
        return copy


def _strategy(connection: psycopg.Connection) -> str:
    """Files are copied beside the log, with two checkpoints, small databases through it (CREATE DATABASE, since 15)."""
    if connection.info.server_version < 150000:
        return ""
    row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return " STRATEGY file_copy" if row is not None and row[0] > LARGE else ""


def _dumped(url: str, folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, partial = folder / DUMP, folder / f"{DUMP}.partial"
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    where, environment = programs.address(url)
    program, _major = programs.choose("pg_dump", database.major_of(url))
    told = [
        "--format=custom",
        "--compress=1",
        "--no-owner",
        "--no-privileges",
        "--lock-wait-timeout=60s",
        "--no-password",
    ]
    programs.run([program, *told, f"--file={partial}", f"--dbname={where}"], environment)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.rename(path)
    flush_folder(folder)
    point("aside.dumped")
    return path


def _unlink(folder: Path) -> None:
    for name in (DUMP, NUMBER):
        (folder / name).unlink(missing_ok=True)


def _last_number(url: str) -> int:
    with psycopg.connect(url, autocommit=True, connect_timeout=10, application_name=OURS) as connection:
        return int((connection.execute("SELECT last_value FROM desk_ticket_number_seq").fetchone() or [0])[0])


def _noted(url: str, file: Path) -> int:
    """The same, on the disk before the database is emptied: whoever is killed then finds it there."""
    if not file.exists():
        write_whole(file, str(_last_number(url)).encode())
        point("aside.numbered")
    return int(file.read_bytes())


def _numbers_on(url: str, name: str, last: int) -> None:
    """No number of a request is given twice: not one that the new release has given since, either (I3)."""
    with psycopg.connect(url, dbname=name, autocommit=True, connect_timeout=10, application_name=OURS) as then:
        then.execute(
            "SELECT setval('desk_ticket_number_seq', greatest(last_value, %s)) FROM desk_ticket_number_seq", (last,)
        )


def _name(url: str) -> str:
    with psycopg.connect(url, autocommit=True, connect_timeout=10, application_name=OURS) as connection:
        return str((connection.execute("SELECT current_database()").fetchone() or [""])[0])


def _exists(url: str, name: str) -> bool:
    with psycopg.connect(url, autocommit=True, connect_timeout=10, application_name=OURS) as connection:
        return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None


def _beside(url: str) -> psycopg.Connection:
    """A connection to another database of the server: one's own cannot be renamed. Raises psycopg.OperationalError."""
    try:
        return psycopg.connect(url, dbname="postgres", autocommit=True, connect_timeout=10, application_name=OURS)
    except psycopg.OperationalError:
        return psycopg.connect(url, dbname="template1", autocommit=True, connect_timeout=10, application_name=OURS)


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _rename(connection: psycopg.Connection, name: str, to: str) -> None:
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to)))


def _patiently(do: Callable[[], object]) -> None:
    """Whoever has just hung up, or was killed copying, is given some seconds to leave."""
    for left in reversed(range(TRIES)):
        try:
            do()
            return
        except BUSY:
            if not left:
                raise
            time.sleep(0.2)

"""Making a backup while everything works.

One transaction gives the instant: pg_dump reads its exported snapshot, and the same transaction lists the kept files.
These are never changed and were on the disk before their rows were committed (core/files.py); a lock keeps the sweep
from removing any meanwhile. The file grows under a name of its own, is flushed, read back, and only then renamed.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psycopg

from provodnik.lifecycle.backup import programs, tables
from provodnik.lifecycle.backup.archive import FORMAT, HEAD, PIECE, SECRET, Writer
from provodnik.lifecycle.backup.files import flush_folder, only_one
from provodnik.lifecycle.backup.reading import check
from provodnik.lifecycle.backup.rotation import Keep, instant_of, name_of, to_remove
from provodnik.lifecycle.backup.sealing import SealingWriter
from provodnik.lifecycle.points import point
from provodnik.lifecycle.secret import fingerprint

# The first of two numbers of a PostgreSQL lock: core.locks.Lock.FILES, which the sweep of files asks for.
FILES_LOCK = (0x7076_0007, 0)
DUMP = [
    "--format=custom", "--compress=1", "--no-owner", "--no-privileges", "--no-comments", "--no-publications",
    "--no-subscriptions", "--no-security-labels", "--no-tablespaces", "--lock-wait-timeout=60s", "--no-password",
    "--exclude-table-data=public.core_quarantine",
]  # fmt: skip
PARTIAL = ".partial"
_KEPT = "SELECT name, size, sha256 FROM core_blob WHERE name <> '' ORDER BY name"


class Busy(Exception):
    """Another backup is being made into the same folder."""


@dataclass(frozen=True)
class Asked:
    """What to back up and where to. `key`: a file with a password or a public key, None for a plain backup; `secret`:
    the installation's secret key; `version`: of the product that runs."""

    url: str
    data_dir: Path
    folder: Path
    secret: str
    version: str
    key: Path | None = None
    base_url: str = ""
    keep: Keep = field(default_factory=Keep)


@dataclass(frozen=True)
class Made:
    path: Path
    size: int
    sha256: str
    rows: int
    kept: int
    lost: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class _Out:
    """A file that is being written, and the sum of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.digest, self.size, self._told = file, hashlib.sha256(), 0, 0

    def write(self, content: bytes) -> int:
        self.file.write(content)
        self.digest.update(content)
        self.size += len(content)
        if self.size - self._told >= 32 * 1024 or self._told == 0:
            self._told = self.size
            point("backup.wrote")
        return len(content)


def make(asked: Asked, *, now: datetime) -> Made:
    """Make a backup, read it back, remove those that nothing keeps. Raises Busy, BadBackup, NotOpened, PostgresProblem,
    psycopg.Error, OSError; then there is no new file, and the old ones stand as they were."""
    asked.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with only_one(asked.folder / ".lock") as mine:
        if not mine:
            raise Busy
        for left in asked.folder.glob(f"provodnik-backup-*{PARTIAL}"):
            left.unlink()  # of one that was killed
        path = asked.folder / name_of(now, sealed=asked.key is not None)
        partial = path.with_name(path.name + PARTIAL)
        point("backup.begun")
        try:
            made = _write(asked, partial, now)
            point("backup.written")
            check(partial, asked.key, sha256=made.sha256)
            point("backup.checked")
            partial.rename(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        point("backup.renamed")
        flush_folder(asked.folder)
        point("backup.there")
        removed = _rotate(path, asked.keep)
        return replace(made, path=path, removed=tuple(removed))


def _rotate(made: Path, keep: Keep) -> list[str]:
    folder = made.parent
    removed = [name for name in to_remove([path.name for path in folder.iterdir()], keep) if name != made.name]
    for name in removed:
        (folder / name).unlink(missing_ok=True)
        point("backup.removed")
    if removed:
        flush_folder(folder)
    return removed


def newest(folder: Path) -> Path | None:
    """The newest backup of a folder."""
    found = [(at, path) for path in folder.glob("provodnik-backup-*") if (at := instant_of(path.name)) is not None]
    return max(found)[1] if found else None


def _write(asked: Asked, partial: Path, now: datetime) -> Made:
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file, _instant(asked.url) as (connection, snapshot):
        out = _Out(file)
        sealing = SealingWriter(out, asked.key) if asked.key else None  # type: ignore[arg-type]
        writer = Writer(sealing.write if sealing else out.write)
        writer.add(HEAD, json.dumps(_head(asked, connection, now), sort_keys=True).encode())
        point("backup.head")
        rows = tables.counted(connection)
        point("backup.counted")
        _dump(asked.url, connection.info.server_version // 10000, snapshot, writer)
        point("backup.dumped")
        kept, lost = _files(asked, connection, writer)
        point("backup.files")
        if sealing:
            writer.add(SECRET, asked.secret.encode())
        writer.finish({"tables": rows, "lost": lost})
        point("backup.listed")
        if sealing:
            sealing.finish()
        file.flush()
        point("backup.flushed")
        os.fsync(file.fileno())
    count = sum(count for count, _sum in rows.values())
    return Made(partial, out.size, out.digest.hexdigest(), count, kept, tuple(lost))


@contextmanager
def _instant(url: str) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """A transaction that sees one instant, and the name by which pg_dump sees the same."""
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        connection.execute("SET lock_timeout = '900s'")
        connection.execute("SELECT pg_advisory_lock(%s, %s)", FILES_LOCK)  # freed with the connection
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute(tables.PLAIN)
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        yield connection, str(row[0])
        connection.execute("ROLLBACK")


def _head(asked: Asked, connection: psycopg.Connection[Any], now: datetime) -> dict[str, Any]:
    row = connection.execute(
        "SELECT datcollate, datctype, (SELECT last_value FROM desk_ticket_number_seq)"
        " FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    assert row is not None
    return {
        "format": FORMAT,
        "product": "provodnik",
        "version": asked.version,
        "at": now.astimezone(UTC).isoformat(),
        "host": socket.gethostname(),
        "base_url": asked.base_url,
        "postgres": connection.info.server_version,
        "locale": [row[0], row[1]],
        "last_number": row[2],
        "secret": fingerprint(asked.secret),
        "quarantine": _quarantine(connection),
    }


def _quarantine(connection: psycopg.Connection[Any]) -> list[str | int] | None:
    """Of whom this installation is a copy that nobody has released: then so is what is restored from the backup."""
    if connection.execute("SELECT to_regclass('core_quarantine')").fetchone() == (None,):
        return None  # a version before 1.1
    row = connection.execute(
        "SELECT origin, backup_at, backup_number FROM core_quarantine WHERE released_at IS NULL ORDER BY id LIMIT 1"
    ).fetchone()
    return None if row is None else [row[0], row[1].isoformat(), row[2]]


def _dump(url: str, major: int, snapshot: str, writer: Writer) -> None:
    """pg_dump's custom format in pieces; pg_restore reads its contents meanwhile, so that a dump it does not know is
    found out at once, sealed or not."""
    dump, dumped_by = programs.choose("pg_dump", major)
    restore, _major = programs.choose("pg_restore", dumped_by)
    where, environment = programs.address(url)
    command = [dump, *DUMP, f"--snapshot={snapshot}", f"--dbname={where}"]
    process = programs.started(command, environment, stdout=subprocess.PIPE)
    reader = programs.started([restore, "--list"], environment, stdin=subprocess.PIPE)
    try:
        assert process.stdout is not None and reader.stdin is not None
        heard, count = True, 0
        while piece := _full(process.stdout):
            count += 1
            writer.add(f"database/{count:06}", piece)
            point("backup.dumping")
            heard = heard and _heard(reader.stdin, piece)
        told = process.communicate()[1]
        if process.returncode != 0:
            raise programs.failed("pg_dump", told)
        told = reader.communicate()[1]
        if reader.returncode != 0:
            raise programs.failed("pg_restore --list", told)
    finally:
        for one in (process, reader):
            if one.poll() is None:
                one.kill()
                one.wait()


def _full(file: IO[bytes]) -> bytes:
    return file.read(PIECE)  # buffered: less only at the end


def _heard(reader: IO[bytes], piece: bytes) -> bool:
    """False when it has read as much as it wanted."""
    try:
        reader.write(piece)
        reader.flush()
    except BrokenPipeError:
        return False
    return True


def _files(asked: Asked, connection: psycopg.Connection[Any], writer: Writer) -> tuple[int, list[str]]:
    """Every kept file that the snapshot names; how many, and the names of those that are gone or not as they were. One
    damaged file must not keep all the others from being backed up: it is told of instead."""
    count, lost = 0, []
    with connection.cursor(name="kept") as cursor:
        cursor.itersize = 2000
        for name, size, sha256 in cursor.execute(_KEPT):
            found = _copy(asked.data_dir / "files" / name[:2] / name, name, size, writer)
            if found is not None:
                count += 1
            if found != sha256:
                lost.append(name)
            point("backup.copied")
    return count, lost


def _copy(place: Path, name: str, size: int, writer: Writer) -> str | None:
    """The sum of what was copied; None when there is no file of this size."""
    try:
        file = place.open("rb")
    except OSError:
        return None
    with file:
        if os.fstat(file.fileno()).st_size != size:
            return None
        return writer.stream(f"files/{name[:2]}/{name}", size, iter(lambda: file.read(PIECE), b""))

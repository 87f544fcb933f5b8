"""Restoring, step by step. Nothing is touched before the whole backup was read and found good; then a mark says that a
restore is under way, and the same command begun again after a kill starts over from it. The program does not start
while the mark is there (program.py), so nobody ever works in half a database.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from provodnik.core.versions import NotAVersion, read_version
from provodnik.lifecycle.backup import programs, reading
from provodnik.lifecycle.backup.archive import SECRET, is_dump, is_kept
from provodnik.lifecycle.backup.files import flush_folder, only_one, read_json, write_json, write_whole
from provodnik.lifecycle.backup.reading import Contents
from provodnik.lifecycle.backup.tables import differences
from provodnik.lifecycle.points import point
from provodnik.lifecycle.restore import database
from provodnik.lifecycle.secret import fingerprint
from provodnik.lifecycle.words import gettext as _

MARK, WORKSHOP, OLD = "restore.json", ".restoring", ".files.old"


class NotRestored(Exception):
    """Why not, for people."""


@dataclass(frozen=True)
class Asked:
    """`replace`: what is in the target may be lost; `quarantine`: False only where the same installation goes back;
    `secret`: set by the environment, or ""; `without_secret`: sealed passwords may stay closed; `version`: ours."""

    file: Path
    key: Path | None
    url: str
    data_dir: Path
    version: str
    secret: str = ""
    replace: bool = False
    quarantine: bool = True
    without_secret: bool = False


@dataclass(frozen=True)
class Restored:
    contents: Contents
    rows: int
    kept: int
    secret_known: bool
    next_number: int


def unfinished(data_dir: Path) -> bool:
    """Whether a restore into this folder has not come to its end."""
    return (data_dir / MARK).exists()


def restore(asked: Asked, *, now: datetime) -> Restored:
    """Raises NotRestored, BadBackup, NotOpened, PostgresProblem, psycopg.Error, OSError."""
    asked.data_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
    with only_one(asked.data_dir / ".restore.lock") as mine:
        if not mine:
            raise NotRestored(_("Another restore into this folder is under way."))
        again = read_json(asked.data_dir / MARK).get("restoring") is True
        _judge_target(asked, again=again)
        point("restore.begun")
        workshop = asked.data_dir / WORKSHOP
        contents = _unpack(asked, workshop)
        _judge_contents(asked, contents, workshop)
        point("restore.unpacked")
        write_json(asked.data_dir / MARK, {"restoring": True, "file": str(asked.file), "at": now.isoformat()})
        point("restore.marked")
        database.clear(asked.url)
        point("restore.cleared")
        number = _fill(asked, contents, workshop, now)
        _swap_files(asked.data_dir, workshop)
        _take_secret(asked, workshop)
        point("restore.secret")
        shutil.rmtree(asked.data_dir / OLD, ignore_errors=True)
        (asked.data_dir / MARK).unlink()
        flush_folder(asked.data_dir)
        point("restore.done")
        shutil.rmtree(workshop, ignore_errors=True)
        rows = sum(count for count, _sum in contents.rows.values())
        known = fingerprint(_secret_of(asked)) == contents.secret if _secret_of(asked) else False
        return Restored(contents, rows, len(contents.kept), known, number)


def _judge_target(asked: Asked, *, again: bool) -> None:
    files = asked.data_dir / "files"
    occupied = not database.is_empty(asked.url) or (files.exists() and any(files.iterdir()))
    if occupied and not (again or asked.replace):
        raise NotRestored(
            _("The target is not empty. Choose another one by --data-dir and --database-url, or say --replace.")
        )
    if occupied and (count := database.others_connected(asked.url)):
        raise NotRestored(
            _("The database is in use (%(count)s connections): stop the program first.") % {"count": count}
        )


def _judge_contents(asked: Asked, contents: Contents, workshop: Path) -> None:
    try:
        newer = read_version(contents.version) > read_version(asked.version)
    except NotAVersion:
        newer = True
    if newer:
        raise NotRestored(
            _("The backup was made by version %(theirs)s, this is %(ours)s: install that one or a newer one first.")
            % {"theirs": contents.version, "ours": asked.version}
        )
    major = database.major_of(asked.url)
    if major < contents.postgres // 10000:
        raise NotRestored(
            _("The backup is of PostgreSQL %(theirs)s, the target is older: PostgreSQL %(ours)s.")
            % {"theirs": contents.postgres // 10000, "ours": major}
        )
    if not asked.quarantine and contents.host != socket.gethostname():
        raise NotRestored(_("The backup was made on another machine: without quarantine only the same one goes back."))
    if (asked.quarantine or contents.quarantine) and "core_quarantine" not in (workshop / "pre-data").read_text():
        raise NotRestored(_("The backup is of a version without quarantine; only a rollback may restore it."))
    secret = _secret_of(asked)
    carried = (workshop / SECRET).exists()
    if not asked.without_secret and not carried and (not secret or fingerprint(secret) != contents.secret):
        raise NotRestored(
            _(
                "The backup does not carry the secret key, and the one here is another or missing. "
                "Put secret.key of the old installation into %(folder)s, or say --without-secret: then everybody "
                "signs in anew and the passwords of mailboxes and directories are typed in again."
            )
            % {"folder": asked.data_dir}
        )


def _secret_of(asked: Asked) -> str:
    """The secret key that the program will use here; "" when there is none yet."""
    if asked.secret:
        return asked.secret
    path = asked.data_dir / "secret.key"
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def _unpack(asked: Asked, workshop: Path) -> Contents:
    """Everything of the backup into a folder of its own, in the places that it will have."""
    shutil.rmtree(workshop, ignore_errors=True)
    (workshop / "files").mkdir(mode=0o700, parents=True)
    dump = workshop / "database.dump"

    def take(name: str, _size: int, pieces: Iterator[bytes]) -> None:
        if is_dump(name):
            _append(dump, pieces)
        elif is_kept(name):
            (workshop / name).parent.mkdir(exist_ok=True)
            _append(workshop / name, pieces)
        elif name == SECRET:
            _append(workshop / SECRET, pieces)
        point("restore.unpacking")

    contents = reading.read(asked.file, asked.key, take)
    _list(dump, workshop / "pre-data")
    os.sync()  # thousands of small files: one wait for the disk instead of one each
    return contents


def _append(path: Path, pieces: Iterator[bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        for piece in pieces:
            file.write(piece)


def _list(dump: Path, to: Path) -> None:
    """What the dump holds, before anything is done with it."""
    program, _major = programs.choose("pg_restore", database.dump_major(dump))
    programs.run([program, "--list", f"--file={to}", str(dump)], dict(os.environ))


def _fill(asked: Asked, contents: Contents, workshop: Path, now: datetime) -> int:
    origin = contents.base_url or contents.host
    closed = contents.quarantine or ((origin, contents.at, contents.last_number) if asked.quarantine else None)
    major = database.major_of(asked.url)
    database.fill(asked.url, workshop / "database.dump", major, quarantine=closed)
    wrong = differences(contents.rows, database.rows_of(asked.url))
    if wrong:
        raise NotRestored(_("These tables are not what was backed up: %(names)s.") % {"names": ", ".join(wrong[:5])})
    point("restore.compared")
    with psycopg.connect(asked.url, connect_timeout=10) as connection:
        if closed is None:
            row = connection.execute("SELECT last_value FROM desk_ticket_number_seq").fetchone()
            return int(row[0]) + 1 if row else 1
        return database.move_numbers_on(connection, contents.last_number, contents.at, now)


def _swap_files(data_dir: Path, workshop: Path) -> None:
    files, old = data_dir / "files", data_dir / OLD
    if files.exists():
        shutil.rmtree(old, ignore_errors=True)
        files.rename(old)
        point("restore.moved")
    (workshop / "files").rename(files)
    files.chmod(0o755)
    flush_folder(data_dir)
    point("restore.swapped")


def _take_secret(asked: Asked, workshop: Path) -> None:
    """What the backup carries becomes ours, unless the environment sets one; one that was there is kept aside."""
    carried, place = workshop / SECRET, asked.data_dir / "secret.key"
    if not carried.exists():
        return
    content = carried.read_bytes()
    if place.exists() and place.read_bytes().strip() != content.strip():
        place.rename(place.with_name("secret.key.before-restore"))
    write_whole(place, content)

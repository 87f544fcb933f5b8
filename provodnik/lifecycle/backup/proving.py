"""The proof of a backup: restored into a database of its own beside the real one, compared table by table."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from psycopg.conninfo import make_conninfo

from provodnik.lifecycle.backup import reading
from provodnik.lifecycle.backup.archive import BadBackup, is_dump
from provodnik.lifecycle.backup.tables import differences
from provodnik.lifecycle.restore import database
from provodnik.lifecycle.words import gettext as _


def prove(path: Path, key: Path | None, url: str, folder: Path) -> None:
    """Raises BadBackup when a table is not what was backed up, PostgresProblem, psycopg.Error (no right to make a
    database), OSError."""
    workshop = Path(tempfile.mkdtemp(prefix=".proving-", dir=folder))
    name = f"provodnik_proof_{os.getpid()}"
    scratch = make_conninfo(url, dbname=name)
    try:
        dump = workshop / "database.dump"

        def take(member: str, _size: int, pieces: Iterator[bytes]) -> None:
            if is_dump(member):
                with dump.open("ab") as file:
                    file.writelines(pieces)

        contents = reading.read(path, key, take)
        database.drop_database(url, name)
        database.create_database(url, name)
        try:
            database.fill(scratch, dump, database.major_of(url), quarantine=None)
            wrong = differences(contents.rows, database.rows_of(scratch))
        finally:
            database.drop_database(url, name)
        if wrong:
            raise BadBackup(_("These tables are not what was backed up: %(names)s.") % {"names": ", ".join(wrong[:5])})
    finally:
        shutil.rmtree(workshop, ignore_errors=True)

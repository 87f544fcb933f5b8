"""How long the database will take: the new release's changes tried on a copy of it, which is then thrown away."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

from psycopg.conninfo import conninfo_to_dict

from provodnik.lifecycle.backup import reading
from provodnik.lifecycle.backup.archive import is_dump
from provodnik.lifecycle.backup.making import newest
from provodnik.lifecycle.parcel import Parcel
from provodnik.lifecycle.restore import database
from provodnik.lifecycle.upgrade.place import Place
from provodnik.lifecycle.upgrade.world import Real, Trouble
from provodnik.lifecycle.words import gettext as _


def estimate(place: Place, world: Real, parcel: Parcel) -> float:
    """Seconds that bringing a copy of the database up to the release took. The release is left installed beside, as the
    upgrade wants it; nothing else stays. Raises BadParcel, BadBackup, Trouble, PostgresProblem, psycopg.Error (no right
    to make a database), OSError."""
    version = parcel.manifest.version
    if not place.release(version).exists():
        if not place.workshop(version).exists():
            parcel.extract(place.workshop(version))
        world.install(place.workshop(version))
    shutil.rmtree(place.workshop(version), ignore_errors=True)
    folder = place.backups / "before-upgrade"
    world.backup(place.program(version), folder)
    made = newest(folder)
    if made is None:
        raise Trouble(_("The backup was made and is not to be found."))
    with world.database() as url:
        return _on_a_copy(url, made, world, place.program(version))


def url_of(url: str, name: str) -> str:
    """The same server, another database."""
    parts = conninfo_to_dict(url)
    told = {key: str(value) for key, value in parts.items() if value is not None and key != "dbname"}
    return f"postgresql:///{name}?{urlencode(told, quote_via=quote)}"


def _on_a_copy(url: str, made: Path, world: Real, program: Path) -> float:
    name = f"provodnik_estimate_{os.getpid()}"
    workshop = Path(tempfile.mkdtemp(prefix=".estimate-"))
    try:
        dump = workshop / "database.dump"

        def take(member: str, _size: int, pieces: Iterator[bytes]) -> None:
            if is_dump(member):
                with dump.open("ab") as file:
                    file.writelines(pieces)

        reading.read(made, None, take)
        database.drop_database(url, name)
        database.create_database(url, name)
        try:
            scratch = url_of(url, name)
            database.fill(scratch, dump, database.major_of(url), quarantine=None)
            began = time.monotonic()
            world.try_prepare(program, scratch, workshop)
            return time.monotonic() - began
        finally:
            database.drop_database(url, name)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)

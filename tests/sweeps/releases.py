"""Releases of three files, their services a word in a file, the database the tiny one: an upgrade in half a second.

What matters is real: the signed distributive and its reader, the journal, the links, the backup, the restore, the
transaction that changes the database.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from provodnik.core.versions import read_version
from provodnik.lifecycle import standing
from provodnik.lifecycle.backup import making
from provodnik.lifecycle.backup.rotation import Keep
from provodnik.lifecycle.parcel import Parcel, open_parcel
from provodnik.lifecycle.parcel.tests.making import ABOUT, FILES, KEY, good
from provodnik.lifecycle.points import point
from provodnik.lifecycle.restore import restoring
from provodnik.lifecycle.upgrade import aside, preflight
from provodnik.lifecycle.upgrade.place import Place
from provodnik.lifecycle.upgrade.steps import Way
from provodnik.lifecycle.upgrade.world import Trouble
from release.pack import Member
from tests.copies import Copy

OLD, FIX, NEXT = "1.1", "1.1.1", "1.2"
MIGRATION = "0002_colour"  # of 1.2; a fix has none


def file_of(folder: Path, version: str, files: Mapping[str, Member] = FILES, key: Any = KEY) -> Path:
    """A small distributive of that release."""
    path = folder / f"provodnik-{version}.tar.gz"
    path.write_bytes(good(replace(ABOUT, version=version), files, key))
    return path


def parcel(folder: Path, version: str) -> Parcel:
    """The same, read and judged."""
    return open_parcel(file_of(folder, version), [KEY.public_key()])


@dataclass
class Tiny:
    """World of the sweeps. `dirty`: the change of the database meets rows that it cannot live with."""

    one: Copy
    place: Place
    dirty: bool = False

    @property
    def services(self) -> Path:
        return self.place.opt / "running"

    def running(self) -> str:
        """Which release runs; "" when none does."""
        return self.services.read_text() if self.services.exists() else ""

    def install(self, unpacked: Path) -> None:
        assert (unpacked / "install.sh").is_file()
        version = unpacked.name.removeprefix(".parcel-")
        partial = self.place.releases / f".{version}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        (partial / "bin").mkdir(parents=True)
        (partial / "bin" / "provodnik").write_text(version)
        point("install")
        partial.rename(self.place.releases / version)

    def check(self, program: Path) -> None:
        assert program.read_text() in (FIX, NEXT)

    def backup(self, program: Path, to: Path) -> None:
        asked = self.one.asked(folder=to, version=OLD, keep=Keep(3, 0, 0))
        making.make(asked, now=datetime.now(UTC))

    def migrations(self) -> str:
        return preflight.migrations(self.one.url)

    def prepare(self, program: Path, *, at_once: bool = True) -> None:
        if program.read_text() != NEXT:
            return
        try:
            with psycopg.connect(self.one.url) as connection:
                known = connection.execute("SELECT 1 FROM django_migrations WHERE name = %s", (MIGRATION,)).fetchone()
                if known is None:
                    connection.execute("ALTER TABLE desk_ticket ADD COLUMN colour text")
                    point("migrating")
                    connection.execute("UPDATE desk_ticket SET colour = 'blue'")
                    if self.dirty:
                        connection.execute("ALTER TABLE desk_ticket ADD CHECK (subject <> '' AND number <> 250)")
                    point("migrated")
                    connection.execute("INSERT INTO django_migrations (app, name) VALUES ('desk', %s)", (MIGRATION,))
        except psycopg.Error as error:
            raise Trouble(str(error)) from error

    def keep(self, folder: Path) -> str:
        return aside.keep(self.one.url, folder)

    def kept(self, what: str) -> bool:
        return aside.there(self.one.url, what)

    def give_back(self, what: str) -> str:
        return aside.give_back(self.one.url, what)

    def bring_files(self, backup: Path) -> int:
        return aside.bring_files(self.one.url, self.one.data_dir, backup)

    def forget(self, folder: Path) -> None:
        aside.forget(self.one.url, folder)

    def units(self, program: Path) -> None:
        point("units")

    def database_anew(self, program: Path, *, always: bool) -> None:
        point("database")

    def restore(self, program: Path, file: Path) -> None:
        asked = self.one.restoring(file, version=NEXT, replace=True, quarantine=False, without_secret=True)
        restoring.restore(asked, now=datetime.now(UTC))

    def doctor(self, program: Path) -> bool:
        return True

    def stop(self) -> None:
        self.services.unlink(missing_ok=True)

    def start(self) -> None:
        """As systemd does, also after a power cut: what `current` leads to, unless it refuses."""
        why = standing.why_not(self.one.data_dir)
        if why:
            self.stop()
            return
        version = self.place.installed()
        assert version is not None
        self.services.write_text(self.place.program(version).read_text())

    @contextlib.contextmanager
    def alone(self) -> Iterator[bool]:
        yield True

    @contextlib.contextmanager
    def page(self, what: str) -> Iterator[None]:
        assert self.running() == ""
        yield

    def schema(self) -> str:
        """Whose database it is."""
        there = self.one.value("SELECT to_regclass('django_migrations')::text")
        if not there:
            return "half"
        row = self.one.value(f"SELECT count(*) FROM django_migrations WHERE name = '{MIGRATION}'")
        return NEXT if row else OLD

    def power_comes_back(self) -> None:
        """The machine starts what is enabled; it may only run if the database is its own."""
        self.start()
        if self.running():
            expected = {OLD: {OLD, FIX}, NEXT: {NEXT}}[self.schema()]
            assert self.running() in expected, (self.running(), self.schema())


def installed(one: Copy, opt: Path, version: str = OLD) -> Tiny:
    """An installation of that release, running."""
    place = Place(opt=opt, keys=opt / "keys", data=one.data_dir, backups=one.backups)
    program = place.program(read_version(version))
    program.parent.mkdir(parents=True)
    program.write_text(version)
    place.switch(read_version(version))
    tiny = Tiny(one, place)
    tiny.start()
    return tiny


def way(tiny: Tiny, distributive: Parcel, said: list[str] | None = None) -> Way:
    return Way(tiny.place, tiny, distributive, said.append if said is not None else lambda _words: None)


__all__ = ["FIX", "NEXT", "OLD", "Tiny", "file_of", "installed", "parcel", "read_version", "way"]

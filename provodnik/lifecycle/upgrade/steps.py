"""The way from one release to the next, and back.

Each step may be repeated: killed in it or right behind it, the same command does it again or finds it done. Whatever
changes the database happens in one transaction of `prepare --at-once`, so the database is of the old release or of the
new one, and `World.migrations` tells which.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import psycopg

from provodnik.lifecycle.backup.making import newest
from provodnik.lifecycle.parcel import Parcel
from provodnik.lifecycle.points import point
from provodnik.lifecycle.upgrade import aside
from provodnik.lifecycle.upgrade import journal as journals
from provodnik.lifecycle.upgrade.aside import is_copy
from provodnik.lifecycle.upgrade.journal import BACK, DONE, UNDER_WAY, Journal
from provodnik.lifecycle.upgrade.place import Place
from provodnik.lifecycle.upgrade.world import Say, Trouble, World
from provodnik.lifecycle.words import gettext as _

GOING_BACK = "going back"


class Cannot(Exception):
    """Why not, for people. What runs, goes on running."""


@dataclass(frozen=True)
class Way:
    """What the steps of one upgrade share."""

    place: Place
    world: World
    parcel: Parcel
    say: Say


def is_fix(entry: Journal) -> bool:
    """Whether the old release can live with what the new one has made of the database: X.Y.Z of the same X.Y."""
    return entry.new.fixes(entry.old)


def steps_of(entry: Journal) -> list[str]:
    """A fix does not stop the old release before it is there; others do, and put aside what it left."""
    middle = ["backup", "migrate"] if is_fix(entry) else ["backup", "stop", "keep", "migrate"]
    return ["unpack", "install", "settings", *middle, "switch", "database", "start", "doctor"]


def _unpack(way: Way, entry: Journal) -> Journal:
    if not way.place.release(entry.new).exists() and not way.place.workshop(entry.new).exists():
        way.parcel.extract(way.place.workshop(entry.new))
    return entry


def _install(way: Way, entry: Journal) -> Journal:
    workshop = way.place.workshop(entry.new)
    if not way.place.release(entry.new).exists():
        way.world.install(workshop)
        point("upgrade.installed")
    shutil.rmtree(workshop, ignore_errors=True)
    return entry


def _settings(way: Way, entry: Journal) -> Journal:
    way.world.check(way.place.program(entry.new))
    return entry


def _backup(way: Way, entry: Journal) -> Journal:
    folder = way.place.backups / "before-upgrade"
    way.world.backup(way.place.program(entry.new), folder)
    point("upgrade.backed_up")
    made = newest(folder)
    if made is None:
        raise Trouble(_("The backup was made and is not to be found."))
    return replace(entry, backup=str(made), backup_at=_now())


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="minutes")


def _stop(way: Way, entry: Journal) -> Journal:
    way.world.stop()
    return entry


def _keep(way: Way, entry: Journal) -> Journal:
    kept = way.world.keep(way.place.backups / "before-upgrade")
    return replace(entry, kept=kept, kept_at=_now())


def _migrate(way: Way, entry: Journal) -> Journal:
    way.world.prepare(way.place.program(entry.new), at_once=not is_fix(entry))
    return entry


def _switch(way: Way, entry: Journal) -> Journal:
    way.place.switch(entry.new)
    way.world.units(way.place.program(entry.new))
    return entry


def _database(way: Way, entry: Journal) -> Journal:
    way.world.database_anew(way.place.program(entry.new), always=not is_fix(entry))
    return entry


def _start(way: Way, entry: Journal) -> Journal:
    way.world.start()
    return entry


def _doctor(way: Way, entry: Journal) -> Journal:
    if not way.world.doctor(way.place.program(entry.new)):
        way.say(_("Doctor has found something: read above. The way back: provodnik rollback."))
    return entry


DO: dict[str, Callable[[Way, Journal], Journal]] = {
    "unpack": _unpack,
    "install": _install,
    "settings": _settings,
    "backup": _backup,
    "stop": _stop,
    "keep": _keep,
    "migrate": _migrate,
    "switch": _switch,
    "database": _database,
    "start": _start,
    "doctor": _doctor,
}


def words_of(step: str) -> str:
    return {
        "unpack": _("Unpacking the distributive"),
        "install": _("Installing the release beside the old one"),
        "settings": _("Looking whether the new release understands the settings"),
        "backup": _("Making a backup"),
        "stop": _("Stopping the old release"),
        "keep": _("Putting the database aside as it stands"),
        "migrate": _("Bringing the database up to the new release"),
        "switch": _("Switching to the new release"),
        "database": _("Looking whether PostgreSQL itself is a newer one"),
        "start": _("Starting the new release"),
        "doctor": _("Asking doctor"),
    }[step]


def begin(place: Place, parcel: Parcel, world: World, now: datetime) -> Journal:
    """The journal to go on with: that of an upgrade that was killed, or a new one. Raises Cannot."""
    known = journals.read(place.journal)
    if known is not None and known.state == GOING_BACK:
        raise Cannot(_("A rollback was begun: finish it first, provodnik rollback."))
    if known is not None and known.state == UNDER_WAY:
        if known.new != parcel.manifest.version:
            raise Cannot(
                _("An upgrade to %(version)s was begun: finish it with its file, or go back by provodnik rollback.")
                % {"version": known.after}
            )
        return known
    installed = place.installed()
    assert installed is not None  # the preflight has looked
    with suppress(Trouble, psycopg.Error):  # nobody goes back further than one release
        world.forget(place.backups / "before-upgrade")
    entry = Journal(
        before=str(installed),
        after=str(parcel.manifest.version),
        began_at=now.isoformat(),
        migrations=world.migrations(),
    )
    entry.write(place.journal)
    return entry


def upgrade(way: Way, *, now: datetime) -> Journal:
    """Do what is not done yet. Raises Cannot, Trouble, BadParcel, OSError: then `hold` says what stands."""
    entry = begin(way.place, way.parcel, way.world, now)
    point("upgrade.begun")
    with ExitStack() as meanwhile:
        for step in steps_of(entry):
            if step == "start":
                meanwhile.close()
                entry = _noted(way, entry, step)  # before it is done: the program does not start without it
            # who was killed while the old release stood still may find it started by the machine: it is stopped again
            again = step == "start" or (step == "stop" and not entry.did("start"))
            if again or not entry.did(step):
                way.say(words_of(step))
                point(f"upgrade.before_{step}")
                entry = DO[step](way, entry)
                point(f"upgrade.did_{step}")
                entry = _noted(way, entry, step)
            if step == "stop" and not entry.did("start"):
                about = {"old": entry.before, "new": entry.after}
                meanwhile.enter_context(way.world.page(_("PROvodnik %(old)s is being updated to %(new)s.") % about))
    entry = replace(entry, state=DONE)
    entry.write(way.place.journal)
    point("upgrade.done")
    return entry


def _noted(way: Way, entry: Journal, step: str) -> Journal:
    entry = entry if entry.did(step) else entry.with_step(step)
    entry.write(way.place.journal)
    point(f"upgrade.noted_{step}")
    return entry


def hold(way: Way) -> bool:
    """After trouble before the database was changed: the old release works on, as if nothing had been. False when that
    cannot be said: then the same command again, or rollback."""
    entry = journals.read(way.place.journal)
    if entry is None or entry.state != UNDER_WAY or entry.did("migrate"):
        return False
    if way.world.migrations() != entry.migrations:
        return False
    journals.forget(way.place.journal)
    if entry.did("stop") or (entry.did("backup") and "stop" in steps_of(entry)):  # or stopped in part: one of them did
        way.world.start()
    with suppress(Trouble, psycopg.Error):
        way.world.forget(way.place.backups / "before-upgrade")
    shutil.rmtree(way.place.workshop(entry.new), ignore_errors=True)
    return True


def loses(place: Place, world: World) -> str:
    """What a rollback would lose, in words; "" when nothing. Raises Cannot when there is nothing to go back from."""
    entry = _to_go_back_from(place)
    if entry.state == GOING_BACK or is_fix(entry) or world.migrations() == entry.migrations:
        return ""
    if entry.kept and world.kept(entry.kept):
        if not entry.did("start"):
            return ""
        at = datetime.fromisoformat(entry.kept_at).astimezone().strftime("%d.%m.%Y %H:%M")
        return _("What was written since the old release stopped, %(at)s, will not be there any more.") % {"at": at}
    at = datetime.fromisoformat(entry.backup_at).astimezone().strftime("%d.%m.%Y %H:%M")
    return _("What was written since the backup of %(at)s will be lost.") % {"at": at}


def _to_go_back_from(place: Place) -> Journal:
    entry = journals.read(place.journal)
    if entry is None or entry.state == BACK:
        raise Cannot(_("There is no upgrade to go back from."))
    if not place.program(entry.old).exists():
        raise Cannot(_("Release %(version)s is not here any more.") % {"version": entry.before})
    return entry


def rollback(place: Place, world: World, say: Say) -> Journal:
    """Return to the release before. A fix: the link alone; others: the database that was put aside when the old release
    stopped, the backup where that is gone, nothing where the database was not touched yet. May be repeated when killed.
    Raises Cannot, Trouble, OSError."""
    entry = replace(_to_go_back_from(place), state=GOING_BACK)
    # the mark that keeps either release from starting in between (standing.py)
    entry = entry if entry.did("stop") else entry.with_step("stop")
    entry.write(place.journal)
    point("rollback.begun")
    say(words_of("stop"))
    world.stop()
    point("rollback.stopped")
    with world.page(_("PROvodnik goes back to %(old)s.") % {"old": entry.before}):
        for name, do in _back(place, world, entry, say):
            do()
            point(f"rollback.{name}")
    entry = replace(entry, state=BACK, kept_at=_now())
    entry.write(place.journal)
    point("rollback.noted")
    world.start()
    point("rollback.done")
    return entry


def _back(place: Place, world: World, entry: Journal, say: Say) -> Iterator[tuple[str, Callable[[], None]]]:
    touched = entry.did("restoring") or world.migrations() != entry.migrations
    if touched and not is_fix(entry):
        kept = bool(entry.kept) and world.kept(entry.kept)
        if not entry.did("restoring") and not (kept and is_copy(entry.kept)):
            _save(place, world, entry, say)  # the copy's way back leaves what there is under another name
            entry.with_step("restoring").write(place.journal)
        newer = place.program(entry.new)
        if kept:
            say(_("Returning to the database that was put aside"))
            yield "given_back", lambda: say(_left(world.give_back(entry.kept)))
        else:
            say(_("Restoring the backup"))
            yield "restored", lambda: world.restore(newer, Path(entry.backup))
    if not is_fix(entry):  # also when it was killed right behind the renames
        yield "files", lambda: _files(world, entry, say)
    yield "switched", lambda: place.switch(entry.old)
    old = place.program(entry.old)
    yield "units", lambda: world.units(old)
    yield "database", lambda: world.database_anew(old, always=not is_fix(entry))
    yield "prepared", lambda: world.prepare(old)


def _save(place: Place, world: World, entry: Journal, say: Say) -> None:
    """What the new release has written; a rollback does not fail because that cannot be saved."""
    folder = place.backups / "before-rollback"
    say(_("Saving what the new release has written: %(folder)s") % {"folder": folder})
    try:
        world.backup(place.program(entry.new), folder)
    except Trouble as trouble:
        say(_("It could not be saved: %(why)s") % {"why": trouble})


def _left(name: str) -> str:
    if not name:
        return _("The database is as the old release left it.")
    told = {"name": name, "days": aside.DAYS}
    return _("What the new release has written lies in the database %(name)s, for %(days)s days.") % told


def _files(world: World, entry: Journal, say: Say) -> None:
    """A backup that cannot be read, a full disk: the old release works without these files, doctor names them."""
    try:
        lacking = world.bring_files(Path(entry.backup)) if entry.backup else 0
    except (Trouble, OSError) as error:
        say(" ".join(str(error).split()))
        return
    if lacking:
        say(_("Kept files that are not to be had any more: %(count)s. See provodnik doctor.") % {"count": lacking})

"""`provodnik upgrade` and `provodnik rollback`."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from provodnik.lifecycle import program
from provodnik.lifecycle.arguments import Arguments, usage
from provodnik.lifecycle.backup.archive import BadBackup
from provodnik.lifecycle.binaries import PostgresProblem
from provodnik.lifecycle.parcel import BadParcel, Parcel, keys_in, open_parcel
from provodnik.lifecycle.upgrade import journal, preflight, steps
from provodnik.lifecycle.upgrade.estimate import estimate
from provodnik.lifecycle.upgrade.place import KEYS, OPT, Place
from provodnik.lifecycle.upgrade.steps import Cannot, Way
from provodnik.lifecycle.upgrade.world import DATABASE_UNIT, UNITS, Real, Say, Trouble, units_exist
from provodnik.lifecycle.words import gettext as _

FAILED = 1
OPTIONS = "[--opt DIR] [--keys DIR] [--stop-command TEXT] [--restart-command TEXT] [--database-command TEXT]"


class _Options(Arguments):
    """What both commands take. Defaults: the layout of the distributive, and systemd's services where they are."""

    def __init__(self, line: str) -> None:
        super().__init__(usage(f"{line} {OPTIONS}"))
        services = " ".join(UNITS) if units_exist() else ""
        self.add_argument("--opt", type=Path, default=OPT)
        self.add_argument("--keys", type=Path, default=KEYS)
        self.add_argument("--stop-command", default=f"systemctl stop {services}" if services else "")
        self.add_argument("--restart-command", default=f"systemctl restart {services}" if services else "")
        self.add_argument("--database-command", default=f"systemctl restart {DATABASE_UNIT}" if services else "")


def _world(chosen: object, plan: program.Plan, say: Say) -> Real:
    @contextmanager
    def database() -> Iterator[str]:
        with program.database(plan) as (ready, _server):
            yield ready.database_url

    told = vars(chosen)
    opt = str(told["opt"].absolute())
    owner = plan.data_dir.stat()
    return Real(
        database=database,
        data=plan.data_dir,
        prefix=opt.removesuffix(str(OPT)) if opt.endswith(str(OPT)) else "",
        host=plan.host,
        port=plan.port,
        stop_command=told["stop_command"],
        restart_command=told["restart_command"],
        say=say,
        account=pwd.getpwuid(owner.st_uid) if os.geteuid() == 0 and owner.st_uid != 0 else None,
        private=not plan.database_url,
        database_command="" if plan.database_url else told["database_command"],
    )


def upgrade(arguments: list[str], plan: program.Plan, backups: Path, say: Say) -> int:
    """Bring the installation to the release of a distributive. Raises WrongUse."""
    parser = _Options("upgrade FILE [--check | --estimate]")
    parser.add_argument("file", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--estimate", action="store_true")
    chosen = parser.parse(arguments)
    place = Place(chosen.opt.absolute(), chosen.keys, plan.data_dir, backups.absolute())
    world = _world(chosen, plan, say)
    try:
        parcel = open_parcel(chosen.file, keys_in(place.keys))
        with world.alone() as mine:
            if not mine:
                raise Cannot(_("Another upgrade is under way."))
            if not _looked(place, parcel, plan, world, say):
                say(_("Nothing was done."))
                return FAILED
            if chosen.check:
                say(_("All is ready. Nothing was done."))
                return 0
            if chosen.estimate:
                seconds = estimate(place, world, parcel)
                said = _("The changes of the database took %(seconds)s s on a copy of it. Nothing else was done.")
                say(said % {"seconds": round(seconds, 1)})
                return 0
            return _go(Way(place, world, parcel, say), say)
    except (BadParcel, BadBackup, Cannot, Trouble, PostgresProblem, psycopg.Error, OSError) as error:
        say(_("Nothing was done. %(why)s") % {"why": " ".join(str(error).split())})
        return FAILED


def _looked(place: Place, parcel: Parcel, plan: program.Plan, world: Real, say: Say) -> bool:
    entry = journal.read(place.journal)
    if entry is not None and entry.state in (journal.UNDER_WAY, steps.GOING_BACK):
        return True  # it was looked at when it was begun
    with world.database() as url:
        found = preflight.facts(place, url, local=not plan.database_url)
    wrong, warnings = preflight.judge(parcel.manifest, parcel.path.stat().st_size, found)
    for words in warnings:
        say(f"! {words}")
    for words in wrong:
        say(f"✗ {words}")
    return not wrong


def _go(way: Way, say: Say) -> int:
    try:
        done = steps.upgrade(way, now=datetime.now(UTC))
    except (BadParcel, Trouble, PostgresProblem, psycopg.Error, OSError) as error:
        say(str(error))
        if _held(way):
            say(_("The upgrade did not succeed. The old release works on, nothing was changed."))
        else:
            say(_("The upgrade stands half-way: say the same command again, or provodnik rollback."))
        return FAILED
    told = {"version": done.after, "backup": done.backup}
    say(_("PROvodnik %(version)s works. The backup before it: %(backup)s") % told)
    return 0


def _held(way: Way) -> bool:
    """The same trouble may keep the old release from being started: then nobody says that nothing was done."""
    try:
        return steps.hold(way)
    except (Trouble, PostgresProblem, psycopg.Error, OSError) as error:
        way.say(" ".join(str(error).split()))
        return False


def rollback(arguments: list[str], plan: program.Plan, backups: Path, say: Say) -> int:
    """Return to the release before the last upgrade. Raises WrongUse."""
    parser = _Options("rollback [--yes]")
    parser.add_argument("--yes", action="store_true")
    chosen = parser.parse(arguments)
    place = Place(chosen.opt.absolute(), chosen.keys, plan.data_dir, backups.absolute())
    world = _world(chosen, plan, say)
    try:
        with world.alone() as mine:
            if not mine:
                raise Cannot(_("Another upgrade is under way."))
            loses = steps.loses(place, world)
            if loses and not chosen.yes:
                raise Cannot(f"{loses} " + _("If that may be: provodnik rollback --yes."))
            done = steps.rollback(place, world, say)
    except (Cannot, Trouble, PostgresProblem, psycopg.Error, OSError) as error:
        say(" ".join(str(error).split()))
        return FAILED
    say(_("PROvodnik %(version)s works again.") % {"version": done.before})
    return 0

"""`provodnik restore` and `provodnik release-quarantine`."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from provodnik.lifecycle import program
from provodnik.lifecycle.arguments import Arguments, WrongUse, usage
from provodnik.lifecycle.backup.archive import BadBackup
from provodnik.lifecycle.backup.sealing import NotOpened
from provodnik.lifecycle.binaries import PostgresProblem
from provodnik.lifecycle.restore import releasing, restoring
from provodnik.lifecycle.words import gettext as _

Say = Callable[[str], None]
FAILED = 1
USAGE = "restore FILE [--key FILE] [--data-dir DIR] [--database-url URL] [--replace] [--without-secret]"


def restore(arguments: list[str], plan: program.Plan, version: str, secret: str, say: Say) -> int:
    """Restore a backup, in quarantine. `secret`: as it is set, "" where it lies in the data folder. Raises WrongUse."""
    parser = Arguments(usage(USAGE))
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", type=Path)
    parser.add_argument("--data-dir", type=Path, default=plan.data_dir)
    parser.add_argument("--database-url", default=plan.database_url)
    parser.add_argument("--replace", action="store_true")
    parser.add_argument("--without-secret", action="store_true")
    parser.add_argument("--in-place", action="store_true")  # of a rollback: the same installation goes back
    chosen = parser.parse(arguments)
    file = chosen.file.absolute()
    known = file.is_file()
    become_owner(chosen.data_dir)
    target = replace(plan, data_dir=chosen.data_dir.absolute(), database_url=chosen.database_url)
    try:
        if not known:
            raise restoring.NotRestored(_("There is no file %(path)s.") % {"path": file})
        if not os.access(file, os.R_OK):
            told = {"path": file, "account": pwd.getpwuid(os.geteuid()).pw_name}
            said = _("The program works as %(account)s, which may not read %(path)s: put the file where it may.")
            raise restoring.NotRestored(said % told)
        with program.database(target) as (ready, _server):
            asked = restoring.Asked(
                file=file,
                key=chosen.key,
                url=ready.database_url,
                data_dir=target.data_dir,
                version=version,
                secret=secret,
                replace=chosen.replace,
                quarantine=not chosen.in_place,
                without_secret=chosen.without_secret or chosen.in_place,
            )
            done = restoring.restore(asked, now=datetime.now(UTC))
    except (restoring.NotRestored, BadBackup, NotOpened, PostgresProblem, psycopg.Error, OSError) as error:
        say(_("NOT RESTORED. %(why)s") % {"why": " ".join(str(error).split())})
        if restoring.unfinished(target.data_dir):
            say(_("The target is half restored and does not start: say the same command again."))
        return FAILED
    at = done.contents.at.astimezone().strftime("%d.%m.%Y %H:%M")
    counted = {"rows": done.rows, "kept": done.kept, "at": at, "version": done.contents.version}
    said = _("Restored: rows: %(rows)s, files: %(kept)s, as of %(at)s, version %(version)s; all equal by their sums.")
    say(said % counted)
    if chosen.in_place:
        return 0
    if not done.secret_known:
        say(_("The secret key is another: passwords of mailboxes and directories must be typed in again."))
    say(
        _(
            "This copy is in quarantine: it sends and fetches nothing. Look at it (provodnik start); when the other "
            "installation is off for good, release it: provodnik release-quarantine. "
            "The next request gets No. %(number)s."
        )
        % {"number": done.next_number}
    )
    return 0


def become_owner(data_dir: Path) -> None:
    """Started by root, go on as whose folder it is: files that root makes there the program could not read."""
    if os.geteuid() != 0 or not data_dir.exists() or data_dir.stat().st_uid == 0:
        return
    owner = pwd.getpwuid(data_dir.stat().st_uid)
    os.initgroups(owner.pw_name, owner.pw_gid)
    os.setgid(owner.pw_gid)
    os.setuid(owner.pw_uid)
    if not os.access(Path.cwd(), os.X_OK):  # root's home: a program that is started there would not find itself
        os.chdir(data_dir)


def release_quarantine(arguments: list[str], plan: program.Plan, say: Say) -> int:
    """Let this copy go outside. Raises WrongUse."""
    parser = Arguments(usage("release-quarantine [--send-waiting | --drop-waiting]"))
    waiting = parser.add_mutually_exclusive_group()
    waiting.add_argument("--send-waiting", action="store_true")
    waiting.add_argument("--drop-waiting", action="store_true")
    chosen = parser.parse(arguments)
    decided = "send" if chosen.send_waiting else "drop" if chosen.drop_waiting else ""
    with program.database(plan) as (ready, _server), psycopg.connect(ready.database_url) as connection:
        try:
            done = releasing.release(connection, waiting=decided, now=datetime.now(UTC))
        except releasing.NotReleased as error:
            say(str(error))
            return FAILED
    say(
        _("Released. The next request gets No. %(number)s. Letters and messages dropped: %(dropped)s.")
        % {"number": done.next_number, "dropped": done.dropped}
    )
    return 0


__all__ = ["WrongUse", "release_quarantine", "restore"]

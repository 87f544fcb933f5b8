"""`provodnik backup` and `provodnik backup-key`: what a person or a timer says, and what is said back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from provodnik.lifecycle import program
from provodnik.lifecycle.arguments import Arguments, WrongUse, usage
from provodnik.lifecycle.backup import making, proving, record, sealing
from provodnik.lifecycle.backup.archive import BadBackup
from provodnik.lifecycle.backup.reading import only_seals
from provodnik.lifecycle.backup.rotation import Keep
from provodnik.lifecycle.backup.sealing import NotOpened
from provodnik.lifecycle.binaries import PostgresProblem
from provodnik.lifecycle.upgrade import aside
from provodnik.lifecycle.words import gettext as _

Say = Callable[[str], None]
FAILED, WRONG_USE = 1, 2
USAGE = "backup [--to DIR] [--encrypt-to FILE | --plain] [--keep DAYS WEEKS MONTHS] [--prove]"


@dataclass(frozen=True)
class Settings:
    """What the installation has set; options say otherwise for once. `secret()` makes one if there is none yet."""

    version: str
    folder: Path
    key: Path | None
    keep: Keep
    secret: Callable[[], str]


def backup(arguments: list[str], plan: program.Plan, settings: Settings, say: Say) -> int:
    """Make a backup; exit status 1 when there is no new good one. Raises WrongUse."""
    parser = Arguments(usage(USAGE))
    parser.add_argument("--to", type=Path, default=settings.folder)
    parser.add_argument("--encrypt-to", type=Path, default=settings.key)
    parser.add_argument("--keep", type=int, nargs=3)
    parser.add_argument("--prove", action="store_true")
    parser.add_argument("--plain", action="store_true")
    chosen = parser.parse(arguments)
    keep = Keep(*chosen.keep) if chosen.keep else settings.keep
    if min(keep.daily, keep.weekly, keep.monthly) < 0:
        raise WrongUse(parser.how)
    now = datetime.now(UTC)
    key = None if chosen.plain else chosen.encrypt_to
    try:
        if key is not None:
            sealing.check_recipient(key)
            if chosen.prove and only_seals(key):
                raise NotOpened(_("What a public key sealed cannot be proved here: the private key is elsewhere."))
        with program.database(plan) as (ready, _server):
            asked = making.Asked(
                url=ready.database_url,
                data_dir=plan.data_dir,
                folder=chosen.to.absolute(),
                secret=settings.secret(),
                version=settings.version,
                key=key,
                base_url=plan.base_url,
                keep=keep,
            )
            made = making.make(asked, now=now)
            if chosen.prove:
                proving.prove(made.path, key, ready.database_url, chosen.to.absolute())
            with suppress(psycopg.Error, OSError):  # no reason to call a good backup a bad one
                aside.forget_old(ready.database_url, plan.data_dir, settings.folder / "before-upgrade", now)
    except making.Busy:
        say(_("Another backup into this folder is being made; this one is left out."))
        return FAILED
    except (BadBackup, NotOpened, PostgresProblem, psycopg.Error, OSError) as error:
        why = " ".join(str(error).split())
        record.failed(plan.data_dir, at=now, why=why[:500])
        say(_("NO BACKUP WAS MADE. %(why)s The old ones stand as they were.") % {"why": why})
        return FAILED
    record.good(plan.data_dir, at=now, path=str(made.path), size=made.size, sha256=made.sha256, proved=chosen.prove)
    _tell(made, key, plan.data_dir, proved=chosen.prove, say=say)
    if made.lost:
        why = _("%(count)s kept files are damaged or missing: see provodnik doctor --strict.") % {
            "count": len(made.lost)
        }
        record.failed(plan.data_dir, at=now, why=why)
        say(why)
        return FAILED
    return 0


def _tell(made: making.Made, key: Path | None, data_dir: Path, *, proved: bool, say: Say) -> None:
    counted = {"path": made.path, "size": f"{made.size / 2**20:.1f}", "rows": made.rows, "kept": made.kept}
    say(_("Backup: %(path)s, %(size)s MiB, rows: %(rows)s, files: %(kept)s. Read back and found whole.") % counted)
    if proved:
        say(_("Restored into a database of its own and compared: equal."))
    if made.removed:
        say(_("Old backups removed: %(count)s.") % {"count": len(made.removed)})
    if key is None:
        say(
            _(
                "It is not encrypted and does not hold the secret key: keep a copy of %(path)s in another safe place, "
                "without it passwords of mailboxes and directories cannot be opened."
            )
            % {"path": data_dir / "secret.key"}
        )


def backup_key(arguments: list[str], say: Say) -> int:
    """Make a pair of keys for sealed backups. Raises WrongUse."""
    parser = Arguments(usage("backup-key FILE"))
    parser.add_argument("file", type=Path)
    path = parser.parse(arguments).file.absolute()
    try:
        public = sealing.make_keys(path)
    except OSError as error:
        say(_("The key was not made: %(why)s.") % {"why": error.strerror})
        return FAILED
    say(
        _(
            "Made: %(public)s seals backups and stays here; %(private)s opens them: take it off this machine and keep "
            "it in two safe places. Without it the backups cannot be read by anybody."
        )
        % {"public": public, "private": path}
    )
    return 0

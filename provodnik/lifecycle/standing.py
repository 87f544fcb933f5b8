"""What keeps the program from starting: a restore or an upgrade that was begun and not brought to an end. Whoever
started anyway would work in half a database, or with an old program in a new one."""

from __future__ import annotations

from pathlib import Path

from provodnik.lifecycle.backup.files import read_json
from provodnik.lifecycle.words import gettext as _

RESTORE, UPGRADE = "restore.json", "upgrade.json"


def unfinished_restore(data_dir: Path) -> str:
    """Words, or "" when there is none."""
    if not (data_dir / RESTORE).exists():
        return ""
    return _("A restore was begun and is not finished: say provodnik restore with the same file again.")


def unfinished_upgrade(data_dir: Path) -> str:
    """Words, or "" when the program may run: before anything of the database was touched the old release goes on."""
    return under_way(data_dir) if "stop" in read_json(data_dir / UPGRADE).get("steps", []) else ""


def under_way(data_dir: Path) -> str:
    """Words for an upgrade or a rollback that was begun and not brought to its end, "" when there is none."""
    known = read_json(data_dir / UPGRADE)
    last_look = known.get("state") == "under way" and "start" in known.get("steps", [])  # doctor is asked in the end
    if known.get("state") not in ("under way", "going back") or last_look:
        return ""
    return _("An upgrade was begun and is not finished: say provodnik upgrade with the same file again, or rollback.")


def why_not(data_dir: Path) -> str:
    """Why the program may not start now; "" when it may."""
    return unfinished_restore(data_dir) or unfinished_upgrade(data_dir)

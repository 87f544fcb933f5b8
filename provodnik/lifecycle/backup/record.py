"""How the last backup went: for doctor, who tells when there has been no good one for too long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from provodnik.core.parts import Finding
from provodnik.lifecycle.backup.files import read_json, write_json
from provodnik.lifecycle.words import gettext as _

NAME = "backup.json"


def good(data_dir: Path, *, at: datetime, **about: Any) -> None:
    """A backup was made and read back."""
    write_json(data_dir / NAME, {"good": {"at": at.isoformat(), **about}})


def failed(data_dir: Path, *, at: datetime, why: str) -> None:
    """No backup was made; what was known of the last good one stays."""
    write_json(data_dir / NAME, {**read_json(data_dir / NAME), "failed": {"at": at.isoformat(), "why": why}})


def last_good(data_dir: Path) -> datetime | None:
    try:
        return datetime.fromisoformat(read_json(data_dir / NAME)["good"]["at"])
    except (KeyError, TypeError, ValueError):
        return None


def findings(data_dir: Path, *, now: datetime, longest: timedelta) -> Iterator[Finding]:
    """What doctor says of backups."""
    at, known = last_good(data_dir), read_json(data_dir / NAME)
    if "failed" in known:
        yield Finding("error", _("The last backup failed: %(why)s") % {"why": known["failed"].get("why", "?")})
    if at is None:
        yield Finding("warning", _("There has been no backup yet: provodnik backup makes one."))
        return
    hours = int((now - at).total_seconds() // 3600)
    level = "error" if now - at > longest else "ok"
    yield Finding(level, _("The last good backup is %(hours)s h old.") % {"hours": hours})

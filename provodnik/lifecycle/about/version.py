"""The running version and what is told of it; the notes travel with the package (changes.md is CHANGELOG.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from provodnik import __version__
from provodnik.core.versions import SUPPORTED_MONTHS, Version, months_later, read_version
from provodnik.lifecycle.notes import Notes, read_notes

CHANGES = Path(__file__).resolve().parent / "changes.md"
OLD_MONTHS = 18  # after so long a reminder is given to those who asked for one


@dataclass(frozen=True, slots=True)
class Running:
    """`notes`: of this version, None when the file does not tell of it; `older`: those before it, the newest first."""

    version: Version
    notes: Notes | None
    older: tuple[Notes, ...]

    @property
    def released(self) -> date | None:
        return self.notes.released if self.notes else None

    @property
    def one_step_until(self) -> date | None:
        """So long any newer version is reached in one step."""
        return months_later(self.released, SUPPORTED_MONTHS) if self.released else None

    def is_old(self, today: date) -> bool:
        return self.released is not None and months_later(self.released, OLD_MONTHS) <= today


@cache
def running() -> Running:
    """Read once a process."""
    version = read_version(__version__)
    told = read_notes(CHANGES.read_text(encoding="utf-8"))
    own = next((one for one in told if one.version == version), None)
    return Running(version, own, tuple(one for one in told if one.version < version))

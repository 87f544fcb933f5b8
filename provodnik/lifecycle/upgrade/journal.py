"""What has been done of an upgrade, on the disk before the next step begins."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from provodnik.core.versions import Version, read_version
from provodnik.lifecycle.backup.files import flush_folder, read_json, write_json

UNDER_WAY, DONE, BACK = "under way", "done", "rolled back"


@dataclass(frozen=True)
class Journal:
    """`before`, `after`: releases; `steps`: names of those that are done, in their order; `backup`: the file that was
    made before; `began_at`: ISO;
    `migrations`: how far the database was; `kept`: by what word the database of before is found (aside.py), since
    when; `state`: under way, done, going back, rolled back."""

    before: str
    after: str
    began_at: str
    state: str = UNDER_WAY
    steps: list[str] = field(default_factory=list)
    backup: str = ""
    backup_at: str = ""
    migrations: str = ""
    kept: str = ""
    kept_at: str = ""

    @property
    def old(self) -> Version:
        return read_version(self.before)

    @property
    def new(self) -> Version:
        return read_version(self.after)

    def did(self, step: str) -> bool:
        return step in self.steps

    def with_step(self, step: str, **more: Any) -> Journal:
        return replace(self, steps=[*self.steps, step], **more)

    def write(self, path: Path) -> None:
        write_json(path, asdict(self), mode=0o644)


def read(path: Path) -> Journal | None:
    """None when there is none, or none that could be read: then nothing was begun. Another release may have written it:
    what it noted besides is passed over."""
    known = read_json(path)
    try:
        found = Journal(**{one.name: known[one.name] for one in fields(Journal) if one.name in known})
        _ = found.old, found.new
    except (TypeError, ValueError):
        return None
    return found


def forget(path: Path) -> None:
    path.unlink(missing_ok=True)
    flush_folder(path.parent)

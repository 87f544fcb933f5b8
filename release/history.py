"""Which releases there have been: one file each in `release/declared`, written when a release is declared."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from provodnik.core.versions import Version, read_version, released_within
from release.source import Unfit

FOLDER = Path(__file__).resolve().parent / "declared"


@dataclass(frozen=True)
class Declared:
    """`released`: YYYY-MM-DD; `migrations`: app → {name: sha256 of its file}."""

    version: str
    released: str
    commit: str
    migrations: Mapping[str, Mapping[str, str]]

    @property
    def number(self) -> Version:
        return read_version(self.version)


def read_history(folder: Path = FOLDER) -> list[Declared]:
    """All declared releases, the oldest number first."""
    found = [Declared(**json.loads(path.read_text(encoding="utf-8"))) for path in folder.glob("*.json")]
    return sorted(found, key=lambda one: one.number)


def declare(one: Declared, folder: Path = FOLDER) -> Path:
    """Note a release. Raises Unfit when its number is taken: a release never changes."""
    path = folder / f"{one.version}.json"
    if path.exists():
        raise Unfit(f"Выпуск {one.version} уже объявлен: выпущенное не меняется, нужен следующий номер.")
    path.write_text(json.dumps(asdict(one), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return path


def fits_after(version: Version, history: Iterable[Declared]) -> str:
    """Why `version` cannot be the next release; "" when it can: a stable one above all, a fix the next of its X.Y."""
    numbers = [one.number for one in history]
    if version in numbers:
        return f"Выпуск {version} уже объявлен: выпущенное не меняется, нужен следующий номер."
    if version.is_fix:
        expected = Version(version.x, version.y, version.z - 1)
        return "" if expected in numbers else f"Исправление {version} выпускают после {expected}, а его не было."
    later = [number for number in numbers if number > version]
    return f"Выпуск {version} меньше уже выпущенного {later[-1]}." if later else ""


def before(version: Version, history: Iterable[Declared]) -> Declared | None:
    """The release that a fix replaces: the last one of the same X.Y before it."""
    found = [one for one in history if version.fixes(one.number)]
    return max(found, key=lambda one: one.number, default=None)


def oldest_supported(version: Version, released: date, history: Iterable[Declared]) -> Version:
    """From which release on one step leads to `version`: the oldest of twelve months, itself if there is none."""
    found = [
        one.number
        for one in history
        if one.number < version and released_within(date.fromisoformat(one.released), released)
    ]
    return min(found, default=version)

"""Which backups stay: the newest of each of the last days, weeks and months. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

_NAME = re.compile(r"provodnik-backup-(\d{8}-\d{6})\.tar(?:\.enc)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Keep:
    """How many days, weeks and months have a backup. All zero: none is ever removed."""

    daily: int = 7
    weekly: int = 4
    monthly: int = 6

    @property
    def everything(self) -> bool:
        return not (self.daily or self.weekly or self.monthly)


def name_of(at: datetime, *, sealed: bool) -> str:
    return f"provodnik-backup-{at.astimezone(UTC):%Y%m%d-%H%M%S}.tar{'.enc' if sealed else ''}"


def instant_of(name: str) -> datetime | None:
    """When the backup of this name was made; None for any other file."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def to_remove(names: Iterable[str], keep: Keep) -> list[str]:
    """Those of these files that no day, week or month keeps, oldest first. The newest is never among them, nor is
    a file that is no backup."""
    dated = sorted(((at, name) for name in names if (at := instant_of(name)) is not None), reverse=True)
    if keep.everything or not dated:
        return []
    stays = {dated[0][1]}
    for most, form in ((keep.daily, "%Y-%m-%d"), (keep.weekly, "%G-%V"), (keep.monthly, "%Y-%m")):
        seen: set[str] = set()
        for at, name in dated:
            period = at.strftime(form)
            if period not in seen and len(seen) < most:
                seen.add(period)
                stays.add(name)
    return [name for _at, name in reversed(dated) if name not in stays]

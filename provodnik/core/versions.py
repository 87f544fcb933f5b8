"""Numbers of releases (R2): a stable one is `X.Y`, the Z-th fix of it `X.Y.Z`. Pure; days are arguments."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

SUPPORTED_MONTHS = 12  # any release of so many months is brought to the newest in one step
FORM = re.compile(r"(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})(?:\.([1-9][0-9]{0,3}))?", re.ASCII)


class NotAVersion(ValueError):
    """Text that is no number of a release by R2."""


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """`x`: version, `y`: build, `z`: number of the fix; 0 is the stable release itself, written without it."""

    x: int
    y: int
    z: int = 0

    def __str__(self) -> str:
        return f"{self.x}.{self.y}.{self.z}" if self.z else f"{self.x}.{self.y}"

    @property
    def is_fix(self) -> bool:
        return self.z > 0

    @property
    def stable(self) -> Version:
        """The stable release that this one is, or fixes."""
        return Version(self.x, self.y)

    def fixes(self, other: Version) -> bool:
        """Whether this is a later Z of the same X.Y: what may replace `other` without a change of its data."""
        return self.is_fix and self.stable == other.stable and self > other


def read_version(text: str) -> Version:
    """Raises NotAVersion for anything but `X.Y` and `X.Y.Z` in plain digits: no leading zeros, no Z of 0, no suffix."""
    found = FORM.fullmatch(text)
    if found is None:
        raise NotAVersion(text)
    x, y, z = found.groups()
    return Version(int(x), int(y), int(z or 0))


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or the last of that month when it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def released_within(released: date, until: date, months: int = SUPPORTED_MONTHS) -> bool:
    """Whether what came out on `released` is no older than `months` on the day `until`."""
    return months_later(released, months) >= until

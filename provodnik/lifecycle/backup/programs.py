"""pg_dump and pg_restore: which of those on this machine serve a server, and how they are run."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import IO

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from provodnik.lifecycle.binaries import SYSTEM_GLOB, PostgresProblem, wheel_folder
from provodnik.lifecycle.children import die_with_parent
from provodnik.lifecycle.words import gettext as _


class NoProgram(PostgresProblem):
    """No pg_dump or pg_restore that fits."""


class ProgramFailed(PostgresProblem):
    """pg_dump or pg_restore did not succeed; `str` holds what it said."""


def _folders() -> list[Path]:
    named = os.environ.get("PROVODNIK_PG_BIN")
    if named:
        return [Path(named)]
    found = sorted(Path("/").glob(SYSTEM_GLOB[1:]))
    wheel, plain = wheel_folder(), shutil.which("pg_dump")
    return [*found, *([wheel] if wheel else []), *([Path(plain).parent] if plain else [])]


@cache
def _major(program: Path) -> int | None:
    if not os.access(program, os.X_OK):
        return None
    try:
        told = subprocess.run([str(program), "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\) (\d+)", told.stdout)
    return int(found[1]) if told.returncode == 0 and found else None


def choose(name: str, oldest: int, best: int | None = None) -> tuple[str, int]:
    """Path and major version of the program: of version `best`, else the nearest newer one, never older than `oldest`.
    A newer pg_dump writes what an older server may not read back, so the nearest is the best. Raises NoProgram."""
    wanted = max(oldest, best or oldest)
    found: dict[int, str] = {}
    for folder in _folders():
        major = _major(folder / name)
        if major is not None and major >= oldest:
            found.setdefault(major, str(folder / name))
    if not found:
        raise NoProgram(
            _("The program %(name)s of PostgreSQL %(major)s or newer is needed: install the package postgresql-client.")
            % {"name": name, "major": oldest}
        )
    major = min(found, key=lambda one: (one < wanted, abs(one - wanted)))
    return found[major], major


def address(url: str) -> tuple[str, dict[str, str]]:
    """A connection string without the password, and the environment that carries it: command lines are seen by all."""
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    password = parts.pop("password", None)
    environment = {**os.environ, "LC_ALL": "C.UTF-8", **({"PGPASSWORD": password} if password else {})}
    return make_conninfo("", **parts), environment


def started(
    command: Sequence[str],
    environment: dict[str, str],
    *,
    stdin: int | IO[bytes] | None = subprocess.DEVNULL,
    stdout: int | IO[bytes] | None = subprocess.DEVNULL,
    stderr: int | IO[bytes] | None = subprocess.PIPE,
) -> subprocess.Popen[bytes]:
    """A program that ends when we end."""
    dies = die_with_parent(signal.SIGKILL)
    return subprocess.Popen(list(command), env=environment, stdin=stdin, stdout=stdout, stderr=stderr, preexec_fn=dies)


def run(command: Sequence[str], environment: dict[str, str]) -> None:
    """Raises ProgramFailed with the program's last words."""
    process = started(command, environment)
    try:
        told = process.communicate()[1]
    except BaseException:
        process.kill()
        process.wait()
        raise
    if process.returncode != 0:
        raise failed(Path(command[0]).name, told)


def failed(name: str, told: bytes) -> ProgramFailed:
    said = " ".join(told.decode("utf-8", "replace").split())[-600:]
    return ProgramFailed(_("%(name)s did not succeed: %(told)s") % {"name": name, "told": said})

"""Whether two builds of one commit are the same files, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from release.build import Wishes, build
from release.source import ROOT, Unfit

# What a build must not depend on: the order of sets, the zone, the locale, the rights of new files.
OTHER = {"PYTHONHASHSEED": "4711", "TZ": "Asia/Kamchatka", "LC_ALL": "C"}
OTHER_UMASK = 0o077


class Different(Exception):
    """Two builds of the same commit differ; which file, and from which byte on."""


def check(wishes: Wishes) -> tuple[list[Path], list[str]]:
    """Build into the wished folder and once more in other surroundings, and compare. Raises Different, Unfit."""
    made, warnings = build(wishes)
    with tempfile.TemporaryDirectory() as folder:
        _again(wishes, folder)
        for one in made:
            compare(one, Path(folder) / one.name)
    return made, [*warnings, "Собрано дважды: файлы равны байт в байт."]


def _again(wishes: Wishes, folder: str) -> None:
    options = ["--key", str(wishes.key)] if wishes.key else []
    options += ["--with-postgres"] if wishes.postgres else []
    command = [sys.executable, "-m", "release", "build", "--out", folder, *options, "--python", *wishes.pythons]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **OTHER}, umask=OTHER_UMASK, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Unfit(f"Вторая сборка не удалась:\n{done.stderr}")


def compare(one: Path, other: Path) -> None:
    """Raises Different."""
    first, second = one.read_bytes(), other.read_bytes()
    if first != second:
        at = next((index for index, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), "конца")
        raise Different(f"{one.name}: вторая сборка отличается от первой, с байта {at}.")

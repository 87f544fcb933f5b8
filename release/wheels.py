"""Wheels of everything locked, fetched once by this machine's pip and believed by their sums alone."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from packaging.utils import canonicalize_name, parse_wheel_filename

from release.lock import NEWEST_PATCH, Locked, batches, requirement_lines
from release.source import Unfit

# Debian 12 and Astra Linux 1.8 have glibc 2.36 (PEP 600: a wheel of an older glibc runs as well).
GLIBC = 36
PLATFORM = "linux_x86_64"
_PLATFORMS = [*(f"manylinux_2_{minor}_x86_64" for minor in range(GLIBC, 4, -1)), "manylinux2014_x86_64", PLATFORM]


def fetch(locked: Sequence[Locked], python: str, cache: Path) -> list[Path]:
    """A wheel for each line of the lock that this Python needs. Raises Unfit when one is not to be had."""
    folder = cache / python
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [one for one in locked if one.wanted(python)]
    kept = {_of(path): path for path in folder.glob("*.whl")}
    missing = [one for one in wanted if not _good(kept.get((one.name, one.version)), one)]
    for batch in batches(missing):
        _download(batch, python, folder)
    kept = {_of(path): path for path in folder.glob("*.whl")}
    found = []
    for one in wanted:
        path = kept.get((one.name, one.version))
        if path is None or not _good(path, one):
            raise Unfit(f"Нет колеса {one.name} {one.version} для Python {python} с той суммой, что в замке.")
        found.append(path)
    return found


def _of(path: Path) -> tuple[str, str]:
    name, version, _build, _tags = parse_wheel_filename(path.name)
    return canonicalize_name(name), str(version)


def _good(path: Path | None, one: Locked) -> bool:
    return path is not None and hashlib.sha256(path.read_bytes()).hexdigest() in one.hashes


def _download(batch: Iterable[Locked], python: str, folder: Path) -> None:
    tag = python.replace(".", "")
    abis = [option for abi in (f"cp{tag}", "abi3", "none") for option in ("--abi", abi)]
    platforms = [option for platform in _PLATFORMS for option in ("--platform", platform)]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as lines:
        lines.write(requirement_lines(batch, markers=False))
        lines.flush()
        command = [
            sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
            "--only-binary", ":all:", "--require-hashes", "--implementation", "cp",
            "--python-version", f"{python}.{NEWEST_PATCH}", *abis, *platforms, "--dest", str(folder), "-r", lines.name,
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unfit(f"pip не принёс колёса для Python {python}:\n{done.stderr.strip()[-2000:]}")

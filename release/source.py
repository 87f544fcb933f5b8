"""What is released: one commit of this tree, with nothing beside it."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Unfit(Exception):
    """Why this cannot be released, in words for the one who tries to."""


@dataclass(frozen=True)
class Source:
    """`mtime`: of the commit, seconds since 1970; `tracked`: paths of its files."""

    root: Path
    commit: str
    mtime: int
    tracked: Sequence[str]

    @property
    def day(self) -> str:
        return datetime.fromtimestamp(self.mtime, UTC).date().isoformat()


def git(root: Path, *arguments: str) -> str:
    """What git says. Raises Unfit."""
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)  # noqa: S607
    if done.returncode != 0:
        raise Unfit(f"git {arguments[0]} не ответил: {done.stderr.strip()}")
    return done.stdout


def clean_source(root: Path = ROOT) -> Source:
    """The commit that lies here. Raises Unfit when a file differs from it or lies beside it."""
    dirty = git(root, "status", "--porcelain", "--untracked-files=all").splitlines()
    if dirty:
        shown = "\n".join(f"  {line[3:]}" for line in dirty[:10])
        more = f"\n  … и ещё {len(dirty) - 10}" if len(dirty) > 10 else ""
        raise Unfit(f"Выпуск собирают из чистого коммита, а здесь есть незафиксированное:\n{shown}{more}")
    commit, mtime = git(root, "log", "-1", "--format=%H %ct").split()
    return Source(root, commit, int(mtime), git(root, "ls-files", "-z").rstrip("\0").split("\0"))

"""Reading a backup back: when it was made, when somebody asks whether it is good, and when it is restored."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from provodnik.lifecycle.backup.archive import BadBackup, Take, read_through
from provodnik.lifecycle.backup.sealing import PUBLIC, NotOpened, SealedReader, is_sealed
from provodnik.lifecycle.backup.tables import Rows
from provodnik.lifecycle.words import gettext as _

PIECE = 1024 * 1024


@dataclass(frozen=True)
class Contents:
    """What a backup says of itself. `rows`: table → rows and sum; `kept`: names of its files → sum; `lost`: kept files
    that were not on the disk, or not whole, when it was made."""

    version: str
    at: datetime
    postgres: int
    base_url: str
    host: str
    locale: tuple[str, str]
    last_number: int
    secret: str
    quarantine: tuple[str, datetime, int] | None
    rows: Rows
    kept: dict[str, str]
    lost: tuple[str, ...]


def only_seals(key: Path | None) -> bool:
    """Whether what was sealed with this file cannot be opened with it: a public key."""
    if key is None:
        return False
    with key.open("rb") as file:
        return file.read(len(PUBLIC)) == PUBLIC.encode()


def check(path: Path, key: Path | None, *, sha256: str) -> None:
    """Read back from the disk what was just written: the whole file, and every member where we can open it. Raises
    BadBackup, NotOpened, OSError."""
    with path.open("rb") as file:
        _forget_cached(file)
        digest = hashlib.sha256()
        while piece := file.read(PIECE):
            digest.update(piece)
    if digest.hexdigest() != sha256:
        raise BadBackup(_("What was read back from the disk is not what was written."))
    if not only_seals(key):
        read(path, key)


def _forget_cached(file: IO[bytes]) -> None:
    """Have the disk asked, not the memory that still holds what was written."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


@contextmanager
def opened(path: Path, key: Path | None) -> Iterator[Callable[[int], bytes]]:
    """`read(n)` of the archive, sealed or not. Raises BadBackup when it is sealed and there is no key."""
    with path.open("rb") as file:
        sealed = is_sealed(file.peek(1)[:1])
        if not sealed:
            yield file.read
            return
        if key is None:
            raise BadBackup(_("The backup is sealed: name the file of its password or private key by --key."))
        yield SealedReader(file, key).read


def read(path: Path, key: Path | None, take: Take | None = None) -> Contents:
    """Read all of it. Returns when everything was there and was right. Raises BadBackup, NotOpened, OSError."""
    with opened(path, key) as source:
        head, manifest = read_through(source, take) if take else read_through(source)
    try:
        return _contents(head, manifest)
    except (KeyError, TypeError, ValueError) as error:
        raise BadBackup(_("The list of the backup is damaged.")) from error


def _contents(head: dict[str, Any], manifest: dict[str, Any]) -> Contents:
    kept = {name: str(total) for name, total in manifest["members"].items() if name.startswith("files/")}
    return Contents(
        version=str(head["version"]),
        at=datetime.fromisoformat(head["at"]),
        postgres=int(head["postgres"]),
        base_url=str(head["base_url"]),
        host=str(head["host"]),
        locale=(str(head["locale"][0]), str(head["locale"][1])),
        last_number=int(head["last_number"]),
        secret=str(head["secret"]),
        quarantine=_quarantine(head["quarantine"]),
        rows={str(name): (int(count), str(total)) for name, (count, total) in manifest["tables"].items()},
        kept=kept,
        lost=tuple(str(name) for name in manifest["lost"]),
    )


def _quarantine(told: Any) -> tuple[str, datetime, int] | None:
    return None if told is None else (str(told[0]), datetime.fromisoformat(told[1]), int(told[2]))


__all__ = ["Contents", "NotOpened", "check", "only_seals", "opened", "read"]

"""The archive of a backup: a plain ustar, written once from the first byte to the last and read the same way.

backup.json      what it is of: format, version, instant, how the server was
database/000001  pieces of pg_dump's custom format, 4 MiB each: the length of a member must be known before it
files/ab/abcd…   kept files, as they lie in the data folder
secret.key       the installation's secret, in sealed archives only
manifest.json    the sum of every member before it, rows and sums of every table
end              the sum of manifest.json: without it the archive was not written to its end
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from provodnik.core.ustar import BLOCK, Entry, NotPlain, Reader
from provodnik.lifecycle.words import gettext as _

FORMAT = 1
PIECE = 4 * 1024 * 1024
MOST_MEMBERS = 50_000_000
LARGEST_LIST = 2 * 1024**3
HEAD, MANIFEST, END, SECRET = "backup.json", "manifest.json", "end", "secret.key"
_DUMP = re.compile(r"database/[0-9]{6,8}", re.ASCII)
_KEPT = re.compile(r"files/([0-9a-f]{2})/\1[0-9a-f]{30}", re.ASCII)

Write = Callable[[bytes], object]


class BadBackup(Exception):
    """Why a file is no backup one could trust, for people."""


def is_dump(name: str) -> bool:
    return _DUMP.fullmatch(name) is not None


def is_kept(name: str) -> bool:
    return _KEPT.fullmatch(name) is not None


@dataclass
class Writer:
    """Members one after another. `sums`: what was written so far."""

    write: Write
    sums: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, content: bytes) -> None:
        self.stream(name, len(content), [content])

    def stream(self, name: str, size: int, pieces: Iterable[bytes]) -> str:
        """One member of `size` bytes; returns its sum. Raises BadBackup when the pieces make another size."""
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        self.write(info.tobuf(tarfile.USTAR_FORMAT))
        digest, written = hashlib.sha256(), 0
        for piece in pieces:
            digest.update(piece)
            written += len(piece)
            self.write(piece)
        if written != size:
            raise BadBackup(_("The file %(name)s has another length than it had.") % {"name": name})
        self.write(bytes(-size % BLOCK))
        self.sums[name] = digest.hexdigest()
        return self.sums[name]

    def finish(self, about: dict[str, Any]) -> None:
        """The list of all members with their sums, its own sum, and the end of a tar."""
        content = json.dumps({**about, "members": self.sums}, sort_keys=True).encode()
        self.add(MANIFEST, content)
        self.add(END, hashlib.sha256(content).hexdigest().encode())
        self.write(bytes(2 * BLOCK))


Take = Callable[[str, int, Iterator[bytes]], None]


def _ignore(_name: str, _size: int, pieces: Iterator[bytes]) -> None:
    for _piece in pieces:
        pass


def read_through(read: Callable[[int], bytes], take: Take = _ignore) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read an archive to its end, giving each member of the dump, each kept file and the secret to `take`. Returns what
    it says of itself and its manifest, when every member was there with its sum. Raises BadBackup.

    What `take` was given is only to be trusted when this has returned.
    """
    sums: dict[str, str] = {}
    lists: dict[str, bytes] = {}
    members = Reader(read, most=MOST_MEMBERS)
    try:
        for entry in members:
            _judge(entry, sums)
            digest = hashlib.sha256()
            pieces = _measured(members.chunks(), digest)
            if entry.name in (HEAD, MANIFEST, END):
                lists[entry.name] = b"".join(pieces)
            else:
                take(entry.name, entry.size, pieces)
                _ignore(entry.name, entry.size, pieces)
            sums[entry.name] = digest.hexdigest()
    except NotPlain as error:
        raise BadBackup(_("This is no backup of PROvodnik, or it was not copied to its end.")) from error
    return _judged(sums, lists)


def _judge(entry: Entry, before: dict[str, str]) -> None:
    name = entry.name
    known = name in (HEAD, MANIFEST, END, SECRET) or is_dump(name) or is_kept(name)
    wrong_place = (name == HEAD) == bool(before) or (MANIFEST in before and name != END)
    large = name in (HEAD, END, SECRET) and entry.size > 64 * 1024
    if (
        entry.folder
        or not known
        or name in before
        or wrong_place
        or large
        or (name == MANIFEST and entry.size > LARGEST_LIST)
    ):
        raise BadBackup(_("The backup holds what does not belong there: %(name)s.") % {"name": name[:100]})


def _measured(pieces: Iterator[bytes], digest: Any) -> Iterator[bytes]:
    for piece in pieces:
        digest.update(piece)
        yield piece


def _judged(sums: dict[str, str], lists: dict[str, bytes]) -> tuple[dict[str, Any], dict[str, Any]]:
    if not {HEAD, MANIFEST, END} <= set(lists):
        raise BadBackup(_("The backup was not written to its end."))
    if lists[END] != sums[MANIFEST].encode():
        raise BadBackup(_("The list of the backup is damaged."))
    try:
        head, manifest = json.loads(lists[HEAD]), json.loads(lists[MANIFEST])
        told = manifest["members"]
        if head["format"] != FORMAT:
            raise BadBackup(_("The backup has a format that this version does not know."))
    except (ValueError, KeyError, TypeError) as error:
        raise BadBackup(_("The list of the backup is damaged.")) from error
    found = {name: sums[name] for name in sums if name not in (MANIFEST, END)}
    if told != found:
        wrong = sorted(name for name in {*told, *found} if told.get(name) != found.get(name))
        raise BadBackup(_("A part of the backup is damaged: %(name)s.") % {"name": wrong[0][:100]})
    return head, manifest

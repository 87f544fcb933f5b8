"""Tar archives of the plainest kind (POSIX.1-1988 ustar), read one entry after another, nothing believed.

Python's tarfile reads long names and pax records of any claimed length into memory and knows links, devices and sparse
files. Where we write the archive ourselves none of these has a place: an entry is a file or a folder with a plain name,
and whatever else stands there makes the whole archive unreadable (safety F56). Pure: no disk, no words for people.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

BLOCK = 512
PIECE = 128 * 1024
DEEPEST = 12  # folders in folders
LONGEST = 250  # bytes of a path; ustar has room for 256
MOST_TAIL = 20 * BLOCK  # tar fills its last record, 20 blocks, with zeros
_EMPTY = bytes(BLOCK)
_OCTAL = re.compile(rb"[ 0]*([0-7]*)[ \x00]*")
_FILE, _FOLDER = (b"0", b"\x00"), b"5"
_DRIVE = re.compile(r"[A-Za-z]:")


class Fault(Enum):
    NOT_TAR = "no ustar header where one must be"
    CUT = "the archive ends in the middle"
    TAIL = "something stands behind the end"
    KIND = "a link, a device or another thing that is no file"
    NAME = "a name that is no plain path inside"
    MANY = "more entries than allowed"


class NotPlain(Exception):
    """What is wrong, and with which entry ("" when it has no name yet)."""

    def __init__(self, fault: Fault, name: str = "") -> None:
        super().__init__(fault.value)
        self.fault, self.name = fault, name


@dataclass(frozen=True, slots=True)
class Entry:
    """`size`: bytes; a folder has none."""

    name: str
    size: int
    executable: bool = False
    folder: bool = False


def is_plain(path: str) -> bool:
    """Whether a path stays inside the folder it is put into, on any system, and means one file only."""
    parts = path.split("/")
    return (
        0 < len(path.encode()) <= LONGEST
        and len(parts) <= DEEPEST
        and not {"", ".", ".."} & set(parts)
        and "\\" not in path
        and not _DRIVE.match(path)
        and unicodedata.is_normalized("NFC", path)
        and all(sign.isprintable() for sign in path)
    )


class Reader:
    """`read(n)` gives n bytes, fewer only at the end of what there is. `most`: entries."""

    def __init__(self, read: Callable[[int], bytes], *, most: int) -> None:
        self._read, self._most = read, most
        self._left = self._padding = 0

    def __iter__(self) -> Iterator[Entry]:
        """Entries in their order; what nobody read of one is skipped. Raises NotPlain."""
        for count in range(self._most + 1):
            header = self._exactly(BLOCK)
            if header == _EMPTY:
                self._end()
                return
            if count == self._most:
                break
            entry = _entry(header)
            self._left, self._padding = entry.size, -entry.size % BLOCK
            yield entry
            for _piece in self.chunks():
                pass
        raise NotPlain(Fault.MANY)

    def chunks(self) -> Iterator[bytes]:
        """The content of the entry that was given last, piece by piece."""
        while self._left:
            piece = self._exactly(min(self._left, PIECE))
            self._left -= len(piece)
            yield piece
        padding, self._padding = self._padding, 0
        if any(self._exactly(padding)):
            raise NotPlain(Fault.NOT_TAR)

    def _exactly(self, size: int) -> bytes:
        found = self._read(size)
        if len(found) < size:
            raise NotPlain(Fault.CUT)
        return found

    def _end(self) -> None:
        if any(self._exactly(BLOCK)):
            raise NotPlain(Fault.NOT_TAR)
        tail = self._read(MOST_TAIL)
        if any(tail) or self._read(1):
            raise NotPlain(Fault.TAIL)


def _entry(header: bytes) -> Entry:
    if header[257:265] != b"ustar\x0000" or _number(header[148:156]) != _sum(header):
        raise NotPlain(Fault.NOT_TAR)
    name = _name(header)
    kind = header[156:157]
    folder = kind == _FOLDER
    if not folder and kind not in _FILE:
        raise NotPlain(Fault.KIND, name)
    if folder:
        name = name.removesuffix("/")
    if not is_plain(name):
        raise NotPlain(Fault.NAME, name)
    size = _number(header[124:136])
    if folder and size:
        raise NotPlain(Fault.KIND, name)
    return Entry(name, size, executable=not folder and bool(_number(header[100:108]) & 0o100), folder=folder)


def _name(header: bytes) -> str:
    name, prefix = (header[a:b].split(b"\x00", 1)[0] for a, b in ((0, 100), (345, 500)))
    try:
        return (prefix + b"/" + name if prefix else name).decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotPlain(Fault.NAME, name.decode("utf-8", "replace")) from error


def _sum(header: bytes) -> int:
    """The checksum is made as if its own eight bytes were spaces."""
    return sum(header) - sum(header[148:156]) + 8 * ord(" ")


def _number(field: bytes) -> int:
    found = _OCTAL.fullmatch(field)
    if found is None:
        raise NotPlain(Fault.NOT_TAR)
    return int(found[1] or b"0", 8)

"""A ZIP that carries a table and a folder of files (PKWARE APPNOTE 6.3.10). Nothing is unpacked to the disk: a member
is read when it is asked for, never further than it says it is long.

What is refused whole: no ZIP, too many names, members that lie over each other (a bomb by D. Fifield, 2019), more than
the limit when unpacked. What is refused one by one and told by name: ways out of the folder, links, what needs a
password, what unfolds too far, names that stand there twice.
"""

from __future__ import annotations

import io
import re
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from django.utils.translation import gettext as _

from provodnik.core.decisions import Refused
from provodnik.transfer.reading.values import Unreadable

MARK = b"PK\x03\x04"
MOST_MEMBERS = 20_000
LARGEST_CONTENTS = 4 * 1024 * 1024  # bytes of the list of names: some 40,000 of them
LARGEST_TABLE = 50 * 1024 * 1024  # bytes
MOST_BYTES = 2 * 1024**3  # of everything, unpacked
DEEPEST = 8  # folders in folders
LONGEST_NAME = 400  # characters of a path
STEEPEST = 200  # a screenshot of one colour packs a hundred times; a bomb a thousand times
ALWAYS_FINE = 1024 * 1024  # bytes: so little is no bomb, however well it packs
PIECE = 64 * 1024
# Where people put the files; the last one is the address of Zammad's own API.
ROOTS = ("", "files/", "attachments/", "файлы/", "вложения/", "images/", "картинки/", "ticket_attachment/")
_NEVER = re.compile(r"(^|/)(__macosx/|\.ds_store$|thumbs\.db$|desktop\.ini$|\._)")  # what systems leave by themselves
_DRIVE = re.compile(r"^[A-Za-z]:")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED, _UTF8 = 0x1 | 0x40, 0x800
_SPOILT = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


class _Careful(io.RawIOBase):
    """A file that is never read by more than is sane at once: zipfile takes the whole list of names by one read, of
    whatever length the archive claims."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1, /) -> bytes:
        if size > LARGEST_CONTENTS:
            raise Unreadable(_too_many())
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


def _too_many() -> str:
    return _("There are more than %(count)d files in the archive: divide it.") % {"count": MOST_MEMBERS}


@dataclass(slots=True)
class Member:
    """A file of the archive; read piece by piece (desk.actions.base.Pieces)."""

    path: str
    size: int
    _zip: zipfile.ZipFile = field(repr=False)
    _info: zipfile.ZipInfo = field(repr=False)
    _whole: bool | None = None

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def chunks(self) -> Iterator[bytes]:
        """Raises Refused for what cannot be unpacked."""
        try:
            with self._zip.open(self._info) as file:
                while piece := file.read(PIECE):
                    yield piece
        except _SPOILT as error:
            raise Refused(_("The file “%(name)s” of the archive is damaged.") % {"name": self.path}) from error

    def is_whole(self) -> bool:
        """Read once to its end: its length and its sum are what the archive says."""
        if self._whole is None:
            try:
                self._whole = sum(len(piece) for piece in self.chunks()) == self.size
            except Refused:
                self._whole = False
        return self._whole


@dataclass(slots=True)
class Folder:
    """The files of an archive, by their paths from the table; empty beside a table that came alone."""

    members: Mapping[str, Member] = field(default_factory=dict)
    refused: Sequence[tuple[str, str]] = ()  # (path, why)
    asked: set[str] = field(default_factory=set)
    _inside: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # folder → keys under it

    def __post_init__(self) -> None:
        for key in self.members:
            parts = key.split("/")
            for depth in range(1, len(parts)):
                self._inside["/".join(parts[:depth]) + "/"].append(key)

    def find(self, *paths: str) -> Member | None:
        """The first of these that is there, under any of the roots. Nothing is guessed by a name alone: a file of the
        same name may belong to somebody else."""
        for path in paths:
            for root in ROOTS:
                key = _key(root + path.replace("\\", "/").removeprefix("./"))
                if key in self.members:
                    self.asked.add(key)
                    return self.members[key]
        return None

    def within(self, name: str, apart: str = "") -> list[Member]:
        """What lies in the folder of this name, in order, but for its folder `apart`."""
        heads = [_key(f"{root}{name}/") for root in ROOTS]
        not_there = tuple(f"{head}{_key(apart)}/" for head in heads) if apart else ()
        found = sorted({key for head in heads for key in self._inside.get(head, ()) if not key.startswith(not_there)})
        self.asked.update(found)
        return [self.members[key] for key in found]

    def left(self) -> list[str]:
        """Paths that nobody asked for."""
        return sorted(member.path for key, member in self.members.items() if key not in self.asked)


def _key(path: str) -> str:
    """What two names that look alike have in common."""
    return unicodedata.normalize("NFC", path).casefold()


def opened(file: IO[bytes], *, size: int, endings: tuple[str, ...], largest_file: int) -> tuple[bytes, Folder]:
    """The table and the files beside it. `size`: bytes of the archive; `endings`: of the table's name, in lower case;
    `largest_file`: bytes of one member. `file` stays open as long as members are read. Raises Unreadable."""
    try:
        archive = zipfile.ZipFile(_Careful(file))
        infos = archive.infolist()
    except _SPOILT as error:
        raise Unreadable(_("The archive is damaged, or it is no ZIP.")) from error
    if len(infos) > MOST_MEMBERS:
        raise Unreadable(_too_many())
    if sum(info.compress_size for info in infos) > size:
        raise Unreadable(_("Files of the archive lie over each other: such an archive is not opened."))
    if sum(info.file_size for info in infos) > MOST_BYTES:
        raise Unreadable(
            _("Unpacked, the archive takes more than %(limit)d MB: divide it.") % {"limit": MOST_BYTES // 1024**2}
        )
    members, refused = _judged(archive, infos, largest_file, endings)
    return _table(members, refused, endings, largest_file)


def _judged(
    archive: zipfile.ZipFile, infos: Iterable[zipfile.ZipInfo], largest: int, endings: tuple[str, ...]
) -> tuple[dict[str, Member], list[tuple[str, str]]]:
    named = [(path_of(info), info) for info in infos if not info.is_dir()]
    named = [(path, info) for path, info in named if not _NEVER.search(path.casefold())]
    twice = {key for key, count in Counter(_key(path) for path, _info in named).items() if count > 1}
    members: dict[str, Member] = {}
    refused: list[tuple[str, str]] = []
    for path, info in named:
        limit = max(largest, LARGEST_TABLE) if path.casefold().endswith(endings) else largest
        why = _wrong(path, info, limit) or (_("the name stands there twice") if _key(path) in twice else "")
        if why:
            refused.append((path[:LONGEST_NAME], why))
        else:
            members[_key(path)] = Member(path, info.file_size, archive, info)
    return members, refused


def path_of(info: zipfile.ZipInfo) -> str:
    """The path as its author saw it. Without the mark of UTF-8 zipfile reads CP437; Windows in Russian writes CP866,
    others UTF-8 all the same."""
    name = info.filename
    if not info.flag_bits & _UTF8:
        try:
            raw = name.encode("cp437")
            try:
                name = raw.decode("utf-8")
            except UnicodeDecodeError:
                name = raw.decode("cp866")
        except UnicodeError:
            pass
    return name.replace("\\", "/")


def _wrong(path: str, info: zipfile.ZipInfo, largest: int) -> str:
    """Why a member is not taken; "" when it may be."""
    parts = path.split("/")
    mode = info.external_attr >> 16
    if path.startswith("/") or _DRIVE.match(path) or ".." in parts:
        return _("the path leads out of the folder")
    if len(parts) - 1 > DEEPEST:
        return _("the folders are more than %(count)d deep") % {"count": DEEPEST}
    if len(path) > LONGEST_NAME or any(ord(sign) < 32 for sign in path):
        return _("the name is too long or holds invisible characters")
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return _("a link or a device, not a file")
    if info.flag_bits & _ENCRYPTED:
        return _("it is closed with a password")
    if info.compress_type not in _METHODS:
        return _("it is packed in a way that is not read here: pack it as an ordinary ZIP")
    if info.file_size > largest:
        return _("it is larger than %(limit)d MB") % {"limit": largest // 1024**2}
    if info.file_size > ALWAYS_FINE and info.file_size > STEEPEST * max(info.compress_size, 1):
        return _("it unfolds more than %(count)d times: a bomb looks like this") % {"count": STEEPEST}
    return ""


def _table(
    members: dict[str, Member], refused: list[tuple[str, str]], endings: tuple[str, ...], largest: int
) -> tuple[bytes, Folder]:
    """The one table that lies highest; paths of the others are told from it."""
    depths: dict[int, list[str]] = defaultdict(list)
    for key in members:
        if key.endswith(endings):
            depths[key.count("/")].append(key)
    if not depths:
        raise Unreadable(_("There is no file *%(ending)s in the archive.") % {"ending": ", *".join(endings)})
    highest = depths[min(depths)]
    if len(highest) > 1:
        names = ", ".join(sorted(members[key].path for key in highest)[:5])
        raise Unreadable(_("There are several tables in the archive, leave one: %(names)s.") % {"names": names[:300]})
    table = members.pop(highest[0])
    try:
        content = b"".join(table.chunks())
    except Refused as error:
        raise Unreadable(str(error)) from error
    base = highest[0].rpartition("/")[0]
    beside: dict[str, Member] = {}
    for key, member in members.items():
        if member.size > largest:  # a table of another's, lying among the files
            refused.append((member.path, _("it is larger than %(limit)d MB") % {"limit": largest // 1024**2}))
        else:
            beside[key[len(base) + 1 :] if base and key.startswith(f"{base}/") else key] = member
    return content, Folder(beside, tuple(refused))

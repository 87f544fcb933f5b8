"""Reading a distributive. First `release.json` and its signature, which are the first two files by the format: before
they are known to be the vendor's, no more than two megabytes are looked at. Then every other file must be one that the
signed list names, of the length and with the sum that stand there. Nothing is written before all of it has been read;
then it is read once more into a folder beside, which takes its name at the very end.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from errno import ENOENT
from pathlib import Path
from typing import IO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from provodnik.core.ustar import Entry, Fault, NotPlain, Reader
from provodnik.core.versions import Version
from provodnik.lifecycle.parcel import manifest as lists
from provodnik.lifecycle.parcel.keys import is_signed
from provodnik.lifecycle.parcel.manifest import BadParcel, Manifest, Packed
from provodnik.lifecycle.words import gettext as _

PIECE = 128 * 1024
# RFC 1952: deflate, no name, no time, packed by whatever system. Ours begin with nothing else.
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
Sink = Callable[[Entry, Packed, Iterable[bytes]], None]  # takes one file; its name is the path inside the folder


@dataclass(frozen=True, slots=True)
class Parcel:
    """A distributive that was read to its end and is what its maker signed. `raw`: release.json itself."""

    path: Path
    manifest: Manifest
    raw: bytes
    signature: bytes

    def extract(self, to: Path) -> None:
        """Put the content of its folder into the new folder `to`. It appears whole or not at all: what a killed
        process left beside it, `.NAME.partial`, is cleared first. Raises BadParcel (also when the file has become
        another one since), OSError."""
        if to.exists() or to.is_symlink():
            raise BadParcel(_("The folder %(folder)s exists already.") % {"folder": to})
        partial = to.with_name(f".{to.name}.partial")
        _clear(partial)
        partial.mkdir()
        partial.chmod(0o755)
        try:
            _again(self, partial)
            _flush(partial)
            partial.rename(to)
        except BaseException:
            _clear(partial)
            raise
        _flush(to.parent)


def open_parcel(path: Path, keys: Sequence[Ed25519PublicKey], *, installed: Version | None = None) -> Parcel:
    """Read and judge it whole. `keys`: whose signature is believed; `installed`: what runs here, an older one is
    refused. Writes nothing. Raises BadParcel with the reason in words."""
    if not keys:
        raise BadParcel(_("No key is known by which a distributive could be believed."))
    try:
        if not path.is_file():  # a pipe would be waited for
            raise FileNotFoundError(ENOENT, os.strerror(ENOENT))
        with path.open("rb") as file:
            opened, raw, signature = _read(file, keys)
    except OSError as error:
        said = {"path": path, "why": error.strerror}
        raise BadParcel(_("The file %(path)s cannot be read: %(why)s.") % said) from error
    if installed is not None and opened.version < installed:
        raise BadParcel(
            _("The distributive %(version)s is older than what is installed, %(installed)s.")
            % {"version": opened.version, "installed": installed}
        )
    return Parcel(path, opened, raw, signature)


def _again(parcel: Parcel, folder: Path) -> None:
    """The second reading trusts the first in nothing but the list that was signed."""
    sink = _Writer(folder)
    with parcel.path.open("rb") as file:
        contents = _Contents(file)
        head = contents.head()
        if head != (parcel.raw, parcel.signature):
            raise BadParcel(_("The file of the distributive has changed while it was read."))
        for name, content in zip((lists.NAME, lists.SIGNATURE), head, strict=True):
            sink(Entry(name, len(content)), Packed(len(content), hashlib.sha256(content).hexdigest()), [content])
        contents.rest(parcel.manifest, sink)


def _read(file: IO[bytes], keys: Sequence[Ed25519PublicKey]) -> tuple[Manifest, bytes, bytes]:
    contents = _Contents(file)
    raw, signature = contents.head()
    if not is_signed(raw, signature, keys):
        raise BadParcel(_("The distributive is not signed by a key that is believed here."))
    found = lists.read_manifest(raw)
    contents.rest(found, _hashed)
    return found, raw, signature


class _Contents:
    """The archive's entries in the order of the format."""

    def __init__(self, file: IO[bytes]) -> None:
        self._gzip = _Unpacked(file)
        self._tar = Reader(self._gzip.read, most=2 * lists.MOST_FILES)
        self._entries = iter(self._tar)
        self._folder = ""

    def head(self) -> tuple[bytes, bytes]:
        """The list and its signature."""
        return self._first(lists.NAME, lists.LARGEST), self._first(lists.SIGNATURE, lists.LARGEST_SIGNATURE)

    def _first(self, name: str, largest: int) -> bytes:
        """The content of the next file, which must be this one."""
        entry = self._next()
        if entry is not None and entry.folder and not self._folder:
            self._folder, entry = entry.name, self._next()
        if entry is None:
            raise _no_parcel()
        self._folder = self._folder or entry.name.partition("/")[0]
        if entry.folder or entry.name != f"{self._folder}/{name}":
            if name == lists.SIGNATURE:
                raise BadParcel(_("The distributive is not signed."))
            raise _no_parcel()
        if entry.size > largest:
            raise BadParcel(_("The file %(name)s of the distributive is too large.") % {"name": name})
        return b"".join(self._content())

    def rest(self, manifest: Manifest, sink: Sink) -> None:
        """All other files, each once, none left out; then the end of the archive."""
        if self._folder != manifest.folder:
            raise BadParcel(_("The folder in the distributive is not that of its version."))
        missing = dict(manifest.files)
        while (entry := self._next()) is not None:
            if entry.folder:
                if not any(path.startswith(f"{self._inside(entry)}/") for path in manifest.files):
                    raise _unknown(entry.name)
                continue
            path = self._inside(entry)
            packed = missing.pop(path, None)
            if packed is None:
                raise _unknown(entry.name)
            if (entry.size, entry.executable) != (packed.size, packed.executable):
                raise _another(path)
            sink(Entry(path, entry.size, entry.executable), packed, self._content())
        if missing:
            raise BadParcel(_("The distributive lacks files: %(names)s.") % {"names": ", ".join(sorted(missing)[:3])})
        self._gzip.finish()

    def _inside(self, entry: Entry) -> str:
        if not entry.name.startswith(f"{self._folder}/"):
            raise _unknown(entry.name)
        return entry.name[len(self._folder) + 1 :]

    def _next(self) -> Entry | None:
        try:
            return next(self._entries, None)
        except NotPlain as error:
            raise _told(error) from error

    def _content(self) -> Iterator[bytes]:
        try:
            yield from self._tar.chunks()
        except NotPlain as error:
            raise _told(error) from error


class _Unpacked:
    """gzip read no further than it is asked for, whatever it unfolds to; one member, nothing behind it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._packed = file, file.read(len(GZIP_HEAD))
        if self._packed != GZIP_HEAD:
            raise _no_parcel()
        self._gzip = zlib.decompressobj(wbits=31)

    def read(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size and not self._gzip.eof:
            packed = self._packed or self._file.read(PIECE)
            try:
                piece = self._gzip.decompress(packed, size - len(found))
            except zlib.error as error:
                raise _damaged() from error
            if not packed and not piece:  # the file ends before its gzip does
                break
            found += piece
            self._packed = self._gzip.unconsumed_tail
        return bytes(found)

    def finish(self) -> None:
        """The sum at the end was there and was right, and it was the end."""
        if self.read(1) or not self._gzip.eof or self._gzip.unused_data or self._file.read(1):
            raise _damaged()


def _hashed(entry: Entry, packed: Packed, chunks: Iterable[bytes]) -> None:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    if digest.hexdigest() != packed.sha256:
        raise _another(entry.name)


class _Writer:
    """Writes below a folder that nobody else has. Names were judged by core.ustar, the folder was made by us a moment
    ago: no link can stand in the way."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, entry: Entry, packed: Packed, chunks: Iterable[bytes]) -> None:
        place = self._folder / entry.name
        _make(place.parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        descriptor = os.open(place, flags)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o755 if packed.executable else 0o644)
            _hashed(entry, packed, _copied(chunks, file))
            file.flush()
            os.fsync(file.fileno())


def _copied(chunks: Iterable[bytes], file: IO[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        file.write(chunk)
        yield chunk


def _make(folder: Path) -> None:
    """A folder that everybody may read, whatever the umask: the program runs as a user of its own."""
    if not folder.exists():
        _make(folder.parent)
        folder.mkdir()
        folder.chmod(0o755)


def _clear(folder: Path) -> None:
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _no_parcel() -> BadParcel:
    return BadParcel(_("This is no distributive of PROводник."))


def _damaged() -> BadParcel:
    return BadParcel(_("The distributive is damaged or was not copied to its end: copy it anew."))


def _unknown(name: str) -> BadParcel:
    return BadParcel(_("The distributive holds what its list does not name: %(name)s.") % {"name": name})


def _another(path: str) -> BadParcel:
    return BadParcel(_("A file of the distributive is not the one that was signed: %(name)s.") % {"name": path})


def _told(error: NotPlain) -> BadParcel:
    shown = {"name": error.name.encode("unicode_escape").decode()[:200] if not error.name.isprintable() else error.name}
    told = {
        Fault.KIND: _("The distributive holds a link or a device, not only files: %(name)s."),
        Fault.NAME: _("The distributive holds a path that leads out of its folder or is no plain one: %(name)s."),
        Fault.MANY: _("The distributive holds too many files."),
    }
    return BadParcel(told[error.fault] % shown) if error.fault in told else _damaged()

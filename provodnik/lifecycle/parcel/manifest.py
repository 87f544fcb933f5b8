"""`release.json`: what a distributive says of itself. Only this file is signed; it names every other one by its sum."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from provodnik.core.strict_json import NotStrict, Reader
from provodnik.core.ustar import is_plain
from provodnik.core.versions import Version, read_version
from provodnik.lifecycle.words import gettext as _

PRODUCT = "provodnik"
FORMAT = 1
NAME, SIGNATURE = "release.json", "release.json.sig"
LARGEST = 2 * 1024 * 1024  # bytes of release.json
LARGEST_SIGNATURE = 256
MOST_FILES = 5_000
MOST_BYTES = 4 * 1024**3  # of everything, unpacked
_SUM = re.compile(r"[0-9a-f]{64}", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9_.]{1,100}", re.ASCII)
_FIELDS = {
    "product", "format", "version", "released", "commit", "upgrades_from", "schema", "python", "platform", "postgres",
    "files",
}  # fmt: skip


class BadParcel(Exception):
    """Why a distributive is refused, as a sentence for people. Nothing was written."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Packed:
    """A file of the distributive. `size`: bytes."""

    size: int
    sha256: str
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """`upgrades_from`: the oldest release brought to this one in one step; `schema`: part → its last migration;
    `python`: versions whose wheels are carried, as "3.11"; `postgres`: whether it carries a PostgreSQL; `files`: path
    inside the folder → file."""

    version: Version
    released: date
    commit: str
    upgrades_from: Version
    schema: Mapping[str, str]
    python: tuple[str, ...]
    platform: str
    postgres: bool
    files: Mapping[str, Packed]

    @property
    def size(self) -> int:
        """Bytes of all files, unpacked."""
        return sum(file.size for file in self.files.values())

    @property
    def folder(self) -> str:
        """The one folder that everything lies in."""
        return f"{PRODUCT}-{self.version}"


def read_manifest(content: bytes) -> Manifest:
    """Raises BadParcel."""
    try:
        value = Reader(deepest=5, digits=16, largest=2**53, fractions=False).read(content)
    except NotStrict as error:
        raise _spoilt() from error
    if not isinstance(value, dict) or value.get("product") != PRODUCT:
        raise BadParcel(_("This is a distributive of another product."))
    if value.get("format") != FORMAT:
        raise BadParcel(_("The distributive has a format that this version does not know."))
    try:
        return _manifest(value)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _spoilt() from error


def _spoilt() -> BadParcel:
    return BadParcel(_("The list of the distributive (%(name)s) is damaged.") % {"name": NAME})


def _manifest(value: dict[str, Any]) -> Manifest:
    if set(value) != _FIELDS or not isinstance(value["postgres"], bool):
        raise ValueError
    files = {_path(path): _packed(one) for path, one in value["files"].items()}
    found = Manifest(
        version=read_version(value["version"]),
        released=date.fromisoformat(value["released"]),
        commit=_word(value["commit"]),
        upgrades_from=read_version(value["upgrades_from"]),
        schema={_word(part): _word(last) for part, last in value["schema"].items()},
        python=tuple(_word(one) for one in value["python"]),
        platform=_word(value["platform"]),
        postgres=value["postgres"],
        files=files,
    )
    twins = {path.casefold() for path in files}
    if len(twins) != len(files) or {NAME, SIGNATURE} & twins or len(files) > MOST_FILES or found.size > MOST_BYTES:
        raise ValueError
    return found


def _word(value: Any) -> str:
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise ValueError
    return value


def _path(value: str) -> str:
    if not is_plain(value):
        raise ValueError
    return value


def _packed(value: dict[str, Any]) -> Packed:
    if not set(value) <= {"size", "sha256", "executable"}:
        raise ValueError
    size, digest, executable = value["size"], value["sha256"], value.get("executable", False)
    if type(size) is not int or size < 0 or type(executable) is not bool or not _SUM.fullmatch(digest):
        raise ValueError
    return Packed(size, digest, executable)

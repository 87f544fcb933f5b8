"""The signed list of what a batch in a folder consists of. Pure: bytes in, a `Manifest` out, or why not.

HMAC-SHA256 over the manifest's bytes, whose sums cover every file. A shared key and not Ed25519: both ends belong to
one organisation, nobody else ever has to verify, and 1C's language and Python's standard library have HMAC and no
curves (ADR 0024).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from provodnik.exchange import contract, reading
from provodnik.exchange.reading import Unreadable

LARGEST = 64 * 1024 * 1024  # bytes of a manifest
LARGEST_FILE = 1024 * 1024 * 1024  # bytes of a file of objects
LARGEST_PDF = 5 * 1024 * 1024
MOST_FILES = 200_000
SUFFIX, SIGNATURE = ".manifest.json", ".manifest.sig"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(contract.FILE)


@dataclass(frozen=True, slots=True)
class Listed:
    """`objects`: how many lines; None for a PDF."""

    name: str
    size: int
    sha256: str
    objects: int | None


@dataclass(frozen=True, slots=True)
class Manifest:
    base: str
    batch: uuid.UUID
    made_at: datetime
    full: bool
    files: tuple[Listed, ...]


def signature(content: bytes, key: str) -> str:
    """`key`: 64 hexadecimal digits."""
    return hmac.new(bytes.fromhex(key), content, hashlib.sha256).hexdigest()


def is_signed(content: bytes, signed: bytes, key: str) -> bool:
    """In constant time; whatever stands around the signature in its file does not matter."""
    return hmac.compare_digest(signature(content, key).encode(), signed.strip().lower())


def read(content: bytes) -> Manifest:
    """Raises Unreadable."""
    told = reading.value_of(content)
    if not isinstance(told, dict) or set(told) != {"contract", "base", "batch", "made_at", "full", "files"}:
        raise Unreadable(_("The manifest must have contract, base, batch, made_at, full and files, and nothing else."))
    if told["contract"] != contract.VERSION:
        raise Unreadable(_("This portal knows version %(version)d of the contract.") % {"version": contract.VERSION})
    files = told["files"]
    if not isinstance(files, list) or len(files) > MOST_FILES:
        raise Unreadable(_("«files» must be a list of files."))
    listed = tuple(_listed(one) for one in files)
    if len({one.name.casefold() for one in listed}) != len(listed):
        raise Unreadable(_("A file stands twice in the manifest."))
    if not isinstance(told["full"], bool) or not isinstance(told["base"], str):
        raise Unreadable(_("«full» must be true or false, «base» a text."))
    return Manifest(told["base"], _key(told["batch"]), _instant(told["made_at"]), told["full"], listed)


def _key(value: Any) -> uuid.UUID:
    try:
        found = uuid.UUID(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or not found.int:
        raise Unreadable(_("«batch» must be a reference (GUID) made for this batch alone."))
    return found


def _instant(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 2000 <= found.year < 2200:
        raise Unreadable(_("«made_at» must be an instant with its zone: 2026-11-23T22:00:00+03:00."))
    return found


def _listed(one: Any) -> Listed:
    if not isinstance(one, dict) or not {"name", "size", "sha256"} <= set(one) <= {"name", "size", "sha256", "objects"}:
        raise Unreadable(_("A file of the manifest has name, size and sha256, and objects where it holds objects."))
    name, size, sha256, objects = one["name"], one["size"], one["sha256"], one.get("objects")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Unreadable(_("The name of a file is made of letters, digits, spaces, dots and dashes."))
    largest = LARGEST_PDF if objects is None else LARGEST_FILE
    if not _count(size) or size > largest:
        raise Unreadable(_("File %(name)s is larger than %(limit)d MB.") % {"name": name, "limit": largest // 1024**2})
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise Unreadable(_("File %(name)s: sha256 must be 64 hexadecimal digits in lower case.") % {"name": name})
    if objects is not None and not _count(objects):
        raise Unreadable(_("File %(name)s: objects must be a whole number.") % {"name": name})
    if objects is None and not name.lower().endswith(".pdf"):
        raise Unreadable(_("File %(name)s: only a PDF comes without objects.") % {"name": name})
    return Listed(name, size, sha256, objects)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0

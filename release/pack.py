"""Writes a distributive: the same files make the same bytes, in whatever place and time they were made."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import struct
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from provodnik.lifecycle.parcel.manifest import FORMAT, NAME, PRODUCT, SIGNATURE
from provodnik.lifecycle.parcel.reading import GZIP_HEAD

SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class About:
    """What release.json says beside its files; see `provodnik.lifecycle.parcel.Manifest`."""

    version: str
    released: str  # YYYY-MM-DD
    commit: str
    upgrades_from: str
    schema: Mapping[str, str]
    python: tuple[str, ...]
    platform: str
    postgres: bool


@dataclass(frozen=True)
class Member:
    """A file to be packed."""

    content: bytes
    executable: bool = False


def members_of(folder: Path) -> dict[str, Member]:
    """All files below a folder, by their paths in it."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): Member(path.read_bytes(), bool(path.stat().st_mode & 0o100))
        for path in found
    }


def with_sums(members: Mapping[str, Member]) -> dict[str, Member]:
    """The files and SHA256SUMS over them, as `sha256sum -c` reads it."""
    lines = [f"{digest(member.content)}  {path}\n" for path, member in sorted(members.items())]
    return {**members, SUMS: Member("".join(lines).encode())}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def manifest(about: About, members: Mapping[str, Member]) -> bytes:
    """release.json."""
    value: dict[str, Any] = {"product": PRODUCT, "format": FORMAT, **vars(about)}
    value["schema"], value["python"] = dict(about.schema), list(about.python)
    value["files"] = {path: _packed(member) for path, member in members.items()}
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _packed(member: Member) -> dict[str, Any]:
    told: dict[str, Any] = {"size": len(member.content), "sha256": digest(member.content)}
    return {**told, "executable": True} if member.executable else told


def signature(content: bytes, key: Ed25519PrivateKey) -> bytes:
    """release.json.sig: base64 of the 64 bytes of RFC 8032."""
    return base64.b64encode(key.sign(content)) + b"\n"


def parcel(about: About, members: Mapping[str, Member], *, key: Ed25519PrivateKey | None, mtime: int) -> bytes:
    """The whole `.tar.gz`; without `key` it is unsigned, and no installation takes it. `mtime`: seconds since 1970."""
    listed = manifest(about, members)
    head = {NAME: Member(listed)}
    if key is not None:
        head[SIGNATURE] = Member(signature(listed, key))
    everything = [*head.items(), *sorted(members.items())]
    return gzipped(tarred([(f"{PRODUCT}-{about.version}/{path}", member) for path, member in everything], mtime))


def tarred(members: list[tuple[str, Member]], mtime: int) -> bytes:
    """A ustar archive of files in this order, all of user and group 0."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT, encoding="utf-8") as tar:
        for path, member in members:
            info = tarfile.TarInfo(path)
            info.size, info.mtime, info.mode = len(member.content), mtime, 0o755 if member.executable else 0o644
            tar.addfile(info, io.BytesIO(member.content))
    return packed.getvalue()


def gzipped(content: bytes) -> bytes:
    """gzip (RFC 1952) without a name and a time; the header by hand, for Python's differs from version to version."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflate.compress(content) + deflate.flush()
    return GZIP_HEAD + packed + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)

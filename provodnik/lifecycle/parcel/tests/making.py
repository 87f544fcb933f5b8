"""Distributives for tests: a small good one, and bad ones that differ from it in one thing."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from release.pack import About, Member, gzipped, manifest, parcel, signature, with_sums

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
MTIME = 1_795_000_000
ABOUT = About("1.1", "2026-12-20", "0" * 40, "1.0", {"desk": "0040_x"}, ("3.11",), "linux_x86_64", False)
FILES = {
    "install.sh": Member(b"#!/bin/sh\n", executable=True),
    "docs/words.txt": Member("слова".encode()),
    "wheels/one-1.0-py3-none-any.whl": Member(bytes(range(256)) * 2000),
}


def good(about: About = ABOUT, files: Mapping[str, Member] = FILES, key: Ed25519PrivateKey | None = KEY) -> bytes:
    """A small whole distributive."""
    return parcel(about, with_sums(files), key=key, mtime=MTIME)


def info(name: str, content: bytes = b"", **told: Any) -> tuple[tarfile.TarInfo, bytes]:
    """An entry of any kind; `told` are attributes of TarInfo."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime = len(content), MTIME
    for attribute, value in told.items():
        setattr(entry, attribute, value)
    return entry, content


def odd(
    *more: tuple[tarfile.TarInfo, bytes],
    listed: Callable[[dict[str, Any]], object] = lambda _value: None,
    format: int = tarfile.USTAR_FORMAT,
    head: tuple[tuple[tarfile.TarInfo, bytes], ...] = (),
    replaced: Mapping[str, bytes] | None = None,
) -> bytes:
    """The good one with more entries behind it or before it, with another (well signed!) list, with other contents."""
    value = json.loads(manifest(ABOUT, FILES))
    listed(value)
    raw = json.dumps(value).encode()
    base = f"provodnik-{ABOUT.version}"
    entries = [*head, info(f"{base}/release.json", raw), info(f"{base}/release.json.sig", signature(raw, KEY))]
    for path, member in sorted(FILES.items()):
        content = (replaced or {}).get(path, member.content)
        entries.append(info(f"{base}/{path}", content, mode=0o755 if member.executable else 0o644))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=format) as tar:
        for entry, content in [*entries, *more]:
            tar.addfile(entry, io.BytesIO(content))
    return gzipped(packed.getvalue())


def gzip_free_header(name: str) -> bytes:
    """The block of an empty file."""
    return info(name)[0].tobuf(tarfile.USTAR_FORMAT)

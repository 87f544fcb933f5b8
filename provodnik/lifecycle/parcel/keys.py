"""Whose signatures are believed: public Ed25519 keys (RFC 8032) as PEM files, `*.pub` of one folder."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from provodnik.lifecycle.parcel.manifest import BadParcel
from provodnik.lifecycle.words import gettext as _

LARGEST = 4096  # bytes of a key's file


def read_key(content: bytes, name: str) -> Ed25519PublicKey:
    """Raises BadParcel when it is no public Ed25519 key."""
    try:
        key = load_pem_public_key(content[:LARGEST])
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise BadParcel(_("The file “%(name)s” is no public key of releases.") % {"name": name})
    return key


def keys_in(folder: Path) -> list[Ed25519PublicKey]:
    """All keys of a folder, none when there is no such folder. Raises BadParcel for a file that is no key."""
    return [read_key(path.read_bytes(), path.name) for path in sorted(folder.glob("*.pub"))]


def is_signed(content: bytes, signature: bytes, keys: Sequence[Ed25519PublicKey]) -> bool:
    """Whether one of the keys made `signature` (base64 of 64 bytes, a line end allowed) over `content`."""
    try:
        raw = base64.b64decode(signature.removesuffix(b"\n"), validate=True)
    except binascii.Error:
        return False
    if base64.b64encode(raw) != signature.removesuffix(b"\n"):  # another spelling of the same bytes
        return False
    for key in keys:
        try:
            key.verify(raw, content)
        except InvalidSignature:
            continue
        return True
    return False

"""The vendor's key: an Ed25519 key (RFC 8032) in a PEM file that only its owner reads."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from release.source import Unfit


def make_key(path: Path) -> Path:
    """Write a new key to `path` (0600) and its public half beside it, which is returned. Raises Unfit."""
    key = Ed25519PrivateKey.generate()
    public = path.with_suffix(".pub")
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Unfit(f"Ключ {path} уже есть, и его не заменяют: прежним выпускам перестали бы верить.") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return public


def load_key(path: Path) -> Ed25519PrivateKey:
    """Raises Unfit."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise Unfit(f"Ключ {path} не читается: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Unfit(f"Ключ {path} — не Ed25519.")
    return key

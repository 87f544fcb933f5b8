"""Sealed files: what only the holder of a password or of a private key reads. Pure: streams in, streams out.

Format `provodnik-sealed-1` (docs/adr/0035): a line of JSON that says how the key of the file is wrapped, then frames of
1 MiB, each sealed by AES-256-GCM. The nonce of a frame is its number and whether it is the last (STREAM of Hoang,
Reyhanitabar, Rogaway and Vizár, 2015), the sum of the head goes into each: frames that were left out, moved, added or
cut off do not open.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from provodnik.lifecycle.words import gettext as _

FORMAT = "provodnik-sealed-1"
FRAME = 1024 * 1024
TAG = 16
LONGEST_HEAD = 4096
SHORTEST_PASSWORD = 12
SCRYPT = {"n": 2**16, "r": 8, "p": 1}  # 64 MiB and a fifth of a second for each guess
PUBLIC, PRIVATE = "provodnik-backup-public:", "provodnik-backup-private:"


class NotOpened(Exception):
    """Why a sealed file does not open, for people."""


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def make_keys(private: Path) -> Path:
    """A new pair: the private key into `private` (0600, refused if it is there), the public one beside it, `.pub`."""
    key = X25519PrivateKey.generate()
    public = private.with_name(private.name + ".pub")
    raw = serialization.Encoding.Raw
    secret = key.private_bytes(raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    open_ = key.public_key().public_bytes(raw, serialization.PublicFormat.Raw)
    for path, text, mode in ((private, PRIVATE + _b64(secret), 0o600), (public, PUBLIC + _b64(open_), 0o644)):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
    return public


def _file_key_box(shared: bytes, info: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, salt=None, info=b"provodnik backup " + info).derive(shared))


def _by_password(password: str, salt: bytes, cost: Mapping[str, int]) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, n=cost["n"], r=cost["r"], p=cost["p"]).derive(password.encode()))


def _read_secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NotOpened(_("The key %(path)s cannot be read.") % {"path": path}) from error


def check_recipient(path: Path) -> None:
    """Raises NotOpened unless one can seal for what stands in this file."""
    _wrapped(_read_secret(path), os.urandom(32))


def _wrapped(secret: str, file_key: bytes) -> dict[str, Any]:
    zero = bytes(12)  # each wrapping key wraps one file's key and nothing else
    if secret.startswith(PRIVATE):
        raise NotOpened(
            _("This is the private key. Sealing needs the public one, .pub: keep the private one elsewhere.")
        )
    if secret.startswith(PUBLIC):
        try:
            recipient = X25519PublicKey.from_public_bytes(base64.b64decode(secret.removeprefix(PUBLIC), validate=True))
        except ValueError as error:
            raise NotOpened(_("The public key is damaged.")) from error
        ephemeral = X25519PrivateKey.generate()
        theirs = recipient.public_bytes_raw()
        ours = ephemeral.public_key().public_bytes_raw()
        box = _file_key_box(ephemeral.exchange(recipient), ours + theirs)
        return {
            "way": "x25519",
            "ephemeral": _b64(ours),
            "to": _b64(theirs),
            "key": _b64(box.encrypt(zero, file_key, None)),
        }
    if len(secret) < SHORTEST_PASSWORD:
        raise NotOpened(_("A password of a backup needs at least %(count)s characters.") % {"count": SHORTEST_PASSWORD})
    salt = os.urandom(16)
    box = _by_password(secret, salt, SCRYPT)
    return {"way": "scrypt", **SCRYPT, "salt": _b64(salt), "key": _b64(box.encrypt(zero, file_key, None))}


def _unwrapped(head: Mapping[str, Any], secret: str) -> bytes:
    wrapped, zero = base64.b64decode(head["key"], validate=True), bytes(12)
    if head["way"] == "x25519":
        if not secret.startswith(PRIVATE):
            raise NotOpened(_("The backup was sealed for a private key, and this is a password or a public key."))
        key = X25519PrivateKey.from_private_bytes(base64.b64decode(secret.removeprefix(PRIVATE), validate=True))
        theirs = base64.b64decode(head["ephemeral"], validate=True)
        box = _file_key_box(
            key.exchange(X25519PublicKey.from_public_bytes(theirs)), theirs + key.public_key().public_bytes_raw()
        )
    elif head["way"] == "scrypt" and head["n"] <= 2**20 and head["r"] <= 16 and head["p"] <= 4:
        box = _by_password(secret, base64.b64decode(head["salt"], validate=True), head)
    else:
        raise NotOpened(_("The backup was sealed in a way that this version does not know."))
    try:
        return box.decrypt(zero, wrapped, None)
    except InvalidTag as error:
        raise NotOpened(_("The backup was sealed with another key or password.")) from error


class SealingWriter:
    """`write`, then `finish`: without it the file does not open."""

    def __init__(self, out: IO[bytes], recipient: Path) -> None:
        file_key = os.urandom(32)
        head = {"format": FORMAT, **_wrapped(_read_secret(recipient), file_key)}
        line = json.dumps(head, sort_keys=True).encode() + b"\n"
        out.write(line)
        self._out, self._box, self._about = out, AESGCM(file_key), hashlib.sha256(line).digest()
        self._waiting, self._number = bytearray(), 0

    def write(self, content: bytes) -> int:
        self._waiting += content
        while len(self._waiting) > FRAME:  # the last frame is known as the last, so one always waits
            self._frame(bytes(self._waiting[:FRAME]), last=False)
            del self._waiting[:FRAME]
        return len(content)

    def finish(self) -> None:
        self._frame(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _frame(self, content: bytes, *, last: bool) -> None:
        self._out.write(self._box.encrypt(_nonce(self._number, last), content, self._about))
        self._number += 1


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def is_sealed(head: bytes) -> bool:
    """Whether a file that begins so is a sealed one."""
    return head.startswith(b"{")


class SealedReader:
    """`read(n)` of what was sealed. Raises NotOpened."""

    def __init__(self, file: IO[bytes], key: Path) -> None:
        line = file.readline(LONGEST_HEAD)
        try:
            head = json.loads(line)
            if head["format"] != FORMAT:
                raise NotOpened(_("The backup was sealed in a way that this version does not know."))
            file_key = _unwrapped(head, _read_secret(key))
        except (ValueError, KeyError, TypeError) as error:
            raise NotOpened(_("The head of the sealed backup is damaged.")) from error
        self._file, self._box, self._about = file, AESGCM(file_key), hashlib.sha256(line).digest()
        self._next, self._number, self._open, self._over = file.read(FRAME + TAG), 0, bytearray(), False

    def read(self, size: int) -> bytes:
        while len(self._open) < size and not self._over:
            self._frame()
        found = bytes(self._open[:size])
        del self._open[:size]
        return found

    def _frame(self) -> None:
        frame, self._next = self._next, self._file.read(FRAME + TAG)
        last = not self._next
        try:
            self._open += self._box.decrypt(_nonce(self._number, last), frame, self._about)
        except InvalidTag as error:
            raise NotOpened(_("The backup is damaged or was not copied to its end.")) from error
        self._number, self._over = self._number + 1, last

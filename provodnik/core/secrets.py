"""Secrets of the installation: passwords kept encrypted, and keys for signing, all derived from SECRET_KEY.

A backup of the database alone therefore gives nobody the password of a mailbox.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class Unreadable(Exception):
    """The text was encrypted under another SECRET_KEY."""


def key_for(purpose: str) -> bytes:
    """32 bytes that belong to one purpose: a key leaked in one place opens nothing in another."""
    return hmac.new(settings.SECRET_KEY.encode(), b"provodnik:" + purpose.encode(), hashlib.sha256).digest()


def _box() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key_for("stored-passwords")))


def seal(text: str) -> str:
    """Encrypt for the database; the empty text stays empty."""
    return _box().encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    """Decrypt. Raises Unreadable when SECRET_KEY is not the one it was sealed under."""
    if not sealed:
        return ""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable("sealed under another secret key") from error

"""Codes of slips: random, kept as a keyed digest alone, so that neither the database nor its backup opens anything."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from provodnik.core.secrets import key_for
from provodnik.entry.states import ALPHABET, LENGTH


def new() -> str:
    return "".join(secrets.choice(ALPHABET) for _sign in range(LENGTH))


def new_link() -> str:
    """What stands in the address of an invitation: 160 bits (ASVS 6.5.4 asks for 128 of a link)."""
    return secrets.token_urlsafe(20)


def digest(code: str) -> str:
    return hmac.new(key_for("activation-slips"), code.encode(), hashlib.sha256).hexdigest()

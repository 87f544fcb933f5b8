"""Links that let somebody set a password: signed, dated, good once.

A link holds who and a print of his state: the password, the e-mail and the last sign-in. Setting a password, signing
in or changing the address changes the print, and every link made before is dead (safety A53). No table, nothing to
guess: 256 bits of HMAC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from provodnik.accounts.models import User

LONGEST = 500


class Purpose(StrEnum):
    RESET = "reset"
    INVITATION = "invitation"


LASTS = {
    Purpose.RESET: timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
    Purpose.INVITATION: timedelta(days=14),
}


@dataclass(frozen=True, slots=True)
class Link:
    user: User
    purpose: Purpose


def _print(user: User) -> str:
    signed_in = user.last_login.isoformat() if user.last_login else ""
    value = "|".join([str(user.pk), user.password, user.email, signed_in])
    return salted_hmac("accounts.tokens", value, algorithm="sha256").hexdigest()[:32]


def _salt(purpose: Purpose) -> str:
    return f"accounts.tokens.{purpose.value}"


def make(user: User, purpose: Purpose) -> str:
    return signing.dumps([user.pk, _print(user)], salt=_salt(purpose))


def read(token: str, purpose: Purpose, *, lock: bool = False) -> User | None:
    """The user whom a living link belongs to, else None. `lock`: hold his row, so that of two uses one wins."""
    try:
        pk, known = signing.loads(token[:LONGEST], salt=_salt(purpose), max_age=LASTS[purpose])
    except (signing.BadSignature, ValueError, TypeError):
        return None
    users = User.objects.select_for_update() if lock else User.objects
    user = users.filter(pk=pk, is_active=True, is_external=False).first()
    return user if user is not None and constant_time_compare(known, _print(user)) else None

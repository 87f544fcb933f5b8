"""The link in a letter of closing by which the work is rated with one tap: signed, bound to one closing, dated.

It holds the request and the id of the closing's event. Opened again, the request's link is dead; so it is when the time
to rate is over (desk.policies.RATING_LASTS). Opening it records nothing, so that a mail filter that follows links rates
nobody: the page it shows has a button. No table, nothing to guess: 256 bits of HMAC.
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

_SALT = "desk.ratings"
LONGEST = 200
MARKS = range(1, 6)


def make(number: int, closing: int) -> str:
    return signing.Signer(salt=_SALT).sign(f"{number}-{closing}").replace(":", ".")


def read(token: str) -> tuple[int, int] | None:
    """(request, closing's event), or None for what we have not signed."""
    try:
        number, _, closing = signing.Signer(salt=_SALT).unsign(token[:LONGEST].replace(".", ":")).partition("-")
    except signing.BadSignature:
        return None
    return int(number), int(closing)


def address(number: int, closing: int) -> str:
    """The page on which the work is rated."""
    return f"{settings.BASE_URL}{reverse('rating:rate', args=[make(number, closing)])}"


def links(number: int, closing: int) -> list[tuple[int, str]]:
    """A link for each mark, as (mark, address)."""
    page = address(number, closing)
    return [(mark, f"{page}?mark={mark}") for mark in MARKS]

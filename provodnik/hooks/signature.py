"""How a receiver knows that a message is ours and new: HMAC-SHA256 over `timestamp.body`, under every living secret.

`Provodnik-Signature: v1=<hex>[,v1=<hex>]`. While a secret is being replaced both sign, so that a receiver changes over
when it suits him. He compares in constant time and refuses what is older than five minutes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

VERSION = "v1"
FRESH = timedelta(minutes=5)
EVENT, DELIVERY, TIMESTAMP, SIGNATURE = (
    "Provodnik-Event",
    "Provodnik-Delivery",
    "Provodnik-Timestamp",
    "Provodnik-Signature",
)


def new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def sign(body: bytes, timestamp: int, living: Iterable[str]) -> str:
    """The header's value, one signature a secret, the newest first."""
    message = str(timestamp).encode() + b"." + body
    made = (hmac.new(secret.encode(), message, hashlib.sha256).hexdigest() for secret in living)
    return ",".join(f"{VERSION}={one}" for one in made)


def is_right(header: str, body: bytes, timestamp: str, secret: str, *, now: datetime) -> bool:
    """What a receiver does; the documents quote it and the tests use it."""
    if not timestamp.isdecimal() or abs(now.timestamp() - int(timestamp[:12])) > FRESH.total_seconds():
        return False
    expected = sign(body, int(timestamp), [secret])
    return any(hmac.compare_digest(expected, one.strip()) for one in header.split(","))

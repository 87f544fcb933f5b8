"""What the page of the API says of webhooks: headers, a message, how to check it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from provodnik.hooks.signature import DELIVERY, EVENT, SIGNATURE, TIMESTAMP

EXAMPLE = """{
  "version": 1,
  "id": "5f0c1b1e-6d0e-4f6e-9f3e-2b1c0a9d8e7f",
  "event": "request.closed",
  "event_id": 90412,
  "at": "2026-11-23T11:05:00+00:00",
  "request": {"number": 1853, "status": "done", "priority": "high", "resolution": "solved", "customer": 3, …},
  "data": {"resolution": "solved", "due": "2026-11-24T06:12:00+00:00"}
}"""
CHECK = f'''import hashlib, hmac, time

def is_ours(headers, body: bytes, secret: str) -> bool:
    timestamp = headers["{TIMESTAMP}"]
    if abs(time.time() - int(timestamp)) > 300:
        return False
    right = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest("v1=" + right, one) for one in headers["{SIGNATURE}"].split(","))'''


def headers() -> list[tuple[str, str]]:
    """(name, what it means) of every header of ours."""
    return [
        (EVENT, _("The kind of the fact: request.registered, request.closed … or ping.")),
        (DELIVERY, _("The id of the message: the same when it is repeated. What you have seen, leave out.")),
        (TIMESTAMP, _("When it was sent, in seconds since 1970. Refuse what is older than five minutes.")),
        (SIGNATURE, _("v1=… HMAC-SHA256 of “timestamp.body” under your secret; while a secret is replaced, two.")),
    ]

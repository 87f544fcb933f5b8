"""How fast a token may ask: so many requests a minute on average, a sixth of them at once.

The generic cell rate algorithm in one column: `paced_at` is the instant until which the requests made so far are
"spent". One statement counts, decides and notes the use, so that two processes cannot count past each other.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from provodnik.accounts.models import ApiToken

MINUTE = timedelta(minutes=1)
AT_ONCE = timedelta(seconds=10)  # what may be spent ahead

# A moment further away than any spending reaches comes from a clock that was set back: it counts as none.
_SPEND = """
UPDATE accounts_apitoken
SET used_at = %(now)s,
    paced_at = CASE WHEN paced_at > %(now)s AND paced_at <= %(beyond)s THEN paced_at ELSE %(now)s END + %(cost)s
WHERE id = %(id)s AND (paced_at IS NULL OR paced_at <= %(latest)s OR paced_at > %(beyond)s)
"""


def spend(token: ApiToken, *, rate: int, now: datetime) -> timedelta:
    """Count one request. Returns how long to wait: nothing when it may go on."""
    latest = now + AT_ONCE
    values: dict[str, Any] = {
        "id": token.pk,
        "now": now,
        "cost": MINUTE / rate,
        "latest": latest,
        "beyond": now + 2 * MINUTE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, values)
        if cursor.rowcount:
            return timedelta(0)
    spent = ApiToken.objects.values_list("paced_at", flat=True).filter(pk=token.pk).first()
    return max((spent or now) - latest, timedelta(milliseconds=1))

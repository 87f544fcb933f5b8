"""Who has a request before him. No fact and no history: half a minute without a sign, and he is gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from provodnik.accounts.models import User
from provodnik.desk.models import Presence
from provodnik.desk.queries.beside import GONE_AFTER, OTHERS, Looking, looking

_SIGN = f"""
WITH sign AS (
    INSERT INTO desk_presence (ticket_id, user_id, seen_at, writing)
    SELECT number, %(user)s, %(now)s, %(writing)s FROM desk_ticket WHERE number = %(ticket)s
    ON CONFLICT (ticket_id, user_id) DO UPDATE SET seen_at = excluded.seen_at, writing = excluded.writing
)
SELECT ({OTHERS})
"""  # noqa: S608 - only constants of the two files are put in


def look(number: int, *, by: User, writing: bool, now: datetime) -> list[Looking]:
    """Note that he looks, and tell who else does. A request that is not there is looked at by nobody."""
    values: dict[str, Any] = {
        "ticket": number,
        "user": by.pk,
        "now": now,
        "writing": writing,
        "since": now - GONE_AFTER,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SIGN, values)
        row = cursor.fetchone()
    return looking(row[0] if row else None)


def forget(now: datetime) -> int:
    """Signs of yesterday."""
    return Presence.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()[0]

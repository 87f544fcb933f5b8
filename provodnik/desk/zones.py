"""What this machine knows of time zones. The rules are changed by governments and come with updates of the system; a
deadline that was stored by the old ones is another by the new (safety F42)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

# From before the first request to farther than any deadline reaches; most zones change their clocks on two days a year.
SINCE, DAYS = datetime(2024, 1, 1, 12, tzinfo=UTC), 30 * 366


def fingerprint(names: Iterable[str]) -> str:
    """Another whenever the clocks of one of these zones show something else at some noon of these years."""
    told = sha256()
    for name in sorted(set(names)):
        zone, last = ZoneInfo(name), None
        told.update(name.encode())
        for day in range(DAYS):
            offset = (SINCE + timedelta(days=day)).astimezone(zone).utcoffset()
            if offset != last:
                told.update(f" {day} {offset}".encode())
                last = offset
    return told.hexdigest()

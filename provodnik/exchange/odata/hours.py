"""When a base is read. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

LATE = timedelta(hours=3)  # so long after its hour a reading that was missed is still begun


def is_due(hour: int, since: datetime, now: datetime) -> bool:
    """`since`: when it was last begun, or its settings last changed; `now` in the zone whose hour is meant. After a
    night without power a base is not read in the middle of the working day."""
    mark = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    if mark > now:
        mark -= timedelta(days=1)
    return since < mark and now - mark < LATE

"""What changed since a page was read: one small query when nothing did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from provodnik.accounts.models import User
from provodnik.desk.models import Ticket
from provodnik.desk.policies import visible_tickets
from provodnik.desk.queries.queue import Row, rows
from provodnik.desk.states import OPEN_STATUSES, Priority

MOST = 50
# A fact carries the moment when its action began; it is seen when its transaction ends. Looking back a little further
# than the last look catches what was on its way then; to be told twice does no harm.
OVERLAP = timedelta(seconds=5)
LONGEST = timedelta(hours=12)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows that changed, the last first, at most MOST; `alarms`: open urgent ones registered since."""

    rows: Sequence[Row]
    alarms: Sequence[Row]


def mark(now: datetime) -> str:
    """The moment as the script keeps it."""
    return str((now - _EPOCH) // timedelta(microseconds=1))


def moment_of(mark: str, now: datetime) -> datetime:
    """The moment of a mark; anything else, or a mark too old or from the future, is brought within LONGEST of now."""
    if not mark.isdecimal() or len(mark) > 17:
        return now
    return min(max(_EPOCH + timedelta(microseconds=int(mark)), now - LONGEST), now)


def changes(user: User, since: datetime, *, now: datetime) -> Changes:
    touched = visible_tickets(user).filter(touched_at__gt=since - OVERLAP).order_by("-touched_at")[:MOST]
    found = rows(touched, now)
    urgent = [row for row in found if row.priority == Priority.URGENT.value and row.status in OPEN_STATUSES]
    fresh: set[int] = set()
    if urgent:
        numbers = [row.number for row in urgent]
        fresh = set(
            Ticket.objects.filter(pk__in=numbers, registered_at__gt=since - OVERLAP).values_list("pk", flat=True)
        )
    return Changes(found, [row for row in urgent if row.number in fresh])

"""When people with accounts are away by what HR keeps: for parts that give them work. Never why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from django.db.models import Q

from provodnik.people.models import Absence


def away_between(users: Iterable[int], first: date, last: date) -> Iterator[tuple[int, date, date]]:
    """(user, first day away, last day away), both included, of all that reach into the days asked for; date.max: nobody
    knows yet. At whichever of several places of work. One statement."""
    lasting = Q(ends_on__isnull=True) | Q(ends_on__gte=first)
    rows = Absence.objects.filter(lasting, starts_on__lte=last, employment__person__user__in=list(users))
    for user, starts_on, ends_on in rows.values_list("employment__person__user_id", "starts_on", "ends_on"):
        assert user is not None
        yield user, starts_on, ends_on or date.max

"""Who is at work: for a page of places of work by one statement, each by the day of its own organisation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from provodnik.people.models import Absence
from provodnik.people.presence import Away, away

LOOK_AHEAD = timedelta(days=400)


@lru_cache(64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def day_in(zone: str, now: datetime) -> date:
    """The day that it is in an organisation."""
    return now.astimezone(_zone(zone)).date()


def who_is_away(zones: Mapping[int, str], now: datetime) -> dict[int, Away]:
    """`zones`: employment → time zone of its organisation. Only those who are away are in the answer. Why they are is
    not even read."""
    if not zones:
        return {}
    near = now.date()
    rows = Absence.objects.filter(
        employment_id__in=zones, starts_on__lte=near + LOOK_AHEAD, ends_on__gte=near - timedelta(days=2)
    ) | Absence.objects.filter(employment_id__in=zones, ends_on__isnull=True)
    spans: dict[int, list[tuple[date, date | None]]] = {}
    for employment, starts_on, ends_on in rows.values_list("employment_id", "starts_on", "ends_on"):
        spans.setdefault(employment, []).append((starts_on, ends_on))
    found = {pk: away(several, day_in(zones[pk], now)) for pk, several in spans.items()}
    return {pk: one for pk, one in found.items() if one is not None}


def worst(states: Iterable[Away | None]) -> Away | None:
    """Of a person with several places of work: away only where he is away from all of them."""
    several = list(states)
    if not several or any(one is None for one in several):
        return None
    return min((one for one in several if one is not None), key=lambda one: (one.until is None, one.until or date.max))

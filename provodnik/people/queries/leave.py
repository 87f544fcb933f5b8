"""Days of leave at one's places of work, as the part that hears 1C keeps them (`Part.extra["leave_of"]`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from provodnik.core.parts import parts
from provodnik.people.leave import Leave, Left, earned
from provodnik.people.models import Employment


def leave_of(places: Sequence[Employment], *, on: date) -> dict[int, Leave]:
    """Employment → its days of leave, each place apart. One statement of whoever keeps them."""
    told: dict[int, Sequence[Left]] = {}
    for part in parts():
        if ask := part.extra.get("leave_of"):
            told |= ask([place.pk for place in places])
    return {
        place.pk: Leave(told[place.pk]) if told.get(place.pk) else Leave((), earned(place.starts_on, on))
        for place in places
    }

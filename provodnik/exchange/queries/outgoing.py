"""What the page of the way back reads."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from provodnik.accounts.models import User
from provodnik.exchange.models import Parcel
from provodnik.exchange.policies import visible_parcels
from provodnik.exchange.states import Answer

SHOWN = 50
STATES = {
    "waiting": Q(answer=Answer.NONE.value),
    "refused": Q(answer=Answer.REFUSED.value),
    "taken": Q(answer=Answer.TAKEN.value),
}


@dataclass(frozen=True, slots=True)
class Parcels:
    """`before`: the key of the next page, or None."""

    rows: list[Parcel]
    before: int | None


def parcels(user: User, *, state: str = "", before: int | None = None) -> Parcels:
    """The newest first. `state`: one of STATES, "" for all."""
    rows = visible_parcels(user).select_related("base", "organisation").order_by("-pk")
    if state:
        rows = rows.filter(STATES[state])
    found = list((rows if before is None else rows.filter(pk__lt=before))[: SHOWN + 1])
    return Parcels(found[:SHOWN], found[SHOWN - 1].pk if len(found) > SHOWN else None)


def counts(user: User) -> dict[str, int]:
    """How many of each of STATES."""
    told = {name: Count("pk", filter=condition) for name, condition in STATES.items()}
    return dict(visible_parcels(user).aggregate(**told))

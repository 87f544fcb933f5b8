"""What the pages of the journal read."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from provodnik.accounts.models import User
from provodnik.exchange.models import Base, Batch, Thing
from provodnik.exchange.policies import visible_bases, visible_batches, visible_things
from provodnik.exchange.states import OPEN, State

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Page:
    """`before`: the key of the next page, or None."""

    batches: list[Batch]
    before: int | None


def batches(user: User, before: int | None) -> Page:
    rows = visible_batches(user).select_related("base").order_by("-pk")
    found = list((rows if before is None else rows.filter(pk__lt=before))[: SHOWN + 1])
    return Page(found[:SHOWN], found[SHOWN - 1].pk if len(found) > SHOWN else None)


def held(user: User) -> list[Batch]:
    return list(visible_batches(user).filter(state=State.HELD.value).select_related("base").order_by("-pk")[:20])


def open_things(user: User) -> dict[str, int]:
    """How many were not taken, by who should act."""
    rows = visible_things(user).filter(standing__in=OPEN).values_list("actor").annotate(count=Count("pk")).order_by()
    return dict(rows)


@dataclass(frozen=True, slots=True)
class Problems:
    things: list[Thing]
    before: int | None


def problems(user: User, *, actor: str = "", batch: int | None = None, before: int | None = None) -> Problems:
    """Rows that were not taken, the newest first."""
    rows = visible_things(user).filter(standing__in=OPEN).select_related("base", "organisation").order_by("-pk")
    if actor:
        rows = rows.filter(actor=actor)
    if batch is not None:
        rows = rows.filter(batch=batch)
    found = list((rows if before is None else rows.filter(pk__lt=before))[: SHOWN + 1])
    return Problems(found[:SHOWN], found[SHOWN - 1].pk if len(found) > SHOWN else None)


def bases(user: User) -> list[tuple[Base, Batch | None]]:
    """Each base with its last batch; there are few of them."""
    return [(base, base.batches.order_by("-pk").first()) for base in visible_bases(user)]

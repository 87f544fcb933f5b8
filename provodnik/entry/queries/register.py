"""The register of issue: who printed a slip for whom, and what has become of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet

from provodnik.accounts.models import User
from provodnik.entry.models import Sheet, Slip
from provodnik.entry.policies import visible_slips
from provodnik.entry.queries.fates import fates
from provodnik.entry.states import Standing, standing

SHOWN = 50
MOST_ROWS = 50_000  # of a file


@dataclass(frozen=True, slots=True)
class Line:
    """`fate`: of an invitation, see fates.fates; "" of a slip on paper."""

    slip: Slip
    standing: Standing
    fate: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    lines: list[Line]
    before: int | None


def line(slip: Slip, *, now: datetime) -> Line:
    told = standing(used_at=slip.used_at, voided_at=slip.voided_at, expires_at=slip.expires_at, now=now)
    return Line(slip, told)


def _rows(user: User, organisation: int | None) -> QuerySet[Slip]:
    rows = visible_slips(user).select_related("person", "employment__unit", "sheet__made_by", "organisation")
    return (rows if organisation is None else rows.filter(organisation_id=organisation)).order_by("-pk")


def page(user: User, *, now: datetime, organisation: int | None = None, before: int | None = None) -> Page:
    """The latest first, by key."""
    rows = _rows(user, organisation)
    found = list((rows if before is None else rows.filter(pk__lt=before))[: SHOWN + 1])
    more = found[SHOWN - 1].pk if len(found) > SHOWN else None
    told = fates(found[:SHOWN])
    lines = [replace(line(slip, now=now), fate=told.get(slip.pk, "")) for slip in found[:SHOWN]]
    return Page(lines, more)


def whole(user: User, *, now: datetime, organisation: int | None = None) -> Iterator[Line]:
    """For a file: the latest rows, read in pieces."""
    for slip in _rows(user, organisation)[:MOST_ROWS].iterator(chunk_size=1000):
        yield line(slip, now=now)


def of_sheet(sheet: Sheet, *, now: datetime) -> list[Line]:
    """Of one sending, as people are listed."""
    rows = list(Slip.objects.filter(sheet=sheet).select_related("person").order_by("person__surname", "pk"))
    told = fates(rows)
    return [replace(line(slip, now=now), fate=told.get(slip.pk, "")) for slip in rows]

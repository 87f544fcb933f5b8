"""Requests about data: one's own, those that personnel checks, one of them with what it holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils.dateparse import parse_date

from provodnik.accounts.models import User
from provodnik.core import scanning
from provodnik.core.secrets import Unreadable
from provodnik.people import words
from provodnik.people.changes import masked
from provodnik.people.models import DataRequest, DataRequestFile, DataRequestStep
from provodnik.people.policies import own_requests, visible_requests
from provodnik.people.states import TOLD_BY_1C, ChangeKind, ChangeState
from provodnik.ui.text import full_day

SHOWN = 50
# What personnel reads: to be checked, to be entered into 1C or proved by it, over.
LISTS: dict[str, tuple[ChangeState, ...]] = {
    "sent": (ChangeState.SENT,),
    "waiting": (ChangeState.WAITING,),
    "returned": (ChangeState.RETURNED,),
    "over": (ChangeState.DONE, ChangeState.REFUSED, ChangeState.CANCELLED),
}


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[DataRequest]
    before: int | None


def mine(user: User, before: int | None = None) -> Page:
    """The latest first, by key."""
    return _page(own_requests(user), before)


def of_personnel(user: User, which: str, *, organisation: int | None = None, before: int | None = None) -> Page:
    rows = visible_requests(user).filter(state__in=[one.value for one in LISTS[which]])
    if organisation is not None:
        rows = rows.filter(organisation_id=organisation)
    return _page(rows.select_related("person"), before)


def _page(rows: QuerySet[DataRequest], before: int | None) -> Page:
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("organisation").order_by("-pk")[: SHOWN + 1])
    return Page(found[:SHOWN], found[SHOWN - 1].pk if len(found) > SHOWN else None)


def counts(user: User) -> dict[str, int]:
    """How many stand in each list, but for those that are over. One statement."""
    rows = visible_requests(user).exclude(state__in=[one.value for one in LISTS["over"]]).order_by()
    of = dict(rows.values_list("state").annotate(n=Count("pk")))
    return {name: sum(of.get(state.value, 0) for state in states) for name, states in LISTS.items() if name != "over"}


@dataclass(frozen=True, slots=True)
class Value:
    """A field: what is kept now (where the portal keeps it at all), and what is asked for."""

    name: str
    asked: str
    kept: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """`values` empty where they were erased, or cannot be read any more."""

    request: DataRequest
    values: list[Value]
    steps: Sequence[DataRequestStep]
    files: Sequence[tuple[DataRequestFile, scanning.Mark]]


def held(row: DataRequest) -> dict[str, str]:
    """What is asked for, by field; {} where it is erased or unreadable."""
    try:
        found: dict[str, str] = json.loads(row.told or "{}")
    except Unreadable:
        return {}
    return found


def shown(row: DataRequest, *, whole: bool) -> Shown:
    """`whole`: for who has to copy it into 1C; the worker himself reads an account by its last digits."""
    compared = TOLD_BY_1C.get(ChangeKind(row.kind), ())
    values = [
        Value(
            name,
            _told(value if whole else masked(name, value)),
            str(getattr(row.person, name) or "") if name in compared else None,
        )
        for name, value in held(row).items()
        if value or name in compared
    ]
    steps = row.steps.select_related("by").order_by("pk")
    files = [(file, scanning.mark(file.blob)) for file in row.files.select_related("blob").defer("blob__content")]
    return Shown(row, values, list(steps), files)


def _told(value: str) -> str:
    day = parse_date(value) if len(value) == 10 and value[4] == "-" else None
    return full_day(day) if day is not None else value


def kinds() -> list[tuple[str, str, str, str]]:
    """(kind, what, hint, icon) in the order in which they are offered."""
    return [
        (kind.value, words.change_word(kind.value), words.change_hint(kind.value), words.change_icon(kind.value))
        for kind in ChangeKind
    ]

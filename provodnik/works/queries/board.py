"""What stands above every page, without a statement a page: works that are announced or going on are few and change
seldom, so each process remembers them for some seconds.

Who puts an announcement away would see it again until another process forgets, too: a cookie bridges these seconds
(see views.personal).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import F, Q

from provodnik.accounts.models import User
from provodnik.desk.policies import contact_of
from provodnik.works.models import PutAway, Work
from provodnik.works.states import CURRENT, State

REMEMBERED = 15.0  # seconds
AHEAD = timedelta(days=3)  # announced works stand above the pages from so long before their start
MOST = 50  # works that are remembered; a page shows three
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One of the current works. `customers`, `subsystems`: ids, none for all; `put_away`: who has read it."""

    pk: int
    kind: str
    state: str
    title: str
    starts_at: datetime
    ends_at: datetime | None
    unavailable: bool
    sequence: int
    customers: frozenset[int]
    subsystems: frozenset[int]
    put_away: frozenset[int]


_lock = threading.Lock()
_remembered: tuple[float, tuple[Line, ...]] | None = None


def current() -> tuple[Line, ...]:
    """Works that are announced or going on, at most REMEMBERED seconds old: the gravest first."""
    global _remembered
    known = _remembered
    if known is not None and known[0] > time.monotonic():
        return known[1]
    lines = read()
    keep(lines)
    return lines


def keep(lines: tuple[Line, ...], *, seconds: float = REMEMBERED) -> None:
    """Take these for true until then."""
    global _remembered
    with _lock:
        _remembered = (time.monotonic() + seconds, lines)


def forget() -> None:
    """This process reads anew at its next page."""
    global _remembered
    with _lock:
        _remembered = None


def forget_after_commit() -> None:
    """Something has changed: what is read before the commit would be the old."""
    forget()
    transaction.on_commit(forget)


def read() -> tuple[Line, ...]:
    """From the database, in one statement where nobody has put anything away, else in two."""
    works = list(
        Work.objects.filter(state__in=[one.value for one in CURRENT])
        .annotate(
            whom=ArrayAgg(
                "customer_rows__customer_id", distinct=True, filter=Q(customer_rows__isnull=False), default=[]
            ),
            what=ArrayAgg(
                "subsystem_rows__subsystem_id", distinct=True, filter=Q(subsystem_rows__isnull=False), default=[]
            ),
        )
        .order_by("starts_at", "pk")[:MOST]
    )
    if not works:
        return ()
    readers: dict[int, set[int]] = {}
    known = PutAway.objects.filter(work__in=works, sequence=F("work__sequence"))
    for work_id, user_id in known.values_list("work_id", "user_id"):
        readers.setdefault(work_id, set()).add(user_id)
    return tuple(sorted((_line(work, readers) for work in works), key=_gravity))


def _line(work: Work, readers: Mapping[int, Iterable[int]]) -> Line:
    return Line(
        pk=work.pk,
        kind=work.kind,
        state=work.state,
        title=work.title,
        starts_at=work.began_at or work.starts_at,
        ends_at=work.ends_at,
        unavailable=work.unavailable,
        sequence=work.sequence,
        customers=frozenset(work.whom),  # type: ignore[attr-defined]
        subsystems=frozenset(work.what),  # type: ignore[attr-defined]
        put_away=frozenset(readers.get(work.pk, ())),
    )


def _gravity(line: Line) -> tuple[bool, bool, datetime]:
    return line.state != State.GOING.value, not line.unavailable, line.starts_at


def concerning(user: User, now: datetime) -> list[Line]:
    """What is going on or near and concerns this person. The desk has to know of all; others of their customer's."""
    near = [one for one in current() if one.state == State.GOING.value or one.starts_at - now <= AHEAD]
    if not near or user.is_desk:
        return near
    contact = contact_of(user)
    if contact is None:
        return near if user.is_administrator else []
    return [one for one in near if not one.customers or contact.customer_id in one.customers]


def lines_for(user: User, now: datetime) -> list[Line]:
    """The same without what he has put away."""
    return [one for one in concerning(user, now) if user.pk not in one.put_away]


def about(user: User, subsystem: int | None) -> list[Line]:
    """Incidents and works that are going on and may be what a requester of this subsystem is about to tell. Of
    no subsystem: those that touch the whole software. What he put away is told all the same: he asks for it now."""
    contact = contact_of(user)
    if contact is None:
        return []
    return [
        one
        for one in current()
        if one.state == State.GOING.value
        and (not one.customers or contact.customer_id in one.customers)
        and (not one.subsystems or subsystem in one.subsystems)
    ][:SHOWN]

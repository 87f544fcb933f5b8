"""The status page: what anybody may know of works, without a name of a customer or a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Prefetch, Q
from django.utils import timezone

from provodnik.works.models import Work, WorkEvent
from provodnik.works.policies import public_works
from provodnik.works.queries.pages import PUBLIC_KINDS
from provodnik.works.states import Kind, State

HISTORY = timedelta(days=90)
MOST = 200


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the history. `tone`: what was worst on it."""

    on: date
    tone: str


@dataclass(frozen=True, slots=True)
class Status:
    going: Sequence[Work]
    coming: Sequence[Work]
    past: Sequence[Work]
    days: list[Day]

    @property
    def worst(self) -> str:
        """ "error" while something is unavailable, "warning" while anything is going on, else "success"."""
        if any(one.unavailable for one in self.going):
            return "error"
        return "warning" if self.going else "success"

    @property
    def partly(self) -> bool:
        """Whether what is unavailable are some sections alone."""
        return all(one.subsystems.all() for one in self.going if one.unavailable)


def status(now: datetime) -> Status:
    """What is going on, what is to come, what was in the last 90 days."""
    told = WorkEvent.objects.filter(kind__in=PUBLIC_KINDS).order_by("-at", "-pk")
    works = public_works().prefetch_related("subsystems", Prefetch("events", queryset=told, to_attr="told"))
    found = list(
        works.filter(Q(finished_at=None) | Q(finished_at__gt=now - HISTORY)).order_by("-starts_at", "-pk")[:MOST]
    )
    going = [one for one in found if one.state == State.GOING.value]
    past = [one for one in found if one.is_past]
    past.sort(key=lambda one: (one.finished_at or one.starts_at, one.pk), reverse=True)
    return Status(
        going=sorted(going, key=lambda one: (not one.unavailable, one.starts_at)),
        coming=sorted((one for one in found if one.state == State.ANNOUNCED.value), key=lambda one: one.starts_at),
        past=past,
        days=_days([*going, *past], now),
    )


def _days(works: Sequence[Work], now: datetime) -> list[Day]:
    """The last 90 days, oldest first, each by its worst."""
    today = timezone.localtime(now).date()
    worst: dict[date, int] = {}
    for work in works:
        if work.began_at is None:
            continue
        day = max(timezone.localtime(work.began_at).date(), today - HISTORY)
        last = timezone.localtime(work.finished_at or now).date()
        weight = 2 if work.unavailable and work.kind == Kind.INCIDENT.value else 1
        while day <= last:
            worst[day] = max(worst.get(day, 0), weight)
            day += timedelta(days=1)
    first = today - HISTORY + timedelta(days=1)
    tones = ("success", "warning", "error")
    return [
        Day(on, tones[worst.get(on, 0)]) for on in (first + timedelta(days=number) for number in range(HISTORY.days))
    ]

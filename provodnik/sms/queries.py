"""Reads of messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from provodnik.sms.models import Gateway, Sms
from provodnik.sms.states import State

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Sms]
    older: int | None


def page(*, before: str = "") -> Page:
    rows = Sms.objects.order_by("-pk")
    if before.isdecimal() and len(before) < 18:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PER_PAGE + 1])
    return Page(found[:PER_PAGE], found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None)


@dataclass(frozen=True, slots=True)
class Today:
    """Of the last 24 hours. `left`: how many may still go."""

    all: int
    sent: int
    waiting: int
    dead: int
    left: int


def today(*, at: datetime) -> Today:
    told = Sms.objects.filter(created_at__gt=at - timedelta(days=1)).aggregate(
        all=Count("pk"),
        sent=Count("pk", filter=Q(state=State.SENT.value)),
        waiting=Count("pk", filter=Q(state=State.PENDING.value)),
        dead=Count("pk", filter=Q(state=State.DEAD.value)),
    )
    gateway = Gateway.objects.filter(pk=Gateway.ONLY).first()
    return Today(**told, left=max(0, gateway.most_a_day - told["all"]) if gateway else 0)

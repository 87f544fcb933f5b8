"""Reads for the pages of subscriptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from provodnik.core.timekeeping import come
from provodnik.hooks.models import Delivery, Subscription
from provodnik.hooks.states import DeliveryState

PAGE = 50
PENDING, PARKED = DeliveryState.PENDING.value, DeliveryState.PARKED.value


def with_counts(rows: QuerySet[Subscription]) -> QuerySet[Subscription]:
    """With how many deliveries wait and how many were given up."""
    return rows.select_related("customer").annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state=PENDING)),
        parked=Count("deliveries", filter=Q(deliveries__state=PARKED)),
    )


@dataclass(frozen=True, slots=True)
class Journal:
    """A page of deliveries, newest first; `older`: where to go on, "" at the end."""

    rows: Sequence[Delivery]
    older: str


def journal(subscription: Subscription, state: str, before: str) -> Journal:
    rows = subscription.deliveries.defer("body").order_by("-created_at", "-id")
    if state in {one.value for one in DeliveryState}:
        rows = rows.filter(state=state)
    place = _place(before)
    if place is not None:
        at, key = place
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=key))
    found = list(rows[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Journal(found[:PAGE], f"{last.created_at.timestamp():.6f}~{last.pk}" if last is not None else "")


def _place(text: str) -> tuple[datetime, UUID] | None:
    """A place in the journal; nonsense is the beginning."""
    at, _sign, key = text[:80].partition("~")
    try:
        seconds, micros = at.split(".")
        moment = datetime.fromtimestamp(int(seconds), tz=UTC) + timedelta(microseconds=int(micros))
        return moment, UUID(key)
    except (ValueError, OverflowError, OSError):
        return None


def due(now: datetime) -> list[int]:
    """Subscriptions for which something may be sent now."""
    waiting = Q(deliveries__state=PENDING) & (Q(deliveries__next_try_at=None) | come("deliveries__next_try_at", now))
    ready = Q(next_try_at=None) | come("next_try_at", now)
    rows = Subscription.objects.filter(ready, waiting, is_active=True, paused_at=None)
    return list(rows.order_by().values_list("pk", flat=True).distinct())

"""Jobs by the clock: whose turn to be tried again has come, and what is forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from provodnik.core import jobs
from provodnik.hooks.announce import ask_delivery
from provodnik.hooks.models import Delivery
from provodnik.hooks.queries import due
from provodnik.hooks.states import DeliveryState

ARRIVED_KEPT = timedelta(days=30)
ALL_KEPT = timedelta(days=90)


@jobs.periodic("*/10 * * * * *")
@jobs.job(name="hooks.wake", queue="upkeep", alone=True, attempts=1, outside=True)
def wake(timestamp: int) -> None:
    for pk in due(timezone.now()):
        ask_delivery(pk)


@jobs.periodic("0 23 3 * * *")
@jobs.job(name="hooks.forget", queue="upkeep", alone=True, attempts=1, by_clock=True)
def forget(timestamp: int) -> None:
    forget_old(now=timezone.now())


def forget_old(*, now: datetime) -> int:
    """Remove deliveries that arrived a month ago and whatever is older than three. Returns how many."""
    arrived = Delivery.objects.filter(state=DeliveryState.DELIVERED.value, created_at__lt=now - ARRIVED_KEPT)
    removed = arrived.delete()[0]
    return removed + Delivery.objects.filter(created_at__lt=now - ALL_KEPT).delete()[0]

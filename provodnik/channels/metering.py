"""Figures of letters for monitoring: states by their index, a mailbox by its number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Min

from provodnik.channels.models import Inbound, InboundState, Mailbox, Outgoing, OutgoingState
from provodnik.core.metrics import Family, gauge, gauges


def letters(now: datetime) -> Iterator[Family]:
    """What waits and what came to grief, in and out; when each mailbox was last looked into with success."""
    states = (InboundState.RECEIVED, InboundState.QUARANTINED, InboundState.REJECTED)
    counted = dict(Inbound.objects.filter(state__in=states).values_list("state").annotate(Count("pk")).order_by())
    waits = {state.value: float(counted.get(state.value, 0)) for state in states}
    yield gauges("letters_in", "Letters that came and became no request, by state.", "state", waits)
    open_ones = (OutgoingState.PENDING, OutgoingState.DEAD)
    counted = dict(Outgoing.objects.filter(state__in=open_ones).values_list("state").annotate(Count("pk")).order_by())
    left = {state.value: float(counted.get(state.value, 0)) for state in open_ones}
    yield gauges("letters_out", "Letters of ours that have not arrived, by state.", "state", left)
    due = Outgoing.objects.filter(state=OutgoingState.PENDING, next_try_at__lt=now).aggregate(Min("next_try_at"))
    oldest = due["next_try_at__min"]
    late = (now - oldest).total_seconds() if oldest else 0.0
    yield gauge("letter_oldest_wait_seconds", "How long the oldest due letter has waited to be sent.", late)
    boxes = Mailbox.objects.filter(is_active=True).exclude(imap_host="").order_by("pk")
    rows = list(boxes.values_list("pk", "fetched_at", "error"))
    yield gauges(
        "mailbox_last_success_seconds", "Unix time of the last look into a mailbox that succeeded.", "mailbox",
        {str(pk): at.timestamp() for pk, at, _error in rows if at is not None},
    )  # fmt: skip
    failing = {str(pk): float(bool(error)) for pk, _at, error in rows}
    yield gauges("mailbox_failing", "1 while a mailbox cannot be used.", "mailbox", failing)

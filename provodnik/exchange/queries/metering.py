"""Figures of the exchange for monitoring: a base by its number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import OuterRef, Subquery

from provodnik.core.metrics import Family, gauge, gauges
from provodnik.exchange.models import Base, Batch, Thing
from provodnik.exchange.states import OPEN, State


def exchange(now: datetime) -> Iterator[Family]:
    done = Batch.objects.filter(base=OuterRef("pk"), state=State.DONE.value).order_by("-pk")
    rows = Base.objects.filter(is_active=True).annotate(done_at=Subquery(done.values("finished_at")[:1]))
    yield gauges(
        "exchange_last_success_seconds", "Unix time at which the last batch of a base of 1C was taken.", "base",
        {str(pk): at.timestamp() for pk, at in rows.values_list("pk", "done_at") if at is not None},
    )  # fmt: skip
    held = Batch.objects.filter(state=State.HELD.value).count()
    yield gauge("exchange_held", "Batches of 1C that wait for personnel.", held)
    wrong = Thing.objects.filter(standing__in=OPEN).count()
    yield gauge("exchange_not_taken", "Objects of 1C that were not taken.", wrong)

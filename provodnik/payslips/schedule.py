"""Each minute: batches whose moment has come without their job. Each hour: packs that have lain. Once: what the
exchange has kept while nobody took payslips."""

from __future__ import annotations

from django.utils import timezone, translation

from provodnik.core import jobs
from provodnik.exchange.actions import applying
from provodnik.exchange.objects import Moment
from provodnik.payslips.actions import packing, publishing
from provodnik.payslips.actions.taking import KIND


@jobs.periodic("50 * * * * *")
@jobs.job(name="payslips.due", queue="notices", alone=True, attempts=1, by_clock=True)
def due(timestamp: int) -> None:
    for batch in publishing.due(now=timezone.now()):
        jobs.defer(publishing.publishing, once=f"payslips:{batch}", batch_id=batch)


@jobs.periodic("15 12 * * * *")
@jobs.job(name="payslips.tidy", queue="upkeep", alone=True, attempts=1)
def tidy(timestamp: int) -> None:
    """Nothing is kept any more from the second time on: then it is one look at an index."""
    now = timezone.now()
    packing.throw_away(now=now)
    with translation.override("ru"):
        applying.hand_over(KIND, Moment(now, timezone.localdate(now)))

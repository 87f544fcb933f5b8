"""A batch goes its way: checked whole, judged, taken, told of. Safe to repeat from wherever it was killed."""

from __future__ import annotations

import json
import logging
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from provodnik.core import jobs
from provodnik.exchange.actions import staging
from provodnik.exchange.actions.applying import apply
from provodnik.exchange.models import Batch, Stage, Thing
from provodnik.exchange.objects import Moment
from provodnik.exchange.reading import Unreadable
from provodnik.exchange.states import OPEN, Carrier, State

log = logging.getLogger(__name__)
MOST_TOLD = 1000  # problems in a receipt


@jobs.job(name="exchange.run", queue="exports", attempts=5, outside=True)
def run(batch_id: int) -> None:
    """Take a batch of a folder as far as it goes without a person."""
    batch = Batch.objects.filter(pk=batch_id).first()
    if batch is None or not batch.is_underway:
        return
    now = timezone.now()
    with translation.override("ru"):
        take(batch, Moment(now, timezone.localdate(now)))


def take(batch: Batch, moment: Moment) -> Batch:
    """What `run` does, for who does not want to wait for a worker (the demo)."""
    if batch.state in (State.RECEIVED.value, State.CHECKING.value):
        Batch.objects.filter(pk=batch.pk).update(state=State.CHECKING.value, done=0)
        try:
            staging.stage_files(batch, now=moment.at)
        except Unreadable as error:
            refuse(batch, str(error.words), moment.at)
            return batch
    go_on(batch, moment)
    if batch.carrier == Carrier.FOLDER.value:
        tell(batch)
    return batch


def go_on(batch: Batch, moment: Moment) -> None:
    """From the end of the staging on."""
    batch.refresh_from_db(fields=["state"])
    if batch.state == State.CHECKING.value:
        staging.compare(batch, now=moment.at)
    if batch.state == State.APPLYING.value:
        apply(batch, moment)
    batch.refresh_from_db()


def refuse(batch: Batch, words: str, at: datetime) -> None:
    """Nothing of it was taken, nothing is."""
    with transaction.atomic():
        Stage.objects.filter(batch=batch).delete()
        batch.state, batch.words, batch.finished_at = State.REFUSED.value, words[:500], at
        batch.save(update_fields=["state", "words", "finished_at"])
    tell(batch)


def receipt(batch: Batch) -> dict[str, Any]:
    """What the sender is told: how many of what, and what was not taken. No personal data: references and reasons."""
    problems = Thing.objects.filter(batch=batch, standing__in=OPEN).order_by("pk")[:MOST_TOLD]
    return {
        "batch": str(batch.key),
        "state": batch.state,
        "words": batch.words,
        "diff": batch.diff,
        "counts": batch.counts,
        "stops": [{name: one[name] for name in ("rule", "would", "of", "limit")} for one in batch.stops],
        "problems": [
            {"type": one.kind, "guid": str(one.guid), "result": one.standing, "field": one.about, "detail": one.reason}
            for one in problems
        ],
    }


def tell(batch: Batch) -> None:
    """Leave the receipt in the folder; the journal has it all, so a folder that cannot be written stops nothing."""
    if batch.carrier != Carrier.FOLDER.value:
        return
    folder = Path(settings.EXCHANGE_DIR) / batch.base.code / "out"
    path = folder / f"{batch.key}.receipt.json"
    temporary = folder / f".{batch.key}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(receipt(batch), ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(temporary, path)  # noqa: PTH105 - over an older receipt, at once
    except OSError:
        log.warning("exchange: the receipt of batch %s cannot be written", batch.pk)

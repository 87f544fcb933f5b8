"""What all actions share: the history of a batch, and the lock."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.decisions import ChangedMeanwhile
from provodnik.payslips.models import PayBatch, PayEvent
from provodnik.payslips.states import MOVES, BatchState, Happened


def record(
    batch: PayBatch,
    kind: Happened,
    *,
    at: datetime,
    by: User | None = None,
    count: int = 0,
    moment: datetime | None = None,
    words: str = "",
) -> PayEvent:
    return PayEvent.objects.create(
        batch=batch, kind=kind.value, at=at, by=by, count=count, moment=moment, words=words[:500]
    )


def locked(batch_id: int, revision: int | None = None) -> PayBatch:
    """The batch, until the transaction ends. `revision`: as its page was read. Raises ChangedMeanwhile,
    PayBatch.DoesNotExist."""
    batch = PayBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    if revision is not None and batch.revision != revision:
        raise ChangedMeanwhile(_("New payslips have come, or somebody has decided meanwhile. Look at the page again."))
    return batch


def move(batch: PayBatch, to: BatchState) -> None:
    """Into a state that may follow. The caller saves."""
    assert to in MOVES[BatchState(batch.state)], f"{batch.state} → {to}"
    batch.state, batch.revision = to.value, batch.revision + 1

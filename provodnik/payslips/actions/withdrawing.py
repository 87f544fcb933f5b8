"""Published payslips are taken back, with a reason that their workers read."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.core.text import one_line
from provodnik.payslips import announce
from provodnik.payslips.actions.base import locked, record
from provodnik.payslips.models import PayBatch, Payslip, PayslipVersion
from provodnik.payslips.policies import may_keep
from provodnik.payslips.states import BatchState, Happened, VersionState

PORTION = 500
LONGEST_REASON = 300


def withdraw(slip_id: int, *, reason: str, by: User, at: datetime) -> int:
    """One payslip: every version that its worker reads. Returns how many. Raises Refused, Payslip.DoesNotExist."""
    reason = _reason(reason)
    with transaction.atomic():
        slip = Payslip.objects.get(pk=slip_id)
        batch = locked(slip.batch_id)
        require(may_keep(by, batch.organisation_id))
        ids = list(_published(batch).filter(payslip=slip).values_list("pk", flat=True))
        if not ids:
            raise Refused(_("Nothing of it is published."))
        _take_back(ids, reason, by, at)
        batch.revision += 1
        batch.save(update_fields=["revision"])
        record(batch, Happened.WITHDRAWN, at=at, by=by, count=1, words=reason)
        return len(ids)


def withdraw_all(batch_id: int, *, reason: str, revision: int, by: User, at: datetime) -> int:
    """All of a batch that is published. In one transaction: half of a mistake is one, too. Returns how many payslips.
    Raises Refused, ChangedMeanwhile."""
    reason = _reason(reason)
    with transaction.atomic():
        batch = locked(batch_id, revision)
        require(may_keep(by, batch.organisation_id))
        if batch.state in (BatchState.PUBLISHING.value, BatchState.SCHEDULED.value):
            raise Refused(_("Wait for the end of the publishing, or call it off."))
        slips = set()
        while rows := list(_published(batch).order_by("pk").values_list("pk", "payslip_id")[:PORTION]):
            _take_back([pk for pk, _slip in rows], reason, by, at)
            slips |= {slip for _pk, slip in rows}
        if not slips:
            raise Refused(_("Nothing of it is published."))
        batch.revision += 1
        batch.save(update_fields=["revision"])
        record(batch, Happened.WITHDRAWN, at=at, by=by, count=len(slips), words=reason)
        return len(slips)


def _reason(text: str) -> str:
    reason = one_line(text, LONGEST_REASON)
    if len(reason) < 3:
        raise Refused(_("Say why: the worker reads it."), "reason")
    return reason


def _published(batch: PayBatch) -> QuerySet[PayslipVersion]:
    return PayslipVersion.objects.filter(payslip__batch=batch, state=VersionState.PUBLISHED.value)


def _take_back(ids: list[int], reason: str, by: User, at: datetime) -> None:
    PayslipVersion.objects.filter(pk__in=ids).update(
        state=VersionState.WITHDRAWN.value, withdrawn_at=at, withdrawn_by=by, reason=reason
    )
    announce.withdrawn(ids, at=at)

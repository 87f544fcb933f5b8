"""A batch is checked, given its moment, published. Each step is a decision of the payroll accountant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core import jobs
from provodnik.core.decisions import Refused, require
from provodnik.payslips import announce
from provodnik.payslips.actions.base import locked, move, record
from provodnik.payslips.models import PayBatch, PayslipVersion
from provodnik.payslips.policies import fits, may_check, may_keep, may_schedule, may_unschedule
from provodnik.payslips.queries.control import totals
from provodnik.payslips.states import BatchState, Happened, VersionState
from provodnik.ui.text import number

PORTION = 500


def check(batch_id: int, *, count: int, to_pay: Decimal, revision: int, by: User, at: datetime) -> PayBatch:
    """The totals of 1C's own register, typed in, are those of what has come. Raises Refused, ChangedMeanwhile."""
    with transaction.atomic():
        batch = locked(batch_id, revision)
        require(may_keep(by, batch.organisation_id))
        require(may_check(batch))
        found = totals(batch)
        if found.count != count:
            told = _("%(count)s payslips have come, the register has %(said)s.")
            raise Refused(told % {"count": number(found.count), "said": number(count)}, "count")
        if found.to_pay != to_pay:
            told = _("The payslips make %(sum)s, the register has %(said)s: they differ by %(difference)s.")
            sums = {"sum": found.to_pay, "said": to_pay, "difference": abs(found.to_pay - to_pay)}
            raise Refused(told % {name: f"{number(one, 2)} ₽" for name, one in sums.items()}, "to_pay")
        move(batch, BatchState.CHECKED)
        batch.checked_at, batch.checked_by = at, by
        batch.save(update_fields=["state", "revision", "checked_at", "checked_by"])
        record(batch, Happened.CHECKED, at=at, by=by, count=count)
        return batch


def schedule(batch_id: int, *, when: datetime, revision: int, by: User, at: datetime) -> PayBatch:
    """Publish what was checked at a moment; one that has passed means at once. Raises Refused, ChangedMeanwhile."""
    with transaction.atomic():
        batch = locked(batch_id, revision)
        require(may_keep(by, batch.organisation_id))
        require(may_schedule(batch))
        decided = fits(when, at=at)
        if not decided:
            raise Refused(decided.reason, "when")
        waiting = _waiting(batch)
        batch.upto = waiting.aggregate(last=Max("pk"))["last"] or 0
        batch.total, batch.done = waiting.count(), 0
        batch.publish_at, batch.published_by = max(when, at), by
        move(batch, BatchState.SCHEDULED)
        batch.save(update_fields=["state", "revision", "upto", "total", "done", "publish_at", "published_by"])
        record(batch, Happened.SCHEDULED, at=at, by=by, count=batch.total, moment=batch.publish_at)
        jobs.defer(publishing, at=batch.publish_at, batch_id=batch.pk)
        return batch


def unschedule(batch_id: int, *, revision: int, by: User, at: datetime) -> PayBatch:
    """Not then after all. Raises Refused, ChangedMeanwhile."""
    with transaction.atomic():
        batch = locked(batch_id, revision)
        require(may_keep(by, batch.organisation_id))
        require(may_unschedule(batch))
        move(batch, BatchState.CHECKED)
        batch.publish_at = batch.published_by = None
        batch.save(update_fields=["state", "revision", "publish_at", "published_by"])
        record(batch, Happened.UNSCHEDULED, at=at, by=by)
        return batch


@jobs.job(name="payslips.publish", queue="notices", attempts=8)
def publishing(batch_id: int) -> None:
    """At its moment; a killed one goes on where it was."""
    with translation.override("ru"):
        publish(batch_id, now=timezone.now())


def publish(batch_id: int, *, now: datetime) -> int:
    """Show what was checked, in portions: each with its notices in one transaction, so that nobody is passed over and
    nobody told twice. Nothing happens before its moment. Returns how many were shown."""
    if not _begin(batch_id, now):
        return 0
    shown = 0
    while portion := _portion(batch_id, now):
        shown += portion
    return shown


def _begin(batch_id: int, now: datetime) -> bool:
    with transaction.atomic():
        batch = locked(batch_id)
        if batch.state == BatchState.SCHEDULED.value and batch.publish_at is not None and batch.publish_at <= now:
            move(batch, BatchState.PUBLISHING)
            batch.save(update_fields=["state", "revision"])
        return batch.state == BatchState.PUBLISHING.value


def _portion(batch_id: int, now: datetime) -> int:
    with transaction.atomic():
        batch = locked(batch_id)
        if batch.state != BatchState.PUBLISHING.value:
            return 0
        ids = list(_waiting(batch).filter(pk__lte=batch.upto).order_by("pk").values_list("pk", flat=True)[:PORTION])
        if not ids:
            _end(batch, now)
            return 0
        _show(ids, now)
        batch.done += len(ids)
        batch.save(update_fields=["done"])
        return len(ids)


def _show(ids: Sequence[int], now: datetime) -> None:
    PayslipVersion.objects.filter(pk__in=ids).update(state=VersionState.PUBLISHED.value, published_at=now)
    announce.published(ids, at=now)


def _end(batch: PayBatch, now: datetime) -> None:
    """What has come meanwhile was not checked: it waits for the accountant."""
    move(batch, BatchState.LOADED if _waiting(batch).exists() else BatchState.PUBLISHED)
    batch.published_at, batch.publish_at = now, None
    batch.checked_at = batch.checked_by = None
    batch.save(update_fields=["state", "revision", "published_at", "publish_at", "checked_at", "checked_by"])
    record(batch, Happened.PUBLISHED, at=now, by=batch.published_by, count=batch.done)


def _waiting(batch: PayBatch) -> QuerySet[PayslipVersion]:
    return PayslipVersion.objects.filter(payslip__batch=batch, state=VersionState.LOADED.value)


def due(*, now: datetime) -> list[int]:
    """Batches whose moment has come and whose job was lost, or was killed on its way."""
    rows = PayBatch.objects.filter(state__in=[BatchState.SCHEDULED.value, BatchState.PUBLISHING.value])
    return list(rows.filter(publish_at__lte=now).order_by("pk").values_list("pk", flat=True))

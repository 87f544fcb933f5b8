"""Somebody reads a payslip: its worker's first time is evidence, an accountant's each time is told to the worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.payslips.models import PayLook, PayslipVersion
from provodnik.payslips.states import Looked

LOOKED = "payslips.payslip"  # kind of the journal; its thing is the person


def opened(version: PayslipVersion, *, at: datetime) -> None:
    """By its worker. Only the first time costs a statement."""
    if version.opened_at is None:
        PayslipVersion.objects.filter(pk=version.pk, opened_at__isnull=True).update(opened_at=at)


def looked(version: PayslipVersion, how: Looked, *, by: User, at: datetime) -> None:
    """By who keeps payslips: a line for each time, and one among «who looked at my data»."""
    PayLook.objects.create(version=version, by=by, at=at, how=how.value)
    journal.looked(by, LOOKED, version.payslip.employment.person_id, at=at)


def printed(versions: Sequence[PayslipVersion], *, by: User, at: datetime) -> None:
    PayLook.objects.bulk_create(PayLook(version=one, by=by, at=at, how=Looked.PACK.value) for one in versions)
    for person in {one.payslip.employment.person_id for one in versions}:
        journal.looked(by, LOOKED, person, at=at)

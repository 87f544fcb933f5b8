"""The printed pack: one PDF for those who read no screen, by units, made in the background."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

import typst
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core import files, jobs
from provodnik.core.decisions import Refused, require
from provodnik.payslips import paper
from provodnik.payslips.actions.base import locked, record
from provodnik.payslips.actions.reading import printed
from provodnik.payslips.models import PayPack, PayslipVersion
from provodnik.payslips.policies import may_keep
from provodnik.payslips.queries.control import without_account
from provodnik.payslips.states import Happened, PackState, VersionState
from provodnik.people.models import Unit

log = logging.getLogger(__name__)
MOST = 2000  # payslips of one pack: a ream of paper and a PDF that a printer takes
KEPT = timedelta(days=3)
AT_ONCE = 200


def ask(batch_id: int, unit: Unit | None, *, key: uuid.UUID, by: User, at: datetime) -> PayPack:
    """Ask for the pack of a unit with those below it (None: of all). Only what is published is printed. Raises
    Refused."""
    with transaction.atomic():
        batch = locked(batch_id)
        require(may_keep(by, batch.organisation_id))
        known = PayPack.objects.filter(key=key).first()
        if known is not None:
            if known.batch_id != batch.pk:
                raise Refused(_("This form was already used. Open it anew."))
            return known
        if unit is not None and unit.organisation_id != batch.organisation_id:
            raise Refused(_("This unit is another organisation's."), "unit")
        pack = PayPack(key=key, batch=batch, unit=unit, by=by, at=at)
        pack.total = _rows(pack).count()
        if not pack.total:
            raise Refused(_("Nobody of them gets a published payslip on paper."), "unit")
        if pack.total > MOST:
            told = _("These are %(count)d payslips, a pack holds %(most)d. Choose a unit.")
            raise Refused(told % {"count": pack.total, "most": MOST}, "unit")
        pack.save()
        jobs.defer(packing, pack_id=pack.pk)
        return pack


def _rows(pack: PayPack) -> QuerySet[PayslipVersion]:
    rows = without_account(pack.batch).filter(state=VersionState.PUBLISHED.value)
    if pack.unit is not None:
        rows = rows.filter(payslip__employment__unit__path__contains=[pack.unit_id])
    return rows


@jobs.job(name="payslips.pack", queue="exports", attempts=3)
def packing(pack_id: int) -> None:
    with translation.override("ru"):
        make(pack_id, now=timezone.now())


def make(pack_id: int, *, now: datetime) -> None:
    """Set the pack. A killed one begins anew; one that is over stays as it is."""
    pack = PayPack.objects.select_related("batch", "unit", "by").filter(pk=pack_id).first()
    if pack is None or not pack.is_underway:
        return
    if pack.by is None or not may_keep(pack.by, pack.batch.organisation_id):
        _fail(pack, _("Who asked for it may not see payslips any more."), now)
        return
    PayPack.objects.filter(pk=pack.pk).update(state=PackState.RUNNING.value, done=0)
    rows: list[tuple[str, PayslipVersion]] = []
    for version in _sorted(pack):
        rows.append((_sheet(version), version))
        if len(rows) % AT_ONCE == 0:
            PayPack.objects.filter(pk=pack.pk).update(done=len(rows))
    try:
        content = paper.pack(rows, at=now)
    except typst.TypstError as error:  # a PDF of 1C that is none
        log.warning("payslips: pack %s cannot be set: %s", pack.pk, type(error).__name__)
        _fail(pack, _("One of the PDFs that 1C has sent cannot be read. Choose a smaller unit to find it."), now)
        return
    with transaction.atomic():
        batch = locked(pack.batch_id)
        pack = PayPack.objects.select_for_update(of=("self",)).select_related("by").get(pk=pack_id)
        if not pack.is_underway or pack.by is None:
            return
        pack.blob = files.keep(content)
        pack.state, pack.done, pack.finished_at = PackState.DONE.value, len(rows), now
        pack.save(update_fields=["blob", "state", "done", "finished_at"])
        printed([version for _unit, version in rows], by=pack.by, at=now)
        record(batch, Happened.PRINTED, at=now, by=pack.by, count=len(rows))


def _sorted(pack: PayPack) -> list[PayslipVersion]:
    """By unit as the tree has them, then by name."""
    rows = _rows(pack).select_related(
        "kept__pdf",
        "payslip__organisation",
        "payslip__employment__person",
        "payslip__employment__unit",
        "payslip__employment__position",
    )
    found = list(rows)
    named = dict(
        Unit.objects.filter(
            pk__in={pk for row in found if row.payslip.employment.unit for pk in row.payslip.employment.unit.path}
        ).values_list("pk", "name")
    )

    def place(row: PayslipVersion) -> tuple[list[str], str]:
        unit = row.payslip.employment.unit
        return [named.get(pk, "") for pk in unit.path] if unit else [], row.payslip.employment.person.full_name

    return sorted(found, key=place)


def _sheet(version: PayslipVersion) -> str:
    unit = version.payslip.employment.unit
    return unit.name if unit is not None else ""


def _fail(pack: PayPack, words: str, now: datetime) -> None:
    PayPack.objects.filter(pk=pack.pk).update(state=PackState.FAILED.value, words=words[:300], finished_at=now)


def throw_away(*, now: datetime) -> int:
    """Packs hold everybody's sums: they do not lie about. Returns how many were thrown away."""
    old = list(PayPack.objects.filter(at__lt=now - KEPT, blob__isnull=False).values_list("pk", "blob_id"))
    with transaction.atomic():
        PayPack.objects.filter(pk__in=[pk for pk, _blob in old]).update(blob=None)
        files.release(blob for _pk, blob in old if blob is not None)
    return len(old)

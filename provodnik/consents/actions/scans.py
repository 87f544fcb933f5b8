"""Scans of the paper: kept with the consent, erased some time after it is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.consents.actions.base import locked, step
from provodnik.consents.models import Consent, ConsentFile
from provodnik.consents.policies import may_mark
from provodnik.consents.states import Did, Standing
from provodnik.core import files, volume
from provodnik.core.decisions import Refused, require
from provodnik.core.uploads import NewFile, kept_scan, volume_of

MOST_SCANS = 10
# Three years after it ended: order of Rosarchiv № 236 of 20.12.2019, art. 441. What was marked by mistake is about
# nobody's will and goes after a month.
ENDED_KEPT, MISTAKE_KEPT = timedelta(days=3 * 366), timedelta(days=30)


def keep_scans(row: Consent, scans: Sequence[NewFile], *, by: User, at: datetime) -> None:
    """In the caller's transaction. Raises Refused."""
    if not scans:
        return
    if row.files.count() + len(scans) > MOST_SCANS:
        raise Refused(_("That is too many files: the pages of one document are enough."), "files")
    volume.require(volume.of_user(by.pk), **volume_of(scans), at=at)
    ConsentFile.objects.bulk_create(ConsentFile(consent=row, **kept_scan(one)) for one in scans)
    step(row, Did.SCANNED, by=by, at=at)


def attach(pk: int, scans: Sequence[NewFile], *, by: User, at: datetime) -> Consent:
    """A scan that came later. Raises Refused, Consent.DoesNotExist."""
    if not scans:
        raise Refused(_("Choose a file."), "files")
    with transaction.atomic():
        row = locked(pk)
        require(may_mark(by, row.person, row.organisation_id))
        if row.wiped_at is not None or row.standing == Standing.MISTAKE.value:
            raise Refused(_("It is over: nothing is added to it any more."))
        keep_scans(row, scans, by=by, at=at)
    return row


def wipe(*, at: datetime, limit: int = 500) -> int:
    """Erase scans and words of what is over for long enough. That it was there, and its steps, stay. Returns how
    many."""
    mistaken = Q(standing=Standing.MISTAKE.value, ended_at__lte=at - MISTAKE_KEPT)
    over = Consent.objects.filter(mistaken | Q(ended_at__lte=at - ENDED_KEPT), wiped_at__isnull=True)
    due = list(over.order_by("ended_at", "pk").values_list("pk", flat=True)[:limit])
    for pk in due:
        with transaction.atomic():
            row = Consent.objects.select_for_update(of=("self",)).get(pk=pk)
            blobs = list(row.files.values_list("blob_id", flat=True))
            row.files.all().delete()
            files.release(blobs)
            row.words, row.wiped_at = "", at
            row.save(update_fields=["words", "wiped_at"])
            step(row, Did.ERASED, by=None, at=at)
    return len(due)

"""Letters of the ledger are settled: what each is, is decided, done and written down, a group in one transaction."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from datetime import datetime

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.channels import intake
from provodnik.channels.models import Inbound, InboundState, Mailbox
from provodnik.core import jobs
from provodnik.core.decisions import Refused
from provodnik.core.faults import is_away, is_busy
from provodnik.core.text import one_line
from provodnik.desk.intake.around import look_around
from provodnik.desk.intake.deciding import outcome
from provodnik.desk.intake.reading import Reading, read

log = logging.getLogger(__name__)


def accept(inbound_id: int) -> None:
    """Have one kept letter understood and settled. Safe to repeat."""
    accept_all([inbound_id])


def accept_all(ids: Sequence[int]) -> None:
    """The same for several, in the order they came. While some are written, the next are already being read."""
    rows = Inbound.objects.select_related("mailbox", "raw").in_bulk(ids)
    for some in read([rows[pk] for pk in ids if pk in rows and rows[pk].state != InboundState.DUPLICATE]):
        try:
            _settle(some)
        except Exception:
            # A letter that cannot be settled, or two intakes that wait for each other's requests: nothing of the group
            # was done, and each goes alone, so that a bad one stops no other.
            for one in some:
                try:
                    _settle_alone(one)
                except DatabaseError as error:
                    if not is_busy(error):
                        raise
                    log.warning("Letter %s is left for later: %s", one.pk, type(error).__name__)


def retry(inbound_id: int) -> Inbound:
    """Try a letter in quarantine once more. Raises Inbound.DoesNotExist for any other."""
    with transaction.atomic():
        row = Inbound.objects.select_for_update().get(pk=inbound_id, state=InboundState.QUARANTINED)
        row.state, row.reason, row.settled_at = InboundState.RECEIVED, "", None
        row.save(update_fields=["state", "reason", "settled_at"])
    accept(inbound_id)
    return Inbound.objects.get(pk=inbound_id)


def take_raw(mailbox: Mailbox, raw: bytes, *, envelope_from: str, now: datetime) -> Inbound:
    """A letter offered by another way than IMAP: kept, understood, settled."""
    row = intake.take_raw(mailbox, raw, envelope_from=envelope_from, now=now)
    accept(row.pk)
    row.refresh_from_db()
    return row


def _settle(readings: Sequence[Reading]) -> None:
    """Decide what each letter is, do it, and write it into the ledger: all of the group, or nothing."""
    with transaction.atomic(), jobs.asked_together():
        rows = Inbound.objects.select_for_update(of=("self",)).select_related("mailbox")
        locked = rows.in_bulk([reading.pk for reading in readings])
        senders = {one.letter.sender.email for one in readings if one.letter is not None and one.letter.sender.email}
        around = look_around([one.pk for one in readings], senders, timezone.now())
        settled = []
        for reading in readings:
            row = locked.get(reading.pk)
            if row is None or row.state != InboundState.RECEIVED:
                continue
            row.state, row.reason = outcome(row, reading, around)
            settled.append(row)
        intake.mark_settled(settled, at=around.now)


def _settle_alone(reading: Reading) -> None:
    try:
        _settle([reading])
    except Refused as refused:
        _quarantine(reading.pk, str(refused))
    except Exception as problem:
        if is_away(problem):
            raise  # the letter stays as it is and is settled later
        # the words of an error may quote the letter; its kind and place do not
        place = traceback.extract_tb(problem.__traceback__)[-1]
        kind = type(problem).__name__
        log.error("Letter %s could not be settled: %s in %s:%s", reading.pk, kind, place.filename, place.lineno)
        _quarantine(reading.pk, _("The letter could not be settled: %(kind)s.") % {"kind": kind})


def _quarantine(pk: int, reason: str) -> None:
    Inbound.objects.filter(pk=pk, state=InboundState.RECEIVED).update(
        state=InboundState.QUARANTINED, reason=one_line(reason, 500), settled_at=timezone.now()
    )

"""What an administrator does with letters."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from provodnik.channels.models import Outgoing, OutgoingState
from provodnik.channels.outgoing import send
from provodnik.core import jobs
from provodnik.core.decisions import Refused


def send_again(outgoing_id: int, *, at: datetime) -> Outgoing:
    """Try a letter that waits, or that was given up, at once; its days of trying begin anew. Refused for a sent one:
    nobody gets a letter twice. Raises Outgoing.DoesNotExist."""
    with transaction.atomic():
        row = Outgoing.objects.select_for_update().get(pk=outgoing_id)
        if row.sent_at is not None:
            raise Refused(_("The letter has been sent. If it came back, correct the address in the request."))
        row.state, row.next_try_at, row.created_at, row.attempts, row.error = OutgoingState.PENDING, at, at, 0, ""
        row.save()
        jobs.defer(send, outgoing_id=row.pk)
        return row

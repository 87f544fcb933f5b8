"""What a delivery report says about a letter of ours, and what the sender of a letter too large is told."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.channels import outgoing
from provodnik.channels import policies as channel_policies
from provodnik.channels.email import Understood
from provodnik.channels.models import Inbound, Outgoing, OutgoingState
from provodnik.core.text import one_line
from provodnik.desk.actions.overhearing import not_delivered
from provodnik.desk.announce.letters import too_large_letter
from provodnik.desk.intake.around import Round

REPORTED_WITHIN = timedelta(days=5)  # how long after sending a report without the id of the letter is believed


def reported(letter: Understood) -> Outgoing | None:
    """The letter of ours that a delivery report is about: by its id, else the last one to the same address."""
    bounce = letter.bounce
    if bounce is None:
        return None
    ids = [*bounce.original_ids, *letter.in_reply_to, *letter.references]
    row = Outgoing.objects.filter(message_id__in=ids).order_by("-pk").first() if ids else None
    if row is not None or bounce.original_ids:
        return row
    since = timezone.now() - REPORTED_WITHIN
    sent = Outgoing.objects.filter(recipient__in=bounce.recipients, state=OutgoingState.SENT, sent_at__gte=since)
    return sent.order_by("-pk").first()


def take_report(row: Outgoing, letter: Understood, now: datetime) -> None:
    bounce = letter.bounce
    assert bounce is not None
    reason = one_line(f"{bounce.status} {bounce.diagnostic}".strip(), 400) or _("The mail server gave no reason.")
    permanent = bounce.permanent and not bounce.delayed
    outgoing.bounced(row, reason=reason, permanent=permanent)
    number = row.about.removeprefix("ticket:")
    if not permanent and row.about.startswith("ticket:") and number.isdecimal():
        letter_kind = row.key.split(":")[1] if row.key.startswith("desk:") else ""
        not_delivered(int(number), recipient=row.recipient, letter=letter_kind, reason=reason, permanent=False, at=now)


def tell_too_large(row: Inbound, letter: Understood | None, around: Round) -> None:
    """The sender of a letter that was too large is told so, where a robot may write to him."""
    if row.mailbox is None or letter is None or not channel_policies.may_answer(letter, around.own_addresses):
        return
    recipient = letter.sender.email
    if channel_policies.may_write_automatically(recipient, about="", now=around.now):
        too_large_letter(row, recipient, settings.UPLOAD_LIMIT // (1024 * 1024), around.now)

"""Mailboxes, and letters that did not get through."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.channels import outgoing
from provodnik.channels.models import Inbound, Mailbox, Outgoing, OutgoingState
from provodnik.core import jobs
from provodnik.core.decisions import Refused, require
from provodnik.desk import intake
from provodnik.desk.policies import may_administer


def save_mailbox(mailbox: Mailbox, *, imap_password: str, smtp_password: str, by: User, at: datetime) -> Mailbox:
    """An empty password keeps the one that is there; without a server there is nothing to keep one for."""
    require(may_administer(by))
    for way, typed in (("imap", imap_password), ("smtp", smtp_password)):
        if typed or not getattr(mailbox, f"{way}_host"):
            setattr(mailbox, f"{way}_password", typed)
    return journal.keep(mailbox, by=by, at=at)


def send_test_letter(mailbox: Mailbox, *, recipient: str, by: User, at: datetime) -> Outgoing:
    """A letter through the same queue as every other; its fate is told in the list of letters out."""
    require(may_administer(by))
    if not mailbox.smtp_host:
        raise Refused(_("This mailbox has no server to send from."))
    serial = uuid.uuid4().hex
    with transaction.atomic():
        journal.note(mailbox, "tested", by=by, at=at, recipient=recipient)
        return outgoing.send_later(
            key=f"test:{serial}",
            recipient=recipient,
            subject=_("A test letter of PROvodnik"),
            text=_("If you read this, the mailbox %(address)s sends letters.") % {"address": mailbox.address},
            at=at,
            message_id=outgoing.message_id_for(kind="test", number=0, serial=serial, mailbox=mailbox),
            mailbox=mailbox,
        )


def retry_letter(letter: Outgoing, *, by: User, at: datetime) -> None:
    """Try a letter again now: a dead one too, with all its tries before it. A sent one stays sent."""
    require(may_administer(by))
    with transaction.atomic():
        journal.note(letter, "retried", by=by, at=at)
        waiting = Outgoing.objects.exclude(state=OutgoingState.SENT).filter(pk=letter.pk)
        waiting.update(state=OutgoingState.PENDING, next_try_at=at, created_at=at, attempts=0)
        jobs.defer(outgoing.send, outgoing_id=letter.pk)


def retry_inbound(letter: Inbound, *, by: User, at: datetime) -> Inbound:
    """Have a letter in quarantine understood once more, now. Returns the letter as it is after that."""
    require(may_administer(by))
    journal.note(letter, "retried", by=by, at=at)
    try:
        return intake.retry(letter.pk)
    except Inbound.DoesNotExist:
        return Inbound.objects.get(pk=letter.pk)  # somebody else was first

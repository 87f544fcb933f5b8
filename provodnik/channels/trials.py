"""Trying the mailboxes: both ways, and a test letter when somebody says whereto."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.channels import outgoing
from provodnik.channels.email.checks import Step, check_imap, check_smtp
from provodnik.channels.email.mailboxes import imap_account, smtp_account
from provodnik.channels.models import Mailbox, OutgoingState
from provodnik.core.secrets import Unreadable
from provodnik.core.trials import Asked, Trial, Tried


def mail(asked: Asked) -> Iterator[Tried]:
    boxes = list(Mailbox.objects.filter(is_active=True))
    if not boxes:
        todo = _("Set one up: Administration, Mailboxes.")
        yield Tried("warning", _("Mailboxes"), _("No mailbox is in use."), todo)
    for box in boxes:
        try:
            if box.imap_host:
                yield from _steps(_("%(address)s, receiving") % {"address": box.address}, check_imap(imap_account(box)))
            if box.smtp_host:
                yield from _steps(_("%(address)s, sending") % {"address": box.address}, check_smtp(smtp_account(box)))
        except Unreadable:
            told = _("The password was kept under another secret key of the installation: type it once more.")
            yield Tried("error", box.address, told)
        if asked.to and box.smtp_host:
            yield _letter(box, asked)


def _steps(what: str, steps: list[Step]) -> Iterator[Tried]:
    for step in steps:
        told = f"{step.told} {step.detail}".strip()
        todo = "" if step.ok else _("Look at the settings of the mailbox, and at the mail server's own log.")
        yield Tried("ok" if step.ok else "error", what, told, todo)


def _letter(box: Mailbox, asked: Asked) -> Tried:
    serial = uuid.uuid4().hex
    row = outgoing.send_later(
        key=f"test:{serial}",
        recipient=asked.to,
        subject=_("A test letter of PROvodnik"),
        text=_("If you read this, the mailbox %(address)s sends letters.") % {"address": box.address},
        at=asked.at,
        message_id=outgoing.message_id_for(kind="test", number=0, serial=serial, mailbox=box),
        mailbox=box,
    )
    outgoing.deliver(row.pk, now=timezone.now)
    row.refresh_from_db()
    what = _("%(address)s, test letter to %(to)s") % {"address": box.address, "to": asked.to}
    if row.state == OutgoingState.SENT:
        return Tried("ok", what, _("The server has taken it. Look whether it arrived, and not among spam."))
    told = row.error or _("It waits: another process is sending.")
    return Tried(
        "warning" if row.state == OutgoingState.PENDING else "error", what, told, _("See Administration, Outgoing.")
    )


TRIALS = (Trial("mail", lambda: _("mailboxes, both ways; --to ADDRESS: a test letter"), mail),)

"""What must stay true of letters, whatever was killed and when (safety a.1: I1, I2, I4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from provodnik.channels import queries
from provodnik.channels.email import identity
from provodnik.channels.models import Inbound, InboundState, Mailbox, Outgoing, OutgoingState
from provodnik.core import files
from provodnik.core.parts import Finding

LATE = timedelta(hours=1)  # past its own next try: nobody sends
BATCH = 200


def mailboxes() -> Iterator[Finding]:
    """Each mailbox works; and there is one to send from."""
    for line in queries.mailbox_health(now=timezone.now()):
        if line.level in ("warning", "error"):
            yield Finding(line.level, f"{line.mailbox.address}: {line.told}")
    if not Mailbox.objects.filter(is_active=True).exclude(smtp_host="").exists():
        yield Finding("warning", _("No mailbox is set up to send from."))


def ledger() -> Iterator[Finding]:
    """Every letter is settled, and in one state; a duplicate names a first that is none."""
    stuck = queries.stuck(now=timezone.now()).count()
    if stuck:
        text = ngettext(
            "%(count)d letter is kept and not settled.", "%(count)d letters are kept and not settled.", stuck
        )
        yield Finding("error", text % {"count": stuck})
    settled = ~Q(state=InboundState.RECEIVED)
    unclear = Inbound.objects.filter(Q(settled_at__isnull=True) & settled | Q(settled_at__isnull=False) & ~settled)
    chained = Inbound.objects.filter(duplicate_of__state=InboundState.DUPLICATE)
    elsewhere = Inbound.objects.exclude(duplicate_of=None).exclude(duplicate_of__mailbox=F("mailbox"))
    for wrong in (unclear, chained, elsewhere):
        if wrong.exists():
            yield Finding("error", _("The ledger of letters contradicts itself at line %(id)s.") % {"id": wrong[0].pk})
    waiting = queries.quarantined().count()
    if waiting:
        text = ngettext("%(count)d letter is in quarantine.", "%(count)d letters are in quarantine.", waiting)
        yield Finding("warning", text % {"count": waiting})


def outgoing() -> Iterator[Finding]:
    """Every letter of ours is sent, pending or dead with a reason, never absent (I4)."""
    now = timezone.now()
    lost = Outgoing.objects.filter(
        Q(state=OutgoingState.PENDING, next_try_at=None)
        | Q(state=OutgoingState.SENT, sent_at=None)
        | Q(state=OutgoingState.DEAD, error="")
    )
    if lost.exists():
        yield Finding("error", _("An outgoing letter is in no clear state: %(id)s.") % {"id": lost[0].pk})
    late = queries.waiting_letters().filter(next_try_at__lt=now - LATE).count()
    if late:
        text = ngettext(
            "%(count)d letter waits and nobody sends it.", "%(count)d letters wait and nobody sends them.", late
        )
        yield Finding("error", text % {"count": late})
    failing = queries.waiting_letters().filter(attempts__gt=0).exclude(error="")
    count = failing.count()
    if count:
        text = ngettext(
            "%(count)d letter could not be sent yet: %(why)s", "%(count)d letters could not be sent yet: %(why)s", count
        )
        yield Finding("warning", text % {"count": count, "why": failing[0].error})


def raw_letters() -> Iterator[Finding]:
    """The bytes of every letter are there, and are those that the ledger counted."""
    last = 0
    while rows := list(Inbound.objects.select_related("raw").filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = rows[-1].pk
        damaged = set(files.damaged(row.raw for row in rows))
        for row in rows:
            if row.raw_id in damaged or identity.content_hash(files.read(row.raw)) != row.content_hash:
                yield Finding("error", _("The letter at line %(id)s of the ledger is damaged.") % {"id": row.pk})

"""The demo's letters as they lie in the ledger: taken, held in quarantine, turned away, repeated; and one that died."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from provodnik.channels.email.identity import content_hash
from provodnik.channels.intake import TOO_LARGE
from provodnik.channels.models import Channel, Inbound, InboundState, Mailbox, Outgoing, OutgoingState
from provodnik.channels.outgoing import message_id_for
from provodnik.core import files
from provodnik.demo import data
from provodnik.demo.people import SUPPORT
from provodnik.demo.sending import written
from provodnik.demo.words import phrase
from provodnik.desk.announce.facts import last_closing
from provodnik.desk.announce.letters import about, subject_of
from provodnik.desk.intake import REASONS
from provodnik.desk.models import Message, MessageKind, Ticket

SOON = timedelta(seconds=1)


def came(
    mailbox: Mailbox,
    sender: tuple[str, str],
    subject: str,
    text: str,
    *,
    at: datetime,
    key: uuid.UUID,
    state: InboundState = InboundState.STORED,
    reason: str = "",
    duplicate_of: Inbound | None = None,
) -> Inbound:
    """A letter that came at `at` and was settled at once."""
    raw = written(sender=sender, to=SUPPORT, subject=subject, text=text, at=at, key=key)
    return Inbound.objects.create(
        channel=Channel.EMAIL,
        mailbox=mailbox,
        message_id=f"<{key}@{sender[1].rpartition('@')[2]}>",
        content_hash=content_hash(raw),
        raw=files.keep(raw),
        envelope_from=sender[1],
        sender=sender[1],
        subject=subject[:500],
        state=state,
        reason=reason,
        duplicate_of=duplicate_of,
        received_at=at,
        settled_at=at + SOON,
        may_answer=state == InboundState.STORED,
        flagged=True,
    )


def odd_letters(mailbox: Mailbox, now: datetime) -> None:
    """What an administrator finds in the ledger besides the letters that became requests."""
    reasons = {"time": str(REASONS["time"]), "crash": str(REASONS["crash"]), "large": _(TOO_LARGE)}
    for number, row in enumerate(data.toml("letters")["letter"]):
        came(
            mailbox,
            (row["name"], row["email"]),
            row["subject"],
            row["text"],
            at=now - timedelta(minutes=row["age"]),
            key=uuid.uuid5(uuid.NAMESPACE_URL, f"odd:{number}"),
            state=InboundState(row["state"]),
            reason=reasons[row["reason"]],
        )
    first = Inbound.objects.filter(state=InboundState.STORED).order_by("-received_at").first()
    if first is not None:
        first.pk, first.duplicate_of_id = None, first.pk
        first.state, first.received_at = InboundState.DUPLICATE, first.received_at + timedelta(minutes=2)
        first.save(force_insert=True)


def died(mailbox: Mailbox, ticket: Ticket, *, at: datetime) -> None:
    """The closing notice that no server took: an administrator may try it again."""
    closing = last_closing(ticket.pk)
    assert closing is not None
    solution = Message.objects.filter(ticket=ticket, kind=MessageKind.SOLUTION).latest("pk")
    Outgoing.objects.create(
        mailbox=mailbox,
        key=f"desk:closed:{closing.pk}",
        about=about(ticket),
        recipient=ticket.contact_email,
        subject=subject_of(ticket),
        text=solution.text,
        message_id=message_id_for(kind="closed", number=ticket.pk, serial=str(closing.pk), mailbox=mailbox),
        automatic=True,
        state=OutgoingState.DEAD,
        attempts=1,
        error=phrase("mailbox_full"),
        created_at=closing.at,
    )

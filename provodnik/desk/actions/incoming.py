"""What a requester says after registration, by whichever channel: an answer, a reopening, a continuation (I2, I6)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.channels.models import Channel, Inbound
from provodnik.core.decisions import Refused, require
from provodnik.desk import policies
from provodnik.desk.actions.base import NewFile, changing, in_order, record, settle, used_form, write_message
from provodnik.desk.actions.closing import reopen_locked
from provodnik.desk.actions.opening import NewTicket, register
from provodnik.desk.models import Contact, EventKind, Merge, Message, MessageKind, Ticket
from provodnik.desk.states import Impact


@dataclass(frozen=True, slots=True)
class Said:
    """A requester's message. `may_move`: its sender is sure enough to reopen a closed request (safety A06)."""

    text: str
    channel: Channel
    contact: Contact | None = None
    author_name: str = ""
    files: Sequence[NewFile] = ()
    quoted: str = ""
    html: str = ""
    inbound: Inbound | None = None
    verdict: dict[str, Any] = field(default_factory=dict)
    subject: str = ""
    may_move: bool = True


def answer(number: int, *, text: str, by: User, at: datetime, key: uuid.UUID, files: Sequence[NewFile] = ()) -> Ticket:
    """A requester writes on the page of his request. Returns the ticket it went to: the same, or the new one that
    continues it (I6)."""
    ticket = Ticket.objects.select_related("contract").get(pk=number)
    require(policies.may_answer(by, ticket))
    contact = policies.contact_of(by)
    said = Said(text=text, channel=Channel.PORTAL, contact=contact, files=files)
    return hear(number, said, key=key, at=at)


def hear(number: int, said: Said, *, key: uuid.UUID, at: datetime) -> Ticket:
    """Put a requester's message where it belongs. Open: an answer, «получен ответ», the status stays (I2).
    Closed a short time ago: it reopens (I6). Closed long ago, or by an unsure sender: a new request linked to it."""
    if not said.text.strip() and not said.files:
        raise Refused(_("Write something first."), field="text")
    with changing(_place(number, said)) as ticket:
        known = _known(ticket, said, key)  # asked with the row locked: of two sendings at once the second waits here
        if known is not None:
            return known
        until = policies.reopen_until(ticket)
        if until is None:
            _answered(ticket, said, key, in_order(ticket, at))
            return ticket
        if at <= until and said.may_move:  # judged by the message's own instant (I6)
            _reopened(ticket, said, key, in_order(ticket, at))
            return ticket
        return _continued(ticket, said, key, at)


def _place(number: int, said: Said) -> int:
    """Where a message for this number goes: a merged request goes on in another, where its sender may read there.
    (Merged at this very moment, it becomes a new request linked to this one, as after a late closing.)"""
    merge = Merge.objects.filter(pk=number).first()
    if merge is None:
        return number
    if said.contact is not None and not policies.requests_of(said.contact).filter(pk=merge.target_id).exists():
        return number
    return merge.target_id


def _known(asked: Ticket, said: Said, key: uuid.UUID) -> Ticket | None:
    """Where the message with this key already is: in its request, or in the new one that it has begun (I6).
    Somebody else's key is refused."""
    message = Message.objects.select_related("ticket").filter(key=key).first()
    ticket = message.ticket if message is not None else Ticket.objects.filter(key=key).first()
    if ticket is None:
        return None
    wrote = message.contact_id if message is not None else ticket.contact_id
    if ticket.pk != asked.pk and policies.goes_on_in(ticket) == asked.pk:
        return asked
    elsewhere = ticket.pk != asked.pk and (message is not None or ticket.follows_id != asked.pk)
    if elsewhere or wrote != (said.contact.pk if said.contact is not None else None):
        raise used_form()
    return ticket


def keep_said(ticket: Ticket, said: Said, key: uuid.UUID, at: datetime) -> Message:
    """Keep what was said as a message of a locked ticket; nothing of the ticket changes by it."""
    return write_message(
        ticket,
        MessageKind.ANSWER,
        text=said.text,
        at=at,
        channel=said.channel,
        contact=said.contact,
        author_name=said.author_name,
        files_in=said.files,
        key=key,
        quoted=said.quoted,
        html=said.html,
        inbound=said.inbound,
        verdict=said.verdict,
    )


def _answered(ticket: Ticket, said: Said, key: uuid.UUID, at: datetime) -> None:
    message = keep_said(ticket, said, key, at)
    record(ticket, EventKind.ANSWERED, at=at, by=_user(said), by_name=said.author_name, message=message)
    ticket.answered_at = ticket.answered_at or at
    settle(ticket, at=at)


def _reopened(ticket: Ticket, said: Said, key: uuid.UUID, at: datetime) -> None:
    message = keep_said(ticket, said, key, at)
    reopen_locked(ticket, at=at, by=_user(said), by_name=said.author_name, message=message)
    ticket.answered_at = at
    settle(ticket, at=at)


def _continued(ticket: Ticket, said: Said, key: uuid.UUID, at: datetime) -> Ticket:
    new = NewTicket(
        text=said.text,
        channel=said.channel,
        subject=said.subject or ticket.subject,
        impact=Impact(ticket.impact) if ticket.impact else None,
        customer=ticket.customer if said.contact is None else said.contact.customer,
        contact=said.contact,
        requester_name=said.author_name,
        contact_email=ticket.contact_email
        if said.contact is None or said.contact == ticket.contact
        else said.contact.email,
        subsystem=ticket.subsystem,
        files=said.files,
        quoted=said.quoted,
        html=said.html,
        inbound=said.inbound,
        mailbox=ticket.mailbox,
        verdict=said.verdict,
        follows=ticket,
        # what goes on after a complaint is one: it stays with the lead, and from whom it is about
        complains_of=ticket.complains_of,
        complains_about=ticket.complains_about,
        team=ticket.team if ticket.is_complaint else None,
        assignee=ticket.assignee if ticket.is_complaint else None,
    )
    follower = register(new, key=key, by=_user(said), at=at)
    at = in_order(ticket, at)
    record(ticket, EventKind.CONTINUED, at=at, by=_user(said), by_name=said.author_name, number=follower.pk)
    settle(ticket, at=at)
    return follower


def _user(said: Said) -> User | None:
    return said.contact.user if said.contact is not None and said.contact.user_id else None

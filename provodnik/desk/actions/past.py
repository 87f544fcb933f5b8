"""A request that another desk has served: taken over with its conversation and its instants, told to nobody.

Its rules are those of any request (legal moves, the clock from its own registration), but it stands in no figure of
quality: how long another desk took is no answer for this one (`Ticket.context["imported"]`).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from provodnik.channels.models import Channel
from provodnik.desk.actions.base import NewFile, changing, in_order, rebuild_deadline, record, settle, write_message
from provodnik.desk.actions.opening import NewTicket, register
from provodnik.desk.announce import silent
from provodnik.desk.announce.facts import note, set_duty
from provodnik.desk.models import Contact, Customer, EventKind, MessageKind, Ticket
from provodnik.desk.states import Priority, Resolution, Status


@dataclass(frozen=True, slots=True)
class PastMessage:
    """What was said after the first text. `internal`: for the desk alone."""

    at: datetime
    text: str
    author_name: str
    by_requester: bool
    internal: bool = False
    files: Sequence[NewFile] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """A request of another desk. `source` and `number`: its name there; `closed_at`: None while it is open."""

    source: str
    number: str
    subject: str
    text: str
    opened_at: datetime
    closed_at: datetime | None
    priority: Priority
    requester_name: str
    requester_email: str
    contact: Contact | None
    customer: Customer | None
    messages: Sequence[PastMessage] = ()
    files: Sequence[NewFile] = ()


def take_over(past: Past, *, key: uuid.UUID) -> Ticket:
    """Write the request down as it was. The same `key` again gives the same request, untouched. Raises Refused."""
    with silent():
        known = Ticket.objects.filter(key=key).first()
        if known is not None:
            return known
        ticket = register(_new(past), key=key, by=None, at=past.opened_at)
        with changing(ticket.pk) as locked:
            for message in sorted(past.messages, key=lambda one: one.at):
                _said(locked, past, message)
            if past.closed_at is not None:
                _closed(locked, past.closed_at)
            settle(locked, at=past.closed_at or past.opened_at)
        if past.closed_at is not None:  # its requester was told by who served it
            note(ticket.pk, EventKind.DELIVERED, at=locked.closed_at or past.closed_at, channel="imported")
            set_duty(ticket.pk, undelivered=False)
        return locked


def _new(past: Past) -> NewTicket:
    return NewTicket(
        text=past.text,
        channel=Channel.PORTAL,
        subject=past.subject,
        customer=past.customer,
        contact=past.contact,
        requester_name=past.requester_name,
        contact_email=past.requester_email,
        priority=past.priority,
        files=past.files,
        context={"imported": {"from": past.source, "number": past.number}},
    )


def _said(ticket: Ticket, past: Past, message: PastMessage) -> None:
    kind = MessageKind.NOTE if message.internal else MessageKind.ANSWER if message.by_requester else MessageKind.REPLY
    write_message(
        ticket,
        kind,
        text=message.text,
        at=in_order(ticket, max(message.at, past.opened_at)),
        channel=Channel.PORTAL,
        contact=past.contact if message.by_requester and not message.internal else None,
        author_name=message.author_name,
        files_in=message.files,
    )


def _closed(ticket: Ticket, at: datetime) -> None:
    at = in_order(ticket, at)
    record(ticket, EventKind.TAKEN, at=at, to=Status.IN_PROGRESS)
    rebuild_deadline(ticket, ended=at)
    ticket.resolution, ticket.closed_at = Resolution.SOLVED.value, at
    due = ticket.due_at.isoformat()
    record(ticket, EventKind.CLOSED, at=at, to=Status.DONE, resolution=ticket.resolution, due=due)

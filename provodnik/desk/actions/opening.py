"""A request is registered (R9, I1, I7)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.channels.models import Channel, Inbound, Mailbox
from provodnik.core import prepared
from provodnik.core.decisions import Refused, require
from provodnik.core.text import one_line, storable, storable_json
from provodnik.desk import clock, policies
from provodnik.desk.actions import own_fields
from provodnik.desk.actions.base import NewFile, order_of, record, used_form, write_message
from provodnik.desk.calendars import calendar_of
from provodnik.desk.models import Contact, Contract, Customer, EventKind, MessageKind, Subsystem, Team, Ticket
from provodnik.desk.queries.facts import allowances_of, contract_in_force
from provodnik.desk.states import PROPOSALS, Impact, Priority, Status, TicketType
from provodnik.desk.typed_fields import Value

LONGEST_SUBJECT = 300


@dataclass(frozen=True, slots=True)
class NewTicket:
    """What came in. Without `impact` the request is taken for a question of low priority, for a specialist to judge."""

    text: str
    channel: Channel
    subject: str = ""
    impact: Impact | None = None
    customer: Customer | None = None
    contact: Contact | None = None
    requester_name: str = ""
    contact_email: str = ""
    subsystem: Subsystem | None = None
    files: Sequence[NewFile] = ()
    quoted: str = ""
    html: str = ""
    inbound: Inbound | None = None
    mailbox: Mailbox | None = None
    verdict: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    follows: Ticket | None = None
    # A specialist who writes a request for somebody (a telephone call) may say them at once.
    type: TicketType | None = None
    priority: Priority | None = None
    # The customer's own fields, by the id of their definition: clean values (desk.typed_fields).
    fields: Mapping[int, Value] = field(default_factory=dict)
    # A complaint (desk.actions.complaints): of which request, about whose work, and the lead who answers for it.
    complains_of: Ticket | None = None
    complains_about: User | None = None
    team: Team | None = None
    assignee: User | None = None


def subject_from(text: str) -> str:
    """The first sentence of a text, for a request that was sent without a subject."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    for stop in (". ", "! ", "? "):
        head, found, _rest = first.partition(stop)
        if found and len(head) >= 15:
            first = head + stop.strip()
            break
    return one_line(first.rstrip("."), 120)


def open_ticket(new: NewTicket, *, key: uuid.UUID, by: User | None, at: datetime) -> Ticket:
    """Register a request at `at` (I1: when it reached the system). The same `key` again gives the same ticket.
    Raises Refused when the key belongs to somebody else's, there is nothing to register, or `by` may not."""
    if by is not None and new.channel == Channel.PORTAL:
        require(policies.may_open(by, new.contact))
    return register(new, key=key, by=by, at=at)


def register(new: NewTicket, *, key: uuid.UUID, by: User | None, at: datetime) -> Ticket:
    """The same for callers that have decided already (a late reply to a closed request, I6)."""
    try:
        with transaction.atomic():
            return _known(new, key) or _register(new, key, by, at, contract_in_force(new.customer, at))
    except IntegrityError:
        known = _known(new, key)  # the same form, sent twice at the same moment: the other was first
        if known is None:
            raise
        return known


def register_letter(new: NewTicket, *, key: uuid.UUID, at: datetime, contract: Contract | None) -> Ticket:
    """The same for an intake that holds the letter's line of the ledger, has looked that `key` made nothing yet, and
    knows the contract in force at `at`: of a hundred letters a second each statement counts."""
    return _register(new, key, None, at, contract)


def _known(new: NewTicket, key: uuid.UUID) -> Ticket | None:
    """The request that this form has already made; somebody else's form is refused."""
    if not prepared.fetch("SELECT 1 FROM desk_ticket WHERE key = %s", [key]):  # a form is hardly ever sent twice
        return None
    known = Ticket.objects.filter(key=key).first()
    if known is not None and known.contact_id != (new.contact.pk if new.contact else None):
        raise used_form()
    return known


def _address(typed: str) -> str:
    """In the one form that all addresses are kept in; one that nobody can be written to at is none."""
    address = storable(typed).strip().lower()
    return address if len(address) <= 254 else ""


def _register(new: NewTicket, key: uuid.UUID, by: User | None, at: datetime, contract: Contract | None) -> Ticket:
    text = storable(new.text).strip()
    subject = one_line(new.subject, LONGEST_SUBJECT) or subject_from(text) or str(_("No subject"))
    if not text and not new.files and not new.subject.strip():
        raise Refused(_("Tell what happened."), field="text")
    proposed_type, proposed_priority = PROPOSALS[new.impact] if new.impact else (TicketType.QUESTION, Priority.LOW)
    priority = new.priority or proposed_priority
    name = new.requester_name or (new.contact.name if new.contact else "")
    allowances = allowances_of(contract, complaint=new.complains_of is not None)
    ticket = Ticket(
        key=key,
        customer=new.customer,
        contract=contract,
        contact=new.contact,
        requester_name=one_line(name, 200),
        contact_email=_address(new.contact_email or (new.contact.email if new.contact else "")),
        channel=new.channel,
        mailbox=new.mailbox,
        subject=subject,
        impact=new.impact.value if new.impact else "",
        type=(new.type or proposed_type).value,
        priority=priority.value,
        subsystem=new.subsystem,
        status=Status.CREATED.value,
        follows=new.follows,
        complains_of=new.complains_of,
        complains_about=new.complains_about,
        team=new.team,
        assignee=new.assignee,
        context=storable_json(new.context),
        registered_at=at,
        touched_at=at,
        due_at=clock.due_at(at, allowances[priority], (), calendar_of(contract)),
    )
    ticket.queue_rank, ticket.queue_at = order_of(ticket)
    ticket.save(force_insert=True)
    message = write_message(
        ticket,
        MessageKind.REQUEST,
        text=text,
        at=at,
        channel=new.channel,
        by=None if new.contact else by,
        contact=new.contact,
        author_name=ticket.requester_name,
        files_in=new.files,
        quoted=new.quoted,
        html=new.html,
        inbound=new.inbound,
        verdict=new.verdict,
        named=[str(ticket.pk), subject, ticket.requester_name, ticket.contact_email, str(new.customer or "")],
    )
    record(
        ticket,
        EventKind.REGISTERED,
        at=at,
        by=by,
        by_name=ticket.requester_name,
        message=message,
        type=ticket.type,
        priority=ticket.priority,
        due=ticket.due_at.isoformat(),
    )
    if new.fields:
        own_fields.keep(ticket, new.fields)
    return ticket

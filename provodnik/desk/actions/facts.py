"""Type, priority and the other facts of a request that a specialist sets right (I3, I7)."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.core.text import LONGEST_EMAIL, one_line, storable
from provodnik.desk import policies
from provodnik.desk.actions.base import add_words, changing, in_order, rebuild_deadline, record, settle
from provodnik.desk.models import Contact, EventKind, Subsystem, Ticket
from provodnik.desk.queries.facts import contract_in_force
from provodnik.desk.states import Priority, TicketType


def change_priority(number: int, *, priority: Priority, reason: str, by: User, at: datetime) -> Ticket:
    """A new priority, with its reason; the deadline is computed from registration with the new allowance (I3)."""
    with changing(number) as ticket:
        require(policies.may_change_facts(by, ticket))
        if ticket.priority == priority.value:
            return ticket
        if not reason.strip():
            raise Refused(_("Write why the priority changes: it stays in the history."), field="reason")
        at = in_order(ticket, at)
        old, old_due = ticket.priority, ticket.due_at
        ticket.priority = priority.value
        ticket.triaged_at = ticket.triaged_at or at
        rebuild_deadline(ticket)
        record(
            ticket,
            EventKind.PRIORITY,
            at=at,
            by=by,
            old=old,
            new=priority.value,
            reason=one_line(reason, 500),
            old_due=old_due.isoformat(),
            new_due=ticket.due_at.isoformat(),
        )
        settle(ticket, at=at)
        return ticket


def change_type(number: int, *, type_: TicketType, reason: str, by: User, at: datetime) -> Ticket:
    """Defect or question (R8), with the reason (I7)."""
    with changing(number) as ticket:
        require(policies.may_change_facts(by, ticket))
        if ticket.type == type_.value:
            return ticket
        if not reason.strip():
            raise Refused(_("Write why the type changes: it stays in the history."), field="reason")
        at = in_order(ticket, at)
        old, ticket.type = ticket.type, type_.value
        ticket.triaged_at = ticket.triaged_at or at
        record(ticket, EventKind.TYPE, at=at, by=by, old=old, new=type_.value, reason=one_line(reason, 500))
        settle(ticket, at=at)
        return ticket


def confirm_triage(number: int, *, by: User, at: datetime) -> Ticket:
    """The proposed type and priority are right (I7)."""
    with changing(number) as ticket:
        require(policies.may_change_facts(by, ticket))
        if ticket.triaged_at is None:
            ticket.triaged_at = at = in_order(ticket, at)
            settle(ticket, at=at)
        return ticket


def change_subsystem(number: int, *, subsystem: Subsystem | None, by: User, at: datetime) -> Ticket:
    with changing(number) as ticket:
        require(policies.may_change_facts(by, ticket))
        if ticket.subsystem_id == (subsystem.pk if subsystem else None):
            return ticket
        at = in_order(ticket, at)
        old = ticket.subsystem.name if ticket.subsystem_id and ticket.subsystem else ""
        ticket.subsystem = subsystem
        record(ticket, EventKind.SUBSYSTEM, at=at, by=by, old=old, new=subsystem.name if subsystem else "")
        settle(ticket, at=at)
        return ticket


def change_contact(number: int, *, contact: Contact, by: User, at: datetime) -> Ticket:
    """Say whose request it is: the customer, its contract and so the deadline follow (R4)."""
    with changing(number) as ticket:
        require(policies.may_change_facts(by, ticket))
        if ticket.contact_id == contact.pk:
            return ticket
        at = in_order(ticket, at)
        old = ticket.requester_name
        if _address_follows(ticket, contact):
            ticket.contact_email = _address_of(contact)
        ticket.contact, ticket.customer = contact, contact.customer
        ticket.contract = contract_in_force(contact.customer, ticket.registered_at)
        ticket.requester_name = contact.name
        rebuild_deadline(ticket)
        add_words(ticket, [contact.name, contact.email, str(contact.customer)], public=True)
        record(
            ticket,
            EventKind.CUSTOMER,
            at=at,
            by=by,
            old=old,
            new=contact.name,
            customer=str(contact.customer),
            new_due=ticket.due_at.isoformat(),
        )
        settle(ticket, at=at)
        return ticket


def _address_follows(ticket: Ticket, contact: Contact) -> bool:
    """An address that somebody wrote in the request stays with it (R14); one that came from the contact's card, or
    belongs to another customer's people, does not: they would go on reading of what is not theirs (I12)."""
    moved = ticket.customer_id is not None and ticket.customer_id != contact.customer_id
    return moved or ticket.contact_email in ("", _address_of(ticket.contact))


def _address_of(contact: Contact | None) -> str:
    return contact.email.strip().lower() if contact is not None else ""


def change_email(number: int, *, email: str, by: User, at: datetime) -> Ticket:
    """Set where the closing notice goes (R14, I8); of a closed request whose notice did not arrive, it goes again."""
    email = email.strip().lower()
    try:
        validate_email(email)
        MaxLengthValidator(LONGEST_EMAIL)(email)
    except ValidationError as error:
        raise Refused(_("This does not look like an e-mail address."), field="email") from error
    if storable(email) != email:
        raise Refused(_("This does not look like an e-mail address."), field="email")
    with changing(number) as ticket:
        require(policies.may_work(by))
        if ticket.contact_email == email and not ticket.undelivered:
            return ticket  # of one that has not arrived, it is tried once more
        at = in_order(ticket, at)
        ticket.contact_email = email
        add_words(ticket, [email], public=True)
        record(ticket, EventKind.EMAIL, at=at, by=by, resend=ticket.undelivered)
        settle(ticket, at=at)
        return ticket

"""Who sees what, and who may do what. One set of functions for pages, lists, search, counters, files and mail.

`visible_tickets` is the only door to tickets: what it does not give does not exist for the asker (404).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core.decisions import YES, Decision, no
from provodnik.desk.models import Contact, Message, MessageKind, Ticket
from provodnik.desk.states import DEFAULT_REOPEN_DAYS, Resolution, Status, allowed_resolutions, is_legal


def contact_of(user: User) -> Contact | None:
    """The living contact behind a user: of a served customer, itself active. Asked once a request."""
    if not hasattr(user, "_living_contact"):
        found = (
            Contact.objects.select_related("customer")
            .filter(user_id=user.pk, is_active=True, customer__is_active=True)
            .first()
            if user.is_authenticated and user.is_active
            else None
        )
        user._living_contact = found  # type: ignore[attr-defined]
    contact: Contact | None = user._living_contact  # type: ignore[attr-defined]
    return contact


def visible_tickets(user: User) -> QuerySet[Ticket]:
    """I12: the desk sees all, a coordinator his customer's, anybody else his own."""
    if not user.is_authenticated or not user.is_active:
        return Ticket.objects.none()
    if user.is_desk:
        return Ticket.objects.all()
    contact = contact_of(user)
    return requests_of(contact) if contact is not None else Ticket.objects.none()


def requests_of(contact: Contact) -> QuerySet[Ticket]:
    """I12 from the requester's side, whatever else the person is; who moved to another customer left his old ones."""
    tickets = Ticket.objects.filter(customer_id=contact.customer_id)
    return tickets if contact.is_coordinator else tickets.filter(contact_id=contact.pk)


def visible_messages(user: User, ticket: Ticket) -> QuerySet[Message]:
    """Messages of a ticket that the user already sees; notes are the desk's alone."""
    return Message.objects.filter(ticket_id=ticket.pk) if user.is_desk else public_messages(ticket)


def public_messages(ticket: Ticket) -> QuerySet[Message]:
    """What the requester's side reads, be the reader of the desk besides."""
    return Message.objects.filter(ticket_id=ticket.pk).exclude(kind=MessageKind.NOTE)


def may_open(user: User, contact: Contact | None) -> Decision:
    """Write a request of one's own; the desk writes it for anybody."""
    own = contact_of(user)
    if user.is_desk or (own is not None and own == contact):
        return YES
    return no(_("Your account is not linked to a customer. Ask your administrator."))


def may_work(user: User) -> Decision:
    """Work on requests as the desk."""
    return YES if user.is_desk else no(_("Only a specialist of the desk may do this."))


def _is_requester(user: User, ticket: Ticket) -> bool:
    contact = contact_of(user)
    return (
        contact is not None
        and ticket.customer_id == contact.customer_id
        and (ticket.contact_id == contact.pk or contact.is_coordinator)
    )


def may_answer(user: User, ticket: Ticket) -> Decision:
    """Write into the request from the requester's side."""
    if _is_requester(user, ticket):
        return YES
    return no(_("Only the requester may answer here."))


def may_take(user: User, ticket: Ticket) -> Decision:
    if not may_work(user):
        return may_work(user)
    if ticket.status == Status.DONE.value:
        return no(_("The request is closed. Reopen it first."))
    if ticket.status == Status.IN_PROGRESS.value and ticket.assignee_id == user.pk:
        return no(_("You are already working on it."))
    return YES


def may_write(user: User, ticket: Ticket) -> Decision:
    """Answer the requester as the desk."""
    if not may_work(user):
        return may_work(user)
    if ticket.status == Status.DONE.value:
        return no(_("The request is closed. Reopen it first."))
    return YES


may_ask = may_write


def may_note(user: User, ticket: Ticket) -> Decision:
    return may_work(user)


def may_close(user: User, ticket: Ticket, resolution: str | None = None) -> Decision:
    """I5: the resolutions of a specialist; a refusal for Низкий alone."""
    if not may_work(user):
        return may_work(user)
    if not is_legal(Status(ticket.status), Status.DONE):
        return no(_("The request is already closed."))
    if resolution == Resolution.REFUSED.value and ticket.priority != "low":
        return no(_("Only a request of low priority may be refused."))
    if resolution is not None and resolution not in {one.value for one in allowed_resolutions(ticket.priority)}:
        return no(_("There is no such resolution for this request."))
    return YES


def may_withdraw(user: User, ticket: Ticket) -> Decision:
    """R15: the requester closes what he no longer needs."""
    if not _is_requester(user, ticket):
        return no(_("Only the requester may withdraw the request."))
    if ticket.status == Status.DONE.value:
        return no(_("The request is already closed."))
    return YES


def reopen_until(ticket: Ticket) -> datetime | None:
    """Until when a reply reopens the request (I6); None while it is open."""
    if ticket.closed_at is None:
        return None
    days = ticket.contract.reopen_days if ticket.contract is not None else DEFAULT_REOPEN_DAYS
    return ticket.closed_at + timedelta(days=days)


def may_reopen(user: User, ticket: Ticket, *, now: datetime) -> Decision:
    if reopen_until(ticket) is not None and user.is_desk:
        return YES
    return may_reopen_by_writing(user, ticket, now=now)


def may_reopen_by_writing(user: User, ticket: Ticket, *, now: datetime) -> Decision:
    """I6: a requester reopens by an answer, within the contract's days."""
    until = reopen_until(ticket)
    if until is None:
        return no(_("The request is open."))
    if not _is_requester(user, ticket):
        return no(_("Only the requester may reopen the request."))
    if now > until:
        return no(_("The time to reopen is over. Your message will become a new request linked to this one."))
    return YES


def may_rate(user: User, ticket: Ticket) -> Decision:
    if not _is_requester(user, ticket):
        return no(_("Only the requester may rate the work."))
    if ticket.status != Status.DONE.value:
        return no(_("The work can be rated when the request is closed."))
    return YES


def may_change_facts(user: User, ticket: Ticket) -> Decision:
    """Type, priority, subsystem, assignee, customer of an open request."""
    return may_write(user, ticket)


def may_administer(user: User) -> Decision:
    return YES if user.is_administrator else no(_("Only an administrator may do this."))

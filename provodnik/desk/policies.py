"""Who sees what, and who may do what. One set of functions for pages, lists, search, counters, files and mail.

`visible_tickets` is the only door to tickets: what it does not give does not exist for the asker (404).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core import prepared
from provodnik.core.decisions import YES, Decision, no
from provodnik.desk.models import Contact, Merge, Message, MessageKind, Ticket
from provodnik.desk.states import DEFAULT_REOPEN_DAYS, Resolution, Status, allowed_resolutions, is_legal

RATING_LASTS = timedelta(days=14)  # after closing


_NOBODY = -1


@cache
def _living() -> prepared.Reading[Contact]:
    chosen = Contact.objects.filter(user_id=_NOBODY, is_active=True, customer__is_active=True)
    return prepared.reading(chosen.order_by("pk")[:1], {_NOBODY: "user"}, ["customer"])


def contact_of(user: User) -> Contact | None:
    """The living contact behind a user: of a served customer, itself active. Asked once a request."""
    if not hasattr(user, "_living_contact"):
        found = _living().first({"user": user.pk}) if user.is_authenticated and user.is_active else None
        user._living_contact = found  # type: ignore[attr-defined]
    contact: Contact | None = user._living_contact  # type: ignore[attr-defined]
    return contact


def visible_tickets(user: User) -> QuerySet[Ticket]:
    """I12: the desk sees all but complaints about one's own work (docs/adr/0021), a coordinator his customer's, anybody
    else his own."""
    if not user.is_authenticated or not user.is_active:
        return Ticket.objects.none()
    if user.is_desk:
        return Ticket.objects.all() if user.is_lead else Ticket.objects.exclude(complains_about_id=user.pk)
    contact = contact_of(user)
    return requests_of(contact) if contact is not None else Ticket.objects.none()


def is_kept_from(user: User, ticket: Ticket) -> bool:
    """A complaint about one's own work: of what the desk has, it alone is not for this person of the desk."""
    return ticket.complains_about_id is not None and ticket.complains_about_id == user.pk and not user.is_lead


def requests_of(contact: Contact) -> QuerySet[Ticket]:
    """I12 from the requester's side, whatever else the person is; who moved to another customer left his old ones."""
    tickets = Ticket.objects.filter(customer_id=contact.customer_id)
    return tickets if contact.is_coordinator else tickets.filter(contact_id=contact.pk)


def visible_messages(user: User, ticket: Ticket, absorbed: Collection[int] = ()) -> QuerySet[Message]:
    """Messages of a ticket that the user already sees, and of those merged into it (`absorbed`) as far as he sees
    them; notes are the desk's alone."""
    if not user.is_desk:
        contact = contact_of(user)
        return public_messages(ticket, contact) if contact is not None else public_messages(ticket)
    if absorbed:
        return Message.objects.filter(ticket_id__in=[ticket.pk, *absorbed])
    return Message.objects.filter(ticket_id=ticket.pk)


def public_messages(ticket: Ticket, reader: Contact | None = None) -> QuerySet[Message]:
    """What the requester's side reads, be the reader of the desk besides: of merged requests too, where they are the
    reader's to see (I12)."""
    own = Message.objects.filter(ticket_id=ticket.pk)
    if reader is not None:
        merged = list(requests_of(reader).filter(merge__target_id=ticket.pk).values_list("pk", flat=True))
        if merged:
            own = Message.objects.filter(ticket_id__in=[ticket.pk, *merged])
    return own.exclude(kind=MessageKind.NOTE)


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


def may_settle(user: User, ticket: Ticket) -> Decision:
    """Work on this request: a complaint is not settled by whom it is about (R11)."""
    if not may_work(user):
        return may_work(user)
    if ticket.complains_about_id is not None and ticket.complains_about_id == user.pk:
        return no(_("The complaint is about your work: somebody else answers it."))
    return YES


def may_take(user: User, ticket: Ticket) -> Decision:
    if not may_settle(user, ticket):
        return may_settle(user, ticket)
    if ticket.status == Status.DONE.value:
        return no(_("The request is closed. Reopen it first."))
    if ticket.status == Status.IN_PROGRESS.value and ticket.assignee_id == user.pk:
        return no(_("You are already working on it."))
    return YES


def may_write(user: User, ticket: Ticket) -> Decision:
    """Answer the requester as the desk."""
    if not may_settle(user, ticket):
        return may_settle(user, ticket)
    if ticket.status == Status.DONE.value:
        return no(_("The request is closed. Reopen it first."))
    return YES


may_ask = may_write


def may_note(user: User, ticket: Ticket) -> Decision:
    return may_work(user)


def may_close(user: User, ticket: Ticket, resolution: str | None = None) -> Decision:
    """I5: the resolutions of a specialist; a refusal for Низкий alone."""
    if not may_settle(user, ticket):
        return may_settle(user, ticket)
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


def goes_on_in(ticket: Ticket) -> int | None:
    """The number in which a merged request goes on; None for any other. An open one is not asked about."""
    if ticket.closed_at is None:
        return None
    try:
        return ticket.merge.target_id
    except Merge.DoesNotExist:
        return None


def reads(ticket: Ticket, target: Ticket) -> bool:
    """Whether who asked in `ticket` may read `target` as well (I12)."""
    contact = ticket.contact
    if contact is not None:
        if contact.customer_id != target.customer_id:
            return False
        return contact.is_coordinator or contact.pk == target.contact_id
    return target.contact_id is None and bool(ticket.contact_email) and ticket.contact_email == target.contact_email


def may_merge(user: User, ticket: Ticket, target: Ticket) -> Decision:
    """Let one request go on in another: two open ones of one customer, the later in the earlier (the clock of the
    first report goes on, docs/adr/0014), and only where its requester may read on there (I12)."""
    if not may_work(user):
        return may_work(user)
    names = {"number": ticket.pk, "target": target.pk}
    if ticket.pk == target.pk:
        return no(_("A request is not merged with itself."))
    if not ticket.is_open:
        return no(_("№ %(number)s is closed. Link it instead.") % names)
    if not target.is_open:
        return no(_("№ %(target)s is closed. Reopen it first, or choose another.") % names)
    if ticket.is_complaint or target.is_complaint:
        return no(_("A complaint has a course of its own and is not merged."))
    if ticket.customer_id != target.customer_id:
        return no(_("№ %(number)s and № %(target)s are of different customers. Link them instead.") % names)
    if (ticket.registered_at, ticket.pk) < (target.registered_at, target.pk):
        return no(_("№ %(number)s came earlier, and its clock must go on. Merge № %(target)s into it.") % names)
    if not reads(ticket, target):
        return no(_("The requester of № %(number)s may not read № %(target)s. Link it as a duplicate.") % names)
    return YES


def may_watch(contact: Contact, ticket: Ticket) -> bool:
    """Whether a colleague of the requester may be told of the request: he may see it today (I12)."""
    if not contact.is_active or not contact.customer.is_active or contact.customer_id != ticket.customer_id:
        return False
    return contact.is_coordinator or contact.pk == ticket.contact_id


def reopen_until(ticket: Ticket) -> datetime | None:
    """Until when a reply reopens the request (I6); None while it is open. A merged one is not reopened at all."""
    if ticket.closed_at is None:
        return None
    if goes_on_in(ticket) is not None:
        return ticket.closed_at
    days = ticket.contract.reopen_days if ticket.contract is not None else DEFAULT_REOPEN_DAYS
    return ticket.closed_at + timedelta(days=days)


def may_reopen(user: User, ticket: Ticket, *, now: datetime) -> Decision:
    target = goes_on_in(ticket)
    if target is not None:
        return no(_("It goes on in № %(target)s.") % {"target": target})
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
    target = goes_on_in(ticket)
    if target is not None:
        return no(_("It goes on in № %(target)s.") % {"target": target})
    if now > until:
        return no(_("The time to reopen is over. Your message will become a new request linked to this one."))
    return YES


def rate_until(ticket: Ticket) -> datetime | None:
    """Until when the work on a closed request may be rated, and the mark changed; None while it is open."""
    return ticket.closed_at + RATING_LASTS if ticket.closed_at is not None else None


def may_rate(user: User, ticket: Ticket, *, now: datetime) -> Decision:
    if not _is_requester(user, ticket):
        return no(_("Only the requester may rate the work."))
    return may_be_rated(ticket, now=now)


def may_complain(user: User, ticket: Ticket) -> Decision:
    """A claim about the quality of service (R11), of an open or closed request."""
    if not _is_requester(user, ticket):
        return no(_("Only the requester may complain."))
    if ticket.is_complaint:
        return no(_("This is a complaint already: write here what is still wrong."))
    return YES


def may_be_rated(ticket: Ticket, *, now: datetime) -> Decision:
    """Whoever rates: by the product or by the letter of closing."""
    until = rate_until(ticket)
    if until is None:
        return no(_("The work can be rated when the request is closed."))
    if now > until:
        return no(_("The time to rate the work is over."))
    target = goes_on_in(ticket)
    if target is not None:
        return no(_("It goes on in № %(target)s.") % {"target": target})
    return YES


def may_change_facts(user: User, ticket: Ticket) -> Decision:
    """Type, priority, subsystem, assignee, customer of an open request."""
    return may_write(user, ticket)


def may_organise(user: User) -> Decision:
    """Teams, duties, absences and rules of assignment: the lead's business, and the administrator's."""
    if user.is_lead or user.is_administrator:
        return YES
    return no(_("Only a lead or an administrator may do this."))


def may_administer(user: User) -> Decision:
    return YES if user.is_administrator else no(_("Only an administrator may do this."))


def may_share(user: User) -> Decision:
    """Make a view or a prepared answer that the whole desk has."""
    return YES if user.is_lead else no(_("Only the lead of the desk shares it with everybody."))


def may_edit_own_or_shared(user: User, owner_id: int | None) -> Decision:
    """One's own views and prepared answers; those of all are the lead's to change."""
    if owner_id is None:
        return may_share(user)
    return YES if owner_id == user.pk and user.is_desk else no(_("It belongs to somebody else."))

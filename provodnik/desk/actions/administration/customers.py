"""Customers, their people, contracts, subsystems (R4, R12, I4, I6, I8, I12)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from provodnik.accounts import actions as accounts
from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.accounts.queries import find_by_typed
from provodnik.core.decisions import Refused, require
from provodnik.desk.models import Contact, Contract, Customer, Subsystem
from provodnik.desk.policies import may_administer


def save_customer(customer: Customer, *, by: User, at: datetime) -> Customer:
    """A domain leads to one customer: a letter from there belongs to nobody else."""
    require(may_administer(by))
    with transaction.atomic():
        others = Customer.objects.filter(domains__overlap=customer.domains)
        other = (others.exclude(pk=customer.pk) if customer.pk else others).first() if customer.domains else None
        if other is not None:
            common = ", ".join(sorted(set(other.domains) & set(customer.domains)))
            reason = _("%(domains)s belongs to the customer «%(name)s».") % {"domains": common, "name": other.name}
            raise Refused(reason, field="domains")
        return journal.keep(customer, by=by, at=at)


def switch_customer(customer: Customer, *, on: bool, by: User, at: datetime) -> Customer:
    """Serve a customer or stop. Its requests and people stay; its people no longer see anything."""
    require(may_administer(by))
    customer.is_active = on
    verb = "switched_on" if on else "switched_off"
    return journal.keep(customer, by=by, at=at, fields=["is_active"], verb=verb)


def save_contact(contact: Contact, *, by: User, at: datetime) -> Contact:
    """A contact's account follows: the e-mail it signs in with, and its end when the person has left."""
    require(may_administer(by))
    with transaction.atomic():
        before = Contact.objects.select_for_update().filter(pk=contact.pk).first() if contact.pk else None
        contact = journal.keep(contact, by=by, at=at)
        user = contact.user
        if user is None or before is None or user.roles:
            return contact  # whoever works at the desk is kept among the accounts, not here
        if before.email == user.email and contact.email != user.email:
            accounts.change_user(
                user, login=_new_login(user, contact), email=contact.email, full_name=user.full_name, roles=[],
                by=by, at=at,
            )  # fmt: skip
        if before.is_active and not contact.is_active:
            accounts.switch_off(user, by=by, at=at)
        elif contact.is_active and not before.is_active:
            accounts.switch_on(user, by=by, at=at)
        return contact


def _new_login(user: User, contact: Contact) -> str:
    """Where the login was the e-mail, it stays the e-mail."""
    return contact.email if user.login == user.email and contact.email else user.login


def invite_contact(contact: Contact, *, by: User, at: datetime) -> bool:
    """In one step: an account for the contact (or the one that has his e-mail already), the link between them, the
    invitation. Returns whether a letter goes out: not to one who has a password already."""
    require(may_administer(by))
    with transaction.atomic():
        contact = Contact.objects.select_for_update(of=("self",)).select_related("user", "customer").get(pk=contact.pk)
        if not contact.is_active or not contact.customer.is_active:
            raise Refused(_("The person or the customer is switched off."))
        if contact.user is None:
            if not contact.email:
                raise Refused(_("Write the person's e-mail first: the invitation goes there."))
            known = find_by_typed(contact.email)
            if known is None:
                contact.user = accounts.add_user(
                    login=contact.email, email=contact.email, full_name=contact.name, roles=[], by=by, at=at
                )
                journal.keep(contact, by=by, at=at, fields=["user"], verb="linked")
                return True
            _link(contact, known, by=by, at=at)
        user = contact.user
        if user is None or user.has_usable_password():
            return False
        accounts.invite(user, by=by, at=at)
        return True


def _link(contact: Contact, user: User, *, by: User, at: datetime) -> None:
    taken = Contact.objects.filter(user=user).exclude(pk=contact.pk).select_related("customer").first()
    if taken is not None:
        reason = _("This account belongs to %(name)s (%(customer)s).") % {
            "name": taken.name,
            "customer": taken.customer,
        }
        raise Refused(reason, field="login")
    contact.user = user
    journal.keep(contact, by=by, at=at, fields=["user"], verb="linked")


def link_contact(contact: Contact, *, typed: str, by: User, at: datetime) -> None:
    """Let an account that exists already see the requests of this contact."""
    require(may_administer(by))
    user = find_by_typed(typed)
    if user is None:
        raise Refused(_("There is no such account."), field="login")
    with transaction.atomic():
        _link(Contact.objects.select_for_update().get(pk=contact.pk), user, by=by, at=at)


def unlink_contact(contact: Contact, *, by: User, at: datetime) -> None:
    """The account stays, but sees nothing of the customer any more (I12)."""
    require(may_administer(by))
    with transaction.atomic():
        contact = Contact.objects.select_for_update().get(pk=contact.pk)
        contact.user = None
        journal.keep(contact, by=by, at=at, fields=["user"], verb="unlinked")


def save_contract(contract: Contract, *, by: User, at: datetime) -> Contract:
    """One contract of a customer at a time. Raises Refused naming the one whose days overlap."""
    require(may_administer(by))
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=contract.customer_id)
        others = Contract.objects.filter(customer=contract.customer)
        for other in others.exclude(pk=contract.pk) if contract.pk else others:
            if _overlap(contract, other):
                raise Refused(_told_overlap(other), field="starts_on")
        edited = contract.pk is not None
        contract = journal.keep(contract, by=by, at=at)
        if edited:  # the deadlines of its open requests follow (desk.schedule)
            Contract.objects.filter(pk=contract.pk).update(recounted=False)
        return contract


def _overlap(one: Contract, other: Contract) -> bool:
    """Both days of a contract are included; without an end it lasts."""
    first_ends, second_ends = one.ends_on or date.max, other.ends_on or date.max
    return one.starts_on <= second_ends and other.starts_on <= first_ends


def _told_overlap(other: Contract) -> str:
    if other.ends_on is None:
        return _("Contract %(number)s is in force from %(start)s without an end. End it first.") % {
            "number": other.number,
            "start": f"{other.starts_on:%d.%m.%Y}",
        }
    return _("Contract %(number)s is in force from %(start)s to %(end)s: the days overlap.") % {
        "number": other.number,
        "start": f"{other.starts_on:%d.%m.%Y}",
        "end": f"{other.ends_on:%d.%m.%Y}",
    }


def save_subsystem(subsystem: Subsystem, *, by: User, at: datetime) -> Subsystem:
    require(may_administer(by))
    return journal.keep(subsystem, by=by, at=at)

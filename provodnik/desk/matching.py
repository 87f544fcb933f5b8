"""Who wrote a letter, and which request it belongs to: the strongest evidence first, and never on a stranger's word.

1. A signed token: our own Message-ID in In-Reply-To or References, or the reply address.
2. An id that we know: of a letter of ours, or of an earlier letter of the same request from the sender's side.
3. `[#N]` in the subject, only when the sender belongs to the customer of request N.

Ids of unknown letters join nothing. A token shows that somebody saw our letter, not who he is: a sender who does not
belong to the request is heard as an unsure one, and so is somebody of the desk who writes from his own mailbox: no
letter ever counts as the desk's word (safety A06).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower

from provodnik.channels.email import Understood, Verdict, identity
from provodnik.channels.email.mailboxes import domain_of
from provodnik.channels.models import Outgoing
from provodnik.channels.outgoing import token_key
from provodnik.core.text import LONGEST_EMAIL, one_line
from provodnik.desk.models import Contact, Customer, Merge, Message, Ticket

_REFERENCES = 100


@dataclass(frozen=True, slots=True)
class Sender:
    """`email` is "" when nobody can be written to at it. `failed`: the own mail server says it is not from there."""

    name: str
    email: str
    contact: Contact | None
    customer: Customer | None
    failed: bool


@dataclass(frozen=True, slots=True)
class Match:
    """`sure`: the sender belongs to the request."""

    ticket: Ticket
    sure: bool


def is_failed(verdict: Verdict) -> bool:
    """The own mail server checked the sender and found him false (RFC 8601)."""
    if verdict.authenticated or not verdict.source:
        return False
    return verdict.dmarc == "fail" or verdict.dkim == "fail" or verdict.spf in ("fail", "softfail")


@dataclass(slots=True)
class Known:
    """What a group of letters is recognised by, asked for once: contacts by address, customers by domain."""

    contacts: dict[str, Contact]
    customers: dict[str, Customer | None] = field(default_factory=dict)

    def customer_of(self, domain: str) -> Customer | None:
        if domain not in self.customers:
            self.customers[domain] = _customer_of(domain)
        return self.customers[domain]


def known_at(emails: Collection[str]) -> Known:
    contacts = contacts_at(emails)
    domains = {domain_of(email): None for email in emails if email.lower() not in contacts}
    known = Known(contacts, dict[str, Customer | None](domains))
    claimed: set[str] = set()
    for customer in Customer.objects.filter(is_active=True, domains__overlap=list(domains)) if domains else ():
        for domain in domains.keys() & set(customer.domains):
            known.customers[domain] = None if domain in claimed else customer  # of two, nobody can say
            claimed.add(domain)
    return known


def sender_of(letter: Understood, *, own: Collection[str], known: Known) -> Sender:
    """The contact by address; else the customer by the domain of the address, in whom a new contact begins: a person,
    that is; a robot does not become one. `own`: addresses of our mailboxes; `known`: `known_at` of the senders, to
    which a new contact is added."""
    failed = is_failed(letter.verdict)
    email = _usable(letter.sender.email)
    name = one_line(letter.sender.name or letter.sender.email, 200)
    if not email or email in own:
        return Sender(name, "", None, None, failed)
    contact = known.contacts.get(email)
    if contact is not None:
        living = contact.is_active and contact.customer.is_active
        return Sender(name, email, contact if living else None, contact.customer if living else None, failed)
    customer = None if failed else known.customer_of(domain_of(email))
    if customer is None or letter.is_automatic or letter.is_list or letter.bounce is not None:
        return Sender(name, email, None, customer, failed)
    contact = _new_contact(customer, email, name)
    if contact is not None:
        known.contacts[email] = contact
    return Sender(name, email, contact, customer, failed)


def contacts_at(emails: Collection[str]) -> dict[str, Contact]:
    """Contacts by their address in lower case, whether active or not."""
    # not iexact: only LOWER() of a non-empty address has an index
    rows = Contact.objects.select_related("customer", "user").annotate(lower=Lower("email"))
    return {row.lower: row for row in rows.exclude(email="").filter(lower__in=[one.lower() for one in emails])}


def _usable(email: str) -> str:
    """The address, if a letter can be sent to it and a row can hold it."""
    try:
        validate_email(email)
        MaxLengthValidator(LONGEST_EMAIL)(email)
    except ValidationError:
        return ""
    return email.lower()


def _customer_of(domain: str) -> Customer | None:
    """The one customer that has the domain; of two, nobody can say."""
    found = list(Customer.objects.filter(is_active=True, domains__contains=[domain])[:2])
    return found[0] if len(found) == 1 else None


def _new_contact(customer: Customer, email: str, name: str) -> Contact | None:
    try:
        with transaction.atomic():
            return Contact.objects.create(customer=customer, email=email, name=name)
    except IntegrityError:
        return contacts_at([email]).get(email)  # another letter of the same person was first


def belongs(sender: Sender, ticket: Ticket) -> bool:
    """He is the one whom answers go to, or of the same customer."""
    if sender.email and sender.email == ticket.contact_email.lower():
        return True
    return sender.customer is not None and sender.customer.pk == ticket.customer_id


def match(letter: Understood, sender: Sender) -> Match | None:
    """The request that the letter belongs to, by the order above."""
    by_token = _existing(identity.tickets_in(letter, token_key()))
    if by_token is not None:
        return Match(goes_on(by_token), belongs(sender, by_token))
    ids = list(dict.fromkeys([*letter.in_reply_to, *reversed(letter.references)]))[:_REFERENCES]
    by_id = _existing(_of_our_letters(ids)) if ids else None
    if by_id is not None:
        return Match(goes_on(by_id), belongs(sender, by_id))
    if ids:
        for earlier in _of_their_letters(ids):
            if belongs(sender, earlier):
                return Match(goes_on(earlier), True)
    named = suggested(letter)
    if named is not None and belongs(sender, named):
        return Match(goes_on(named), True)
    return None


def goes_on(ticket: Ticket) -> Ticket:
    """The request itself, or the one that it was merged into: an answer to the old number lands there."""
    if ticket.closed_at is None:
        return ticket
    merge = Merge.objects.select_related("target__contract", "target__customer").filter(pk=ticket.pk).first()
    return merge.target if merge is not None else ticket


def suggested(letter: Understood) -> Ticket | None:
    """The request that the subject names: a hint for a specialist, when it is no proof."""
    number = identity.subject_number(letter.subject)
    return _existing([number]) if number is not None else None


def _existing(numbers: Sequence[int]) -> Ticket | None:
    if not numbers:
        return None
    found = Ticket.objects.select_related("contract", "customer").in_bulk(numbers)
    return next((found[number] for number in numbers if number in found), None)


def _of_our_letters(ids: Sequence[str]) -> list[int]:
    rows = dict(Outgoing.objects.filter(message_id__in=ids).values_list("message_id", "about"))
    abouts = [rows[one].split(":") for one in ids if one in rows]
    return [int(about[1]) for about in abouts if len(about) > 1 and about[0] == "ticket" and about[1].isdecimal()]


def _of_their_letters(ids: Sequence[str]) -> list[Ticket]:
    """Requests that earlier letters of the senders' side, answered or continued by this one, belong to."""
    messages = Message.objects.filter(inbound__message_id__in=ids, inbound__duplicate_of=None)
    numbers = messages.order_by("-pk").values_list("ticket_id", flat=True)[:20]
    found = Ticket.objects.select_related("contract", "customer").in_bulk(list(numbers))
    return list(found.values())

"""One line of a file: what it would become, and making it so."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.articles.actions import writing
from provodnik.articles.models import Article, Section
from provodnik.core.text import one_line
from provodnik.desk.actions.administration.customers import save_contact
from provodnik.desk.actions.past import Past, take_over
from provodnik.desk.models import Contact, Customer, Ticket
from provodnik.transfer.reading.files import renamed, told
from provodnik.transfer.reading.values import Found, Mistake, PastArticle, PastContact, PastRequest
from provodnik.transfer.states import Outcome

# One name space for the form ids of everything that was taken over: the same line of the same desk has the same one.
KEYS = uuid.UUID("b1a1c8f2-6f0b-5d0e-9a38-5b7f3f0c6e41")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a line."""

    outcome: Outcome
    words: str = ""
    thing: int | None = None
    files: int = 0
    missing: int = 0


@dataclass(slots=True)
class Taker:
    """Judges lines; with `really`, makes what is new. `source`: the other desk."""

    source: str
    by: User
    at: datetime
    really: bool

    def verdict(self, external: str, found: Found) -> Verdict:
        """Raises Refused for what the desk itself does not take."""
        if isinstance(found, Mistake):
            return Verdict(Outcome.REFUSED, found.words)
        if isinstance(found, PastContact):
            return self._contact(found)
        if isinstance(found, PastRequest):
            return self._request(external, found)
        return self._article(external, found)

    def _with_files(self, made: Verdict, found: PastRequest | PastArticle) -> Verdict:
        """The same verdict, with what became of the line's files."""
        count = found.count if isinstance(found, PastRequest) else len(found.files)
        return replace(made, words=told(found.missing), files=count, missing=len(found.missing))

    def _key(self, kind: str, external: str) -> uuid.UUID:
        return uuid.uuid5(KEYS, f"{self.source}\x00{kind}\x00{external}")

    def _made(self, make: Callable[[], int]) -> Verdict:
        return Verdict(Outcome.NEW, thing=make() if self.really else None)

    def _contact(self, found: PastContact) -> Verdict:
        known = Contact.objects.filter(email__iexact=found.email).first()
        if known is not None:
            return Verdict(Outcome.KNOWN, thing=known.pk)
        customer = customer_of(found.customer, found.email)
        if customer is None:
            return Verdict(Outcome.REFUSED, _nobody(found.customer))
        contact = Contact(
            customer=customer,
            name=one_line(found.name, 200),
            email=found.email,
            phone=one_line(found.phone, 40),
            position=one_line(found.position, 200),
        )
        return self._made(lambda: save_contact(contact, by=self.by, at=self.at).pk)

    def _request(self, external: str, found: PastRequest) -> Verdict:
        key = self._key("request", external)
        known = Ticket.objects.filter(key=key).values_list("pk", flat=True).first()
        if known is not None:
            return Verdict(Outcome.KNOWN, thing=known)
        contact = _contact_by(found.requester_email)
        customer = contact.customer if contact is not None else customer_of(found.customer, found.requester_email)
        if found.customer and customer is None:
            return Verdict(Outcome.REFUSED, _nobody(found.customer))
        past = Past(
            source=self.source,
            number=found.number,
            subject=found.subject,
            text=found.text,
            opened_at=found.opened_at,
            closed_at=found.closed_at,
            priority=found.priority,
            requester_name=found.requester_name,
            requester_email=found.requester_email,
            contact=contact,
            customer=customer,
            messages=found.messages,
            files=found.files,
        )
        return self._with_files(self._made(lambda: take_over(past, key=key).pk), found)

    def _article(self, external: str, found: PastArticle) -> Verdict:
        key = self._key("article", external)
        known = Article.objects.filter(key=key).values_list("pk", flat=True).first()
        if known is not None:
            return Verdict(Outcome.KNOWN, thing=known)
        section = Section.objects.filter(name__iexact=found.section).first() if found.section else None
        if found.section and section is None:
            return Verdict(
                Outcome.REFUSED, _("There is no section “%(name)s”: add it first.") % {"name": found.section}
            )
        if len(found.files) > writing.MOST_FILES:
            return Verdict(Outcome.REFUSED, _("An instruction has at most %(n)s files.") % {"n": writing.MOST_FILES})
        facts = writing.Settings(section=section)
        return self._with_files(self._made(lambda: self._drafted(found, facts, key)), found)

    def _drafted(self, found: PastArticle, facts: writing.Settings, key: uuid.UUID) -> int:
        """A draft with its files; its text calls the pictures by the keys that they have got here."""
        made = writing.start(writing.Copy(found.title, found.text), facts, key=key, by=self.by, at=self.at)
        if found.files:
            kept = writing.attach(made.pk, found.files, by=self.by, at=self.at)
            text = renamed(found.text, {name: str(kept[place].pk) for name, place in found.pictures.items()})
            writing.change(made.pk, writing.Copy(found.title, text), None, by=self.by, at=self.at)
        return made.pk


def _contact_by(email: str) -> Contact | None:
    if not email:
        return None
    return Contact.objects.select_related("customer").filter(email__iexact=email).order_by("-is_active", "pk").first()


def customer_of(name: str, email: str) -> Customer | None:
    """By its name or short name; without one, by the domain of the address."""
    if name:
        named = Customer.objects.filter(name__iexact=name) | Customer.objects.filter(short_name__iexact=name)
        return named.order_by("pk").first()
    domain = email.rpartition("@")[2].lower()
    return Customer.objects.filter(domains__contains=[domain]).order_by("pk").first() if domain else None


def _nobody(name: str) -> str:
    if not name:
        return _("It is not said whose it is, and no customer has this mail domain.")
    return _("There is no customer “%(name)s”: add it first.") % {"name": name[:100]}

"""Two customers, their people, the desk, and one of everything: for the tests that ask who may reach what.

Everything of customer A holds the word CANARY_A, everything of B CANARY_B, what is for the desk alone CANARY_NOTE.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from provodnik.accounts import tokens
from provodnik.accounts.models import User
from provodnik.accounts.queries import session_name
from provodnik.channels import intake as ledger
from provodnik.channels.models import Channel, InboundState, Mailbox, Outgoing
from provodnik.desk import intake
from provodnik.desk.actions import work
from provodnik.desk.actions.base import NewFile
from provodnik.desk.models import Attachment, CalendarException, Contact, Message, ProductionDay, Ticket
from provodnik.desk.tests.factories import (
    PASSWORD,
    AdministratorFactory,
    CalendarFactory,
    ContactFactory,
    ContractFactory,
    CustomerFactory,
    LeadFactory,
    MailboxFactory,
    SignedInContactFactory,
    SpecialistFactory,
    SubsystemFactory,
    UserFactory,
    make_ticket,
)
from provodnik.notify.models import Notice
from tests import rows
from tests.rowwords import STAFF

CANARY_A, CANARY_B, CANARY_NOTE = "канарейкааз", "канарейкабуки", "канарейкаведи"
CANARY_OWNER = "канарейкаглаголь"  # in the requester's own request alone: not even for a colleague of his customer
CANARY_BLAMED = "канарейкадобро"  # in a complaint about the specialist: not for him (docs/adr/0021)
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
WORD = "ведомость"  # in every request: what a stranger would search for
MISSING = 10**9
MISSING_KEY = uuid.UUID("00000000-0000-4000-8000-000000000000")


def routes() -> dict[str, str]:
    """Every named route of the URL configuration: its name with its namespace → its address as a pattern."""
    found: dict[str, str] = {}

    def walk(resolver: URLResolver, names: str, address: str) -> None:
        for one in resolver.url_patterns:
            if isinstance(one, URLResolver):
                walk(one, f"{names}{one.namespace}:" if one.namespace else names, address + str(one.pattern))
            elif isinstance(one, URLPattern):
                found[f"{names}{one.name}" if one.name else f"(no name) {address}{one.pattern}"] = address + str(
                    one.pattern
                )

    walk(get_resolver(), "", "/")
    return found


@dataclass
class World:
    """`people`: who asks, by the names of tests/matrix.py. `things[route]`: the arguments of each object of a route."""

    people: dict[str, User | None] = field(default_factory=dict)
    things: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    own: Ticket = field(default=None)  # type: ignore[assignment]
    foreign: Ticket = field(default=None)  # type: ignore[assignment]
    blaming: Ticket = field(default=None)  # type: ignore[assignment]
    clients: dict[str, Client] = field(default_factory=dict)

    def client(self, person: str) -> Client:
        return self.clients[person]


def letter(mailbox: Mailbox, canary: str, sender: str, number: int) -> int:
    """A letter that became a request; the id of its row in the ledger."""
    raw = (
        f"From: =?utf-8?q?X?= <{sender}>\r\nTo: {mailbox.address}\r\nMessage-ID: <canary{number}@x.example>\r\n"
        f"Subject: {WORD} {canary}\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: 8bit\r\n\r\n<p>{WORD} <b>{canary}</b></p>\r\n"
    )
    row = ledger.take_raw(mailbox, raw.encode(), envelope_from=sender, now=timezone.now())
    intake.accept(row.pk)
    return row.pk


def _ticket(contact: Contact, canary: str, specialist: User) -> Ticket:
    now = timezone.now() - timedelta(hours=1)
    ticket = make_ticket(
        contact=contact,
        at=now,
        subject=f"{WORD} {canary}",
        text=f"Не печатается {WORD}: {canary}.",
        files=[NewFile(f"{canary}.png", "image/png", PNG)],
    )
    work.note(
        ticket.pk,
        text=f"Это видит служба: {CANARY_NOTE}.",
        by=specialist,
        at=now,
        files=[NewFile(f"{CANARY_NOTE}.png", "image/png", PNG)],
    )
    return ticket


def _message_with_letter(mailbox: Mailbox, canary: str, sender: str, number: int) -> Message:
    return Message.objects.get(inbound_id=letter(mailbox, canary, sender, number))


def build() -> World:
    """Everything, made by the real actions."""
    world = World()
    customer_a = CustomerFactory.create(name=f"Чистая вода {CANARY_A}")
    customer_b = CustomerFactory.create(name=f"Тихий Дон {CANARY_B}")
    contract = ContractFactory.create(customer=customer_a, calendar=None)

    def person(customer: Any, canary: str, **more: Any) -> Contact:
        return SignedInContactFactory.create(customer=customer, organisation=canary, **more)

    requester, colleague, coordinator = (
        person(customer_a, CANARY_A),
        person(customer_a, CANARY_A),
        person(customer_a, CANARY_A, is_coordinator=True),
    )
    other, other_coordinator = person(customer_b, CANARY_B), person(customer_b, CANARY_B, is_coordinator=True)
    former, off = person(customer_a, CANARY_A), person(customer_a, CANARY_A)
    specialist = SpecialistFactory.create()
    world.people = {
        "anonymous": None,
        "requester": requester.user,
        "colleague": colleague.user,
        "coordinator": coordinator.user,
        "other_requester": other.user,
        "other_coordinator": other_coordinator.user,
        "ex_contact": former.user,
        "switched_off": off.user,
        "specialist": specialist,
        "lead": LeadFactory.create(),
        "administrator": AdministratorFactory.create(),
        **{name: UserFactory.create() for name in STAFF},
    }
    world.own = _ticket(requester, f"{CANARY_A} {CANARY_OWNER}", specialist)
    world.foreign = _ticket(other, CANARY_B, specialist)
    world.blaming = make_ticket(contact=requester, subject=f"Жалоба {CANARY_BLAMED}", text=f"Это {CANARY_BLAMED}.")
    Ticket.objects.filter(pk=world.blaming.pk).update(complains_of=world.own, complains_about=specialist)
    formers = _ticket(former, f"{CANARY_A} бывший", specialist)
    for name, user in world.people.items():
        client = Client()
        if user is not None:
            client.force_login(user)
        world.clients[name] = client
    # After they have signed in: the one has left his customer, the other was switched off.
    Contact.objects.filter(pk=former.pk).update(is_active=False)
    User.objects.filter(pk=off.user_id).update(is_active=False)
    _things(world, requester, other, formers, contract, MailboxFactory.create())
    for part in rows.modules():
        world.things |= part.things(world)
    return world


def _attachment(ticket: Ticket, *, note: bool = False) -> uuid.UUID:
    kinds = Attachment.objects.filter(message__ticket=ticket)
    return (kinds.filter(message__kind="note") if note else kinds.exclude(message__kind="note")).get().pk


def _things(world: World, requester: Contact, other: Contact, formers: Ticket, contract: Any, mailbox: Mailbox) -> None:
    number = {
        "own": {"number": world.own.pk},
        "foreign": {"number": world.foreign.pk},
        "ex_contacts": {"number": formers.pk},
        "missing": {"number": MISSING},
    }
    for route in ("requests:show", "requests:receipt", "requests:answer", "requests:withdraw", "requests:rate",
                  "desk:ticket", "desk:say", "desk:take", "desk:confirm", "desk:contact"):  # fmt: skip
        world.things[route] = number
    blaming = {"number": world.blaming.pk}
    for route in ("desk:ticket", "desk:say", "desk:take", "desk:confirm", "desk:contact"):
        world.things[route] = {**number, "blaming": blaming}
    world.things["desk:edit"] = {name: {**values, "what": "priority"} for name, values in number.items()}
    files = {
        "own": {"key": _attachment(world.own)},
        "foreign": {"key": _attachment(world.foreign)},
        "note": {"key": _attachment(world.own, note=True)},
        "missing": {"key": MISSING_KEY},
    }
    world.things |= {"files:download": files, "files:preview": files}
    by_letter = {
        "own": {"message_id": _message_with_letter(mailbox, CANARY_A, requester.email, 1).pk},
        "foreign": {"message_id": _message_with_letter(mailbox, CANARY_B, other.email, 2).pk},
        "missing": {"message_id": MISSING},
    }
    world.things |= {"files:letter": by_letter, "files:letter_page": by_letter}
    notices = [
        Notice.objects.create(user=contact.user, key="k", text=word, url="/requests/", at=timezone.now())
        for contact, word in ((requester, CANARY_OWNER), (other, CANARY_B))
    ]
    world.things["notify:follow"] = {
        "own": {"notice_id": notices[0].pk},
        "foreign": {"notice_id": notices[1].pk},
        "missing": {"notice_id": MISSING},
    }
    world.things["accounts:end_session"] = {
        "own": {"name": _session_of(world, "requester")},
        "foreign": {"name": _session_of(world, "other_requester")},
        "missing": {"name": "0" * 20},
    }
    account = UserFactory.create(email="new@chv.example")
    for route, purpose in (("reset", tokens.Purpose.RESET), ("welcome", tokens.Purpose.INVITATION)):
        world.things[f"accounts:{route}"] = {
            "living": {"token": tokens.make(account, purpose)},
            "missing": {"token": "no-such-token"},
        }
    _administered(world, requester, contract, mailbox)


def _session_of(world: World, person: str) -> str:
    return session_name(str(world.clients[person].session.session_key))


def _administered(world: World, requester: Contact, contract: Any, mailbox: Mailbox) -> None:
    calendar = CalendarFactory.create()
    exception = CalendarException.objects.create(calendar=calendar, date=timezone.localdate(), spans=[])
    day = ProductionDay.objects.create(date="2031-03-08", kind="holiday")
    waiting = ledger.take_raw(
        mailbox, f"Subject: {CANARY_B}\r\n\r\n{CANARY_B}".encode(), envelope_from="x@x.example", now=timezone.now()
    )
    type(waiting).objects.filter(pk=waiting.pk).update(
        state=InboundState.QUARANTINED, reason=CANARY_B, settled_at=timezone.now()
    )
    out = Outgoing.objects.create(
        channel=Channel.EMAIL, key="matrix", recipient="x@x.example", subject=CANARY_B, text=CANARY_B,
        message_id="<matrix@x.example>", state="dead", error=CANARY_B, created_at=timezone.now(),
    )  # fmt: skip
    unlinked = ContactFactory.create(customer=requester.customer)
    user = UserFactory.create()
    user.set_password(PASSWORD)
    user.save()
    there = {
        "customer": requester.customer_id, "edit_customer": requester.customer_id,
        "switch_customer": requester.customer_id, "add_contact": requester.customer_id,
        "add_contract": requester.customer_id, "contact": unlinked.pk, "invite_contact": unlinked.pk,
        "link_contact": unlinked.pk, "unlink_contact": requester.pk, "contract": contract.pk,
        "subsystem": SubsystemFactory.create().pk, "calendar": calendar.pk, "remove_calendar": calendar.pk,
        "add_exception": calendar.pk, "exception": exception.pk, "remove_exception": exception.pk,
        "production_day": day.pk, "remove_production_day": day.pk, "mailbox": mailbox.pk,
        "check_mailbox": mailbox.pk, "test_letter": mailbox.pk, "letter": waiting.pk, "raw_letter": waiting.pk,
        "retry_letter": waiting.pk, "retry_outgoing": out.pk, "user": user.pk, "invite_user": user.pk,
        "switch_user": user.pk, "sign_out_user": user.pk,
    }  # fmt: skip
    for route, pk in there.items():
        world.things[f"settings:{route}"] = {"there": {"pk": pk}, "missing": {"pk": MISSING}}

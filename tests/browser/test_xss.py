"""Whatever a stranger writes, in subject, text, name, file name or the HTML of a letter, is shown and never runs
(safety A04): no script, no request to another host, no address that would run when clicked. The same of every page
there is: test_every_page.py."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from provodnik.accounts.models import User
from provodnik.channels import intake as ledger
from provodnik.channels.models import Channel, Inbound, InboundState, Mailbox
from provodnik.desk import intake
from provodnik.desk.actions import incoming, work
from provodnik.desk.actions.base import NewFile
from provodnik.desk.actions.incoming import Said
from provodnik.desk.forms.files import safe_name
from provodnik.desk.models import Contact, Message, Ticket
from provodnik.desk.tests.factories import (
    AdministratorFactory,
    CustomerFactory,
    MailboxFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)
from tests.browser.watch import Watch
from tests.vectors import SCRIPTS

pytestmark = pytest.mark.browser
TOGETHER = 60  # vectors on one page


def groups() -> list[tuple[str, ...]]:
    return [SCRIPTS[start : start + TOGETHER] for start in range(0, len(SCRIPTS), TOGETHER)]


def letter(mailbox: Mailbox, sender: str, number: int, vectors: tuple[str, ...]) -> Inbound:
    message = EmailMessage()
    message["From"] = f"x <{sender}>"
    message["To"] = mailbox.address
    message["Message-ID"] = f"<xss{number}@x.example>"
    message["Subject"] = vectors[0].replace("\n", " ").replace("\r", " ").replace("\x0b", " ")
    message.set_content("ведомость")
    message.add_alternative("\n".join(f"<div><p>{one}</p></div>" for one in vectors), subtype="html")
    row = ledger.take_raw(mailbox, message.as_bytes(), envelope_from=sender, now=timezone.now())
    intake.accept(row.pk)
    row.refresh_from_db()
    return row


class Hostile:
    """A desk whose every text was written by somebody hostile."""

    def __init__(self) -> None:
        self.specialist: User = SpecialistFactory.create(full_name=SCRIPTS[24])
        self.administrator: User = AdministratorFactory.create(full_name=SCRIPTS[0])
        customer = CustomerFactory.create(name=SCRIPTS[1][:200])
        self.requester: Contact = SignedInContactFactory.create(
            customer=customer, name=SCRIPTS[24], organisation=SCRIPTS[26], position=SCRIPTS[27], is_coordinator=True
        )
        self.long: list[Ticket] = []
        now = timezone.now() - timedelta(hours=1)
        for number, vectors in enumerate(groups()):
            self.long.append(self._conversation(number, vectors, now))
        for vector in SCRIPTS:
            make_ticket(contact=self.requester, at=now, subject=vector, text=f"ведомость {vector}")
        mailbox = MailboxFactory.create(name=SCRIPTS[24][:100])
        rows = [letter(mailbox, f"x{n}@x.example", n, vectors) for n, vectors in enumerate(groups())]
        self.letters = list(Message.objects.filter(inbound__in=rows).exclude(html=""))
        quarantined = rows[-1]
        Inbound.objects.filter(pk=quarantined.pk).update(
            state=InboundState.QUARANTINED, reason=SCRIPTS[24], subject=SCRIPTS[26], sender=SCRIPTS[0][:320]
        )
        self.quarantined = quarantined

    def _conversation(self, number: int, vectors: tuple[str, ...], now: Any) -> Ticket:
        ticket = make_ticket(
            contact=self.requester,
            at=now,
            subject=vectors[0],
            text="ведомость",
            files=[NewFile(safe_name(vectors[1]), vectors[2][:100], b"x")],
        )
        for one, vector in enumerate(vectors):
            said = Said(
                text=vector,
                channel=Channel.EMAIL,
                contact=self.requester,
                author_name=vector,
                quoted=vector,
                files=[NewFile(safe_name(vector), "text/html", vector.encode())],
            )
            incoming.hear(ticket.pk, said, key=_key(number, one), at=now)
        work.note(ticket.pk, text="\n".join(vectors), by=self.specialist, at=now)
        work.reply(ticket.pk, text="\n".join(vectors), by=self.specialist, at=now)
        return ticket


def _key(number: int, one: int) -> Any:
    return uuid.UUID(int=number * 1000 + one + 1)


@pytest.fixture
def hostile(page: Page) -> Hostile:
    return Hostile()


def test_nothing_that_strangers_wrote_runs(
    page: Page, live_server: Any, sign_in: Callable[[Page, User], None], hostile: Hostile
) -> None:
    assert len(SCRIPTS) >= 200
    watch = Watch(page)
    look = watch.look

    numbers = [ticket.pk for ticket in hostile.long]
    sign_in(page, hostile.specialist)
    for address in (
        reverse("desk:queue"),
        f"{reverse('desk:queue')}?view=all",
        f"{reverse('desk:search')}?q=ведомость",
        f"{reverse('desk:search')}?q={SCRIPTS[24]}",
        *(reverse("desk:ticket", args=[number]) for number in numbers),
        *(reverse("files:letter_page", args=[message.pk]) for message in hostile.letters),
    ):
        look(address)
    assert hostile.requester.user is not None
    sign_in(page, hostile.requester.user)
    for address in (
        f"{reverse('requests:index')}?scope=company",
        f"{reverse('requests:index')}?q=ведомость",
        f"{reverse('requests:index')}?q={SCRIPTS[24]}",
        reverse("requests:new"),
        *(f"{reverse('requests:show', args=[number])}?all=1" for number in numbers),
        reverse("requests:receipt", args=[numbers[0]]),
        reverse("notify:index"),
    ):
        look(address)
    sign_in(page, hostile.administrator)
    for address in (
        reverse("settings:letters"),
        reverse("settings:letter", args=[hostile.quarantined.pk]),
        reverse("settings:customers"),
        reverse("settings:customer", args=[hostile.requester.customer_id]),
        reverse("settings:contact", args=[hostile.requester.pk]),
        reverse("settings:users"),
        reverse("settings:outgoing"),
        reverse("settings:mailboxes"),
        reverse("settings:journal"),
    ):
        look(address)
    assert not watch.ran, "\n".join(watch.ran)

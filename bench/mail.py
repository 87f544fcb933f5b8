"""Letters taken in by one intake from a real IMAP server: fetched, kept whole, read in the limited process, made
requests. What is to be told to their senders waits as jobs, as always."""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime

from django.utils import timezone

from bench.words import Author
from provodnik.channels import intake
from provodnik.channels.models import Inbound, InboundState, Mailbox, Security
from provodnik.desk.intake import accept_all
from provodnik.desk.models import Ticket
from tests.servers.dovecot import Dovecot

LETTERS = 1500
WITH_FILE = 0.1
FILE_BYTES = 40_000


@dataclass(frozen=True)
class Intake:
    """`wrong`: letters that did not become exactly one request."""

    letters: int
    seconds: float
    wrong: int

    @property
    def a_second(self) -> float:
        return self.letters / self.seconds


def letters(count: int) -> list[bytes]:
    """Ordinary letters of many people: text and HTML, every tenth with a file."""
    author, chance = Author(7), random.Random(7)
    made = []
    for no in range(count):
        letter = EmailMessage()
        letter["From"] = f"Полевая Мария <person{no % 40}.{no // 40 % 20}@vk{no % 40}.example>"
        letter["To"] = "Поддержка <support@desk.example>"
        letter["Subject"] = author.sentence(3, 8)
        letter["Date"] = format_datetime(timezone.now())
        letter["Message-ID"] = f"<{no}.{chance.getrandbits(60)}@vk.example>"
        text = author.text()
        letter.set_content(f"Здравствуйте!\n\n{text}\n\n-- \nС уважением, Мария\n")
        letter.add_alternative(f"<p>Здравствуйте!</p><p>{text}</p><p>С уважением, <b>Мария</b></p>", subtype="html")
        if chance.random() < WITH_FILE:
            content = base64.b64encode(chance.randbytes(FILE_BYTES * 3 // 4))
            letter.add_attachment(content, maintype="image", subtype="png", filename="снимок.png")
        made.append(letter.as_bytes())
    return made


def measure(say: Callable[[str], None], count: int = LETTERS) -> Intake:
    say(f"{count} letters wait in a mailbox")
    server = Dovecot()
    try:
        server.pour("support", letters(count))
        server.start()
        mailbox = _mailbox(server)
        before = Ticket.objects.count()
        known = set(Inbound.objects.values_list("pk", flat=True))
        started = time.monotonic()
        taken = intake.fetch(mailbox, now=timezone.now(), accept=accept_all)
        seconds = time.monotonic() - started
    finally:
        server.remove()
        Mailbox.objects.update(is_active=False)
    if taken.error:
        raise RuntimeError(f"the mailbox was not read: {taken.error}")
    stored = Inbound.objects.exclude(pk__in=known).filter(state=InboundState.STORED).count()
    made = Ticket.objects.count() - before
    return Intake(taken.kept, seconds, abs(count - stored) + abs(count - made))


def _mailbox(server: Dovecot) -> Mailbox:
    Mailbox.objects.filter(address="support@desk.example").update(uidvalidity=None)
    mailbox, _made = Mailbox.objects.update_or_create(
        address="support@desk.example",
        defaults={
            "name": "Поддержка",
            "imap_host": "127.0.0.1",
            "imap_port": server.port,
            "imap_security": Security.NONE,
            "imap_username": "support",
        },
    )
    mailbox.imap_password = server.password
    mailbox.save()
    return mailbox

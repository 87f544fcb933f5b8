"""Where the letters of the demo land: each is kept for the mail page; those to the desk also go in to it."""

from __future__ import annotations

from django.utils import timezone

from provodnik.channels.email.parse import addresses
from provodnik.channels.email.parse.headers import read_headers
from provodnik.channels.models import Mailbox
from provodnik.core import files
from provodnik.core.text import one_line
from provodnik.demo.models import DemoLetter
from provodnik.desk.intake import take_raw

HEADERS = 64 * 1024  # bytes of a letter that its line in the list is read from


def deliver(*, envelope_from: str, recipients: list[str], raw: bytes) -> None:
    """Keep a letter that the demo's mail server has been offered.

    `envelope_from` may be "" (a bounce); `recipients` has one address at least; `raw` is the letter as it
    came, at most 25 MB. Raises when it cannot be kept: the sender is then told to try again (452).
    """
    now = timezone.now()
    # First the desk: its ledger knows a letter that is offered again, the list of letters does not.
    for mailbox in desk_mailboxes(recipients):
        take_raw(mailbox, raw, envelope_from=envelope_from, now=now)
    headers, _start = read_headers(raw, 0, min(len(raw), HEADERS))
    sender = next((one.email for one in addresses.read(headers, "from")[0] if one.email), "")
    DemoLetter.objects.create(
        envelope_from=one_line(envelope_from, 320),
        recipients=sorted({one_line(recipient.lower(), 320) for recipient in recipients}),
        raw=files.keep(raw),
        sender=one_line(sender, 320),
        subject=one_line(headers.decoded("subject", 500), 500),
        at=now,
    )


def desk_mailboxes(recipients: list[str]) -> list[Mailbox]:
    """Mailboxes of the desk among the recipients; what stands after a plus belongs to the same mailbox (RFC 5233)."""
    plain = {plain_address(recipient) for recipient in recipients}
    return list(Mailbox.objects.filter(address__in=plain, is_active=True))


def plain_address(address: str) -> str:
    local, at, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"

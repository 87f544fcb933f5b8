"""A letter from one of the demo's people: by real SMTP to the demo's own server, so that the whole way is walked."""

from __future__ import annotations

import smtplib
import uuid
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from django.utils import timezone

from provodnik.channels.models import Mailbox
from provodnik.demo.people import SUPPORT

PATIENCE = 10.0  # seconds


class NotSent(Exception):
    """The demo's mail server does not answer, or does not want the letter."""


def written(
    *,
    sender: tuple[str, str],
    to: str,
    subject: str,
    text: str,
    at: datetime,
    key: uuid.UUID,
    in_reply_to: str = "",
    references: Sequence[str] = (),
) -> bytes:
    """The letter as a mail program would write it. The same `key` gives the same Message-ID."""
    letter = EmailMessage(policy=SMTP)
    letter["From"] = formataddr(sender)
    letter["To"] = to
    letter["Subject"] = subject
    letter["Date"] = format_datetime(timezone.localtime(at))
    letter["Message-ID"] = f"<{key}@{sender[1].rpartition('@')[2]}>"
    if in_reply_to:
        letter["In-Reply-To"] = in_reply_to
        letter["References"] = " ".join(dict.fromkeys([*references, in_reply_to]))
    letter.set_content(text, cte="base64")
    return letter.as_bytes()


def send(raw: bytes, *, sender: str, to: str) -> None:
    """Raises NotSent."""
    mailbox = Mailbox.objects.filter(address=SUPPORT).exclude(smtp_host="").first()
    if mailbox is None:
        raise NotSent
    try:
        with smtplib.SMTP(mailbox.smtp_host, mailbox.smtp_port, timeout=PATIENCE) as server:
            server.sendmail(sender, [to], raw)
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent from error

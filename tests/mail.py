"""Letters and mailboxes for tests of mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any

from procrastinate.contrib.django import app

from provodnik.channels.models import Mailbox, Security
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpCatcher


def letter(
    text: str = "Показания не сохраняются.\n",
    *,
    sender: str = "Анна Петрова <anna@voda.example>",
    to: str = "support@desk.example",
    subject: str = "Не сохраняются показания",
    message_id: str | None = None,
    reply_to_ids: str = "",
    references: str = "",
    headers: dict[str, str] | None = None,
    files: tuple[tuple[str, bytes], ...] = (),
) -> bytes:
    """A letter as a mail program writes it."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime(2026, 11, 23, 6, 0, tzinfo=UTC))
    message["Message-ID"] = message_id or make_msgid(domain="voda.example")
    if reply_to_ids:
        message["In-Reply-To"] = reply_to_ids
        message["References"] = references or reply_to_ids
    elif references:
        message["References"] = references
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content(text)
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes().replace(b"\n", b"\r\n")


def mailbox_on(
    imap: Dovecot | None = None,
    user: str = "",
    smtp: SmtpCatcher | None = None,
    *,
    address: str = "support@desk.example",
    **fields: Any,
) -> Mailbox:
    """A mailbox on the servers of the tests."""
    box = Mailbox(name="Поддержка", address=address, **fields)
    if imap is not None:
        box.imap_host, box.imap_port, box.imap_security = "127.0.0.1", imap.port, Security.NONE
        box.imap_username, box.imap_password = user, imap.password
    if smtp is not None:
        box.smtp_host, box.smtp_port, box.smtp_security = "127.0.0.1", smtp.port, Security.NONE
    box.save()
    return box


def run_jobs(now: Callable[[], None] | None = None) -> None:
    """Do what waits, and what that asks for, until nothing waits: a worker in this very process."""
    with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
        worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False, delete_jobs="always")

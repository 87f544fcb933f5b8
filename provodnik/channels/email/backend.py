"""Django's way to send mail (password resets, invitations) leads into the same queue as every other letter."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from provodnik.channels import outgoing


class OutgoingBackend(BaseEmailBackend):
    """Queues within the current transaction; one row for each recipient. Attachments are not carried."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            for recipient in message.recipients():
                _queue(message, recipient)
        return len(email_messages)


def _queue(message: EmailMessage, recipient: str) -> None:
    html = ""
    if isinstance(message, EmailMultiAlternatives):
        html = next((str(body) for body, kind in message.alternatives if kind == "text/html"), "")
    serial = uuid.uuid4().hex
    mailbox = outgoing.sending_mailbox()
    outgoing.send_later(
        key=f"django:{serial}",
        recipient=recipient,
        subject=str(message.subject),
        text=str(message.body),
        html=html,
        at=timezone.now(),
        mailbox=mailbox,
        message_id=outgoing.message_id_for(kind="account", number=0, serial=serial, mailbox=mailbox),
    )

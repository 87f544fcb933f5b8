"""What a robot says about a request: kept where it belongs, and nothing more happens (safety A08).

An absence notice is no answer: it neither marks the request «получен ответ» nor reopens it, and nobody is told.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils.translation import gettext as _

from provodnik.channels.models import Channel
from provodnik.desk.actions.base import changing, record, settle, write_message
from provodnik.desk.actions.incoming import Said
from provodnik.desk.models import EventKind, Message, MessageKind, Ticket


def overhear(number: int, said: Said, *, key: uuid.UUID, at: datetime) -> Ticket:
    """Keep a robot's letter in its request. The same `key` again changes nothing."""
    with changing(number) as ticket:
        if Message.objects.filter(key=key).exists():
            return ticket
        write_message(
            ticket,
            MessageKind.ANSWER,
            text=said.text,
            at=at,
            channel=said.channel,
            contact=said.contact,
            author_name=said.author_name,
            files_in=said.files,
            key=key,
            quoted=said.quoted,
            html=said.html,
            inbound=said.inbound,
            verdict={**said.verdict, "automatic": True},
        )
        settle(ticket, at=at)
        return ticket


def not_delivered(number: int, *, recipient: str, reason: str, permanent: bool, at: datetime) -> None:
    """A letter about the request came back, or is held up on its way."""
    with changing(number) as ticket:
        record(
            ticket,
            EventKind.UNDELIVERED,
            at=at,
            by=None,
            by_name=str(_("Mail server")),
            recipient=recipient,
            error=reason,
            permanent=permanent,
            channel=Channel.EMAIL.value,
        )
        settle(ticket, at=at)

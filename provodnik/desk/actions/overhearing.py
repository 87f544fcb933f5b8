"""What a robot says about a request: kept where it belongs, and nothing more happens (safety A08).

An absence notice is no answer: it neither marks the request «получен ответ» nor reopens it, and nobody is told.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from provodnik.channels.models import Channel
from provodnik.desk.actions.base import changing, settle
from provodnik.desk.actions.incoming import Said, keep_said
from provodnik.desk.announce.facts import note
from provodnik.desk.models import EventKind, Message, Ticket


def overhear(number: int, said: Said, *, key: uuid.UUID, at: datetime) -> Ticket:
    """Keep a robot's letter in its request. The same `key` again changes nothing."""
    with changing(number) as ticket:
        if Message.objects.filter(key=key).exists():
            return ticket
        keep_said(ticket, replace(said, verdict={**said.verdict, "automatic": True}), key, at)
        settle(ticket, at=at)
        return ticket


def not_delivered(number: int, *, recipient: str, letter: str, reason: str, permanent: bool, at: datetime) -> None:
    """A letter about the request is held up on its way. `letter`: its kind, "closed", "reply", …"""
    # like every fact of carrying it disturbs nobody who writes on the request's page
    note(
        number,
        EventKind.UNDELIVERED,
        at=at,
        recipient=recipient,
        letter=letter,
        error=reason,
        permanent=permanent,
        channel=Channel.EMAIL.value,
    )

"""What the lessons share: forms as a browser sends them, letters as they come, and what is told of it."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.channels.models import Inbound, Mailbox, Outgoing
from provodnik.desk import announce, intake
from provodnik.desk.models import TicketEvent
from tests.world import World

# Markup that a list of forbidden words forgets.
MARKUP = (
    "<img src=x onerror=alert(1)>", "<details open ontoggle=alert(1)>", "<svg onload=alert(1)>",
    '"><script src=//evil.example></script>', "<style>*{background:url(//evil.example)}</style>",
)  # fmt: skip


def feedback(**more: Any) -> dict[str, Any]:
    typed = {"key": str(uuid.uuid4()), "impact": "question", "text": "Не печатается.", "contact_email": "a@chv.example"}
    return {**typed, **more}


def person(world: World, name: str) -> User:
    found = world.people[name]
    assert found is not None
    return found


def last_event() -> int:
    return TicketEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]


def tell_everything(since: int) -> list[Outgoing]:
    """Everybody is told of every fact after event `since`; the letters that are written for it."""
    known = set(Outgoing.objects.values_list("pk", flat=True))
    for event in TicketEvent.objects.filter(pk__gt=since).order_by("pk"):
        announce.tell.func(event.pk)
    return list(Outgoing.objects.exclude(pk__in=known))


def take_in(raw: bytes, sender: str) -> Inbound:
    box = Mailbox.objects.order_by("pk")[0]
    return intake.take_raw(box, raw, envelope_from=sender, now=timezone.now())

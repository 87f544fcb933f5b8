"""What is sent: facts with numbers and ids. Names and texts only where the subscription was given them."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from django.conf import settings

from provodnik.desk.models import TicketEvent
from provodnik.hooks.states import FACTS, PING

VERSION = 1
# Facts of an event that are plain codes and numbers.
_PLAIN = ("old", "new", "priority", "type", "resolution", "due", "old_due", "new_due", "rating", "number")


def of_event(event: TicketEvent, delivery: uuid.UUID, *, with_details: bool) -> str:
    """The JSON of a fact; `event` with its ticket, customer, assignee and message at hand."""
    ticket = event.ticket
    told: dict[str, Any] = {
        "version": VERSION,
        "id": str(delivery),
        "event": FACTS[event.kind],
        "event_id": event.pk,
        "at": event.at.isoformat(),
        "request": {
            "number": ticket.pk,
            "url": f"{settings.BASE_URL}/api/v1/desk/requests/{ticket.pk}",
            "status": event.status_to or ticket.status,
            "priority": ticket.priority,
            "type": ticket.type,
            "resolution": ticket.resolution or None,
            "due_at": ticket.due_at.isoformat(),
            "customer": ticket.customer_id,
            "contact": ticket.contact_id,
            "subsystem": ticket.subsystem_id,
            "assignee": ticket.assignee_id,
            "revision": ticket.revision,
        },
        "data": {name: event.data[name] for name in _PLAIN if name in event.data and _is_plain(event, name)},
    }
    if with_details:
        told["details"] = {
            "subject": ticket.subject,
            "requester": ticket.requester_name,
            "contact_email": ticket.contact_email,
            "customer": str(ticket.customer) if ticket.customer_id else "",
            "assignee": str(ticket.assignee) if ticket.assignee_id else "",
            "by": str(event.by) if event.by_id else event.by_name,
            "text": event.message.text if event.message_id and event.message and event.message.is_public else "",
        }
    return json.dumps(told, ensure_ascii=False)


def _is_plain(event: TicketEvent, name: str) -> bool:
    """A change of customer or section keeps names under `old` and `new`."""
    return name not in ("old", "new") or event.kind in ("priority", "type", "assigned")


def of_ping(delivery: uuid.UUID, at: datetime) -> str:
    return json.dumps({"version": VERSION, "id": str(delivery), "event": PING, "at": at.isoformat()})

"""What a delivery may be, and which facts are told outside. Plain tables, no Django."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class DeliveryState(StrEnum):
    """PENDING waits for its turn or its next try; DELIVERED was answered 2xx; PARKED was given up: a person sends it
    again or leaves it."""

    PENDING = "pending"
    DELIVERED = "delivered"
    PARKED = "parked"


# Kind of a fact of the desk → its name outside. Notes and what the desk does with itself are nobody else's.
FACTS: Mapping[str, str] = MappingProxyType(
    {
        "registered": "request.registered",
        "taken": "request.taken",
        "asked": "request.asked",
        "answered": "request.answered",
        "replied": "request.replied",
        "closed": "request.closed",
        "withdrawn": "request.withdrawn",
        "reopened": "request.reopened",
        "assigned": "request.assigned",
        "priority": "request.priority",
        "type": "request.type",
        "subsystem": "request.subsystem",
        "customer": "request.customer",
        "continued": "request.continued",
        "rated": "request.rated",
        "warned": "request.deadline_near",
        "overdue": "request.overdue",
    }
)
PING = "ping"  # what the button «Проверить» sends

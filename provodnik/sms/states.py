"""The pure rules of messages to phones. Plain values, no Django."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class State(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"


# Pauses before the second, third … try. What a code is good for ten minutes nobody wants an hour later.
PAUSES = (timedelta(seconds=20), timedelta(minutes=1), timedelta(minutes=3), timedelta(minutes=15), timedelta(hours=1))
LASTS = {"code": timedelta(minutes=10), "reset": timedelta(hours=1)}
LASTS_OTHERWISE = timedelta(days=1)
KEPT = timedelta(days=90)


def masked(number: str) -> str:
    """«+7 912 ···-··-89»: enough for the owner of the journal, too little to call."""
    digits = number.lstrip("+")
    return f"+{digits[:4]}···{digits[-2:]}" if len(digits) > 7 else "···"


def good_until_after(kind: str) -> timedelta:
    return LASTS.get(kind, LASTS_OTHERWISE)

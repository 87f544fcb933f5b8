"""Invitations that came with a letter, as a card shows them (RFC 5545: VEVENT)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MOST = 5  # cards of one message


@dataclass(frozen=True, slots=True)
class Card:
    """`cancelled`: the meeting was called off; without `starts` the calendar said nothing readable of it."""

    summary: str
    starts: datetime | None
    ends: datetime | None
    all_day: bool
    location: str
    organizer: str
    cancelled: bool


def cards(verdict: Mapping[str, Any]) -> list[Card]:
    """The cards of a message from what was kept of its letter; what is not of the expected shape is left out."""
    kept = verdict.get("invitations")
    found = []
    for row in kept[:MOST] if isinstance(kept, list) else []:
        if isinstance(row, dict):
            found.append(
                Card(
                    summary=str(row.get("summary") or ""),
                    starts=_moment(row.get("starts")),
                    ends=_moment(row.get("ends")),
                    all_day=bool(row.get("all_day")),
                    location=str(row.get("location") or ""),
                    organizer=str(row.get("organizer") or ""),
                    cancelled=str(row.get("method") or "").upper() == "CANCEL",
                )
            )
    return found


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None

"""What a person may be besides a requester. Plain names, no Django."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """SPECIALIST works on requests, LEAD answers for the desk, ADMINISTRATOR keeps customers, mailboxes and users."""

    SPECIALIST = "specialist"
    LEAD = "lead"
    ADMINISTRATOR = "administrator"


DESK_ROLES = frozenset({Role.SPECIALIST, Role.LEAD})

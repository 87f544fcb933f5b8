"""Decisions: may this be done? Yes, or no with a reason that a person can read.

A page greys its button and shows the reason, the API answers 403 with it, an action enforces it by `require`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Decision:
    """True when allowed; `reason` says why not, in the reader's language."""

    allowed: bool
    reason: str | Promise = ""

    def __bool__(self) -> bool:
        return self.allowed


YES = Decision(True)


def no(reason: str | Promise) -> Decision:
    return Decision(False, reason)


class Refused(Exception):
    """An action was asked for that a decision or a rule forbids; nothing was changed."""

    def __init__(self, reason: str | Promise, field: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field  # the input field that the reason speaks of, where there is one

    def __str__(self) -> str:
        return str(self.reason)


class ChangedMeanwhile(Refused):
    """Somebody else changed the thing since the page was read (safety F58)."""


def require(decision: Decision) -> None:
    if not decision:
        raise Refused(decision.reason)

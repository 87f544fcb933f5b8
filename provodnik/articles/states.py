"""Where an article stands, and for whom it is. Plain tables, no Django."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """A DRAFT was never published; WITHDRAWN was, and readers see it no more."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Audience(StrEnum):
    """Who reads it once it is published: every account, people of the chosen customers, the desk alone."""

    EVERYONE = "everyone"
    CUSTOMERS = "customers"
    DESK = "desk"


class Kind(StrEnum):
    """What R5 names: an instruction tells the steps, a memo what to remember."""

    INSTRUCTION = "instruction"
    MEMO = "memo"


# Publishing what is published makes its next version and is no move.
MOVES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.DRAFT: frozenset({State.PUBLISHED}),
        State.PUBLISHED: frozenset({State.WITHDRAWN}),
        State.WITHDRAWN: frozenset({State.PUBLISHED}),
    }
)


def is_legal(old: State | str, new: State | str) -> bool:
    """Whether an article may go from one state to the other."""
    return State(new) in MOVES[State(old)]

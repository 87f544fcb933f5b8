"""What R7 names, as plain tables: kinds of works, their states and legal moves. No Django here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from provodnik.core.versions import FORM


class Kind(StrEnum):
    """R7: «плановые профилактические работы», «срочные работы», «аварийная ситуация»."""

    PLANNED = "planned"
    URGENT = "urgent"
    INCIDENT = "incident"


class State(StrEnum):
    """Where a work stands. A draft is known to those alone who lead works."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    GOING = "going"
    ENDED = "ended"
    CANCELLED = "cancelled"


# Nothing ends by its time alone: a person says that it is over, a job only reminds him.
MOVES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.DRAFT: frozenset({State.ANNOUNCED, State.GOING, State.CANCELLED}),
        State.ANNOUNCED: frozenset({State.GOING, State.CANCELLED}),
        State.GOING: frozenset({State.ENDED}),
        State.ENDED: frozenset(),
        State.CANCELLED: frozenset(),
    }
)
CURRENT: tuple[State, ...] = (State.ANNOUNCED, State.GOING)
PAST: tuple[State, ...] = (State.ENDED, State.CANCELLED)

RELEASE = FORM  # R2: «X.Y» of a stable release, «X.Y.Z» of an update to it


def is_legal(old: State | str, new: State | str) -> bool:
    """Whether the table allows the move; staying is not a move."""
    try:
        return State(new) in MOVES[State(old)]
    except ValueError:
        return False


def is_release(text: str) -> bool:
    """Whether it is a number of R2."""
    return RELEASE.fullmatch(text) is not None


def is_late(kind: Kind | str, *, told: datetime, starts: datetime, notice: timedelta) -> bool:
    """Whether planned works are told of later than `notice` before their start. Urgent works and incidents are
    «внеплановые» by R7: they cannot be late. The regulation itself names no period: it is the installation's own."""
    return Kind(kind) is Kind.PLANNED and starts - told < notice


def diagram() -> str:
    """The legal moves as a Mermaid state diagram, in the order of declaration."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.DRAFT.value}"]
    lines += [f"    {old.value} --> {new.value}" for old in State for new in State if is_legal(old, new)]
    lines += [f"    {one.value} --> [*]" for one in PAST]
    return "\n".join(lines) + "\n"

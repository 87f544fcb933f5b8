"""Whose word counts for a field: 1C, the directory (LDAP) or a correction by hand. Pure rules over plain values.

A row keeps beside its fields who gave each value (`Person.sources` and its like). When values come in, `merge` says
what changes, what contradicts a hand's correction and must be shown to a person instead, and what is settled. No
exchange silently overwrites a correction by hand (issue «People»; cabinet B0 «Truth»).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provodnik.people.states import Source

EMPTY = (None, "")

# Fields of which the directory knows better than 1C: where somebody sits and how he is reached at work.
DIRECTORY_FIELDS = frozenset({"work_phone", "work_email", "room"})


@dataclass(frozen=True, slots=True)
class Stored:
    """A value as it is kept. `source` is None where nobody is known to have given it."""

    value: Any
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """An exchange says `offered`, a hand has written `kept`: the value stays, a person decides."""

    field: str
    kept: Any
    offered: Any


@dataclass(frozen=True, slots=True)
class Merged:
    """`changes`: {field: new value}; `sources`: {field: whose it is from now on}, of changed fields and of those whose
    correction the exchange has caught up with; `conflicts`: kept against the exchange; `settled`: fields without a
    contradiction (a conflict that was noted of them is over); `outranked`: fields whose master is another exchange."""

    changes: dict[str, Any] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    outranked: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether the row must be written."""
        return bool(self.changes or self.sources)


def master_of(name: str) -> Source:
    """Which of the two exchanges knows a field better."""
    return Source.LDAP if name in DIRECTORY_FIELDS else Source.ONEC


def _same(one: Any, other: Any) -> bool:
    return one == other or (one in EMPTY and other in EMPTY)


def merge(stored: Mapping[str, Stored], incoming: Mapping[str, Any], source: Source) -> Merged:
    """What becomes of a row when `source` says `incoming`. Fields that it does not speak of stay as they are; an empty
    incoming value is a word too («there is none any more»).

    A hand always wins over an exchange and is never overwritten by one; the field's master wins over the other
    exchange; an empty place takes what comes. Nothing depends on how often the same is said."""
    found = Merged()
    for name, value in incoming.items():
        kept = stored.get(name, Stored(None))
        if _same(kept.value, value):
            _agree(found, name, kept, source)
        elif _may_write(name, kept, source):
            found.changes[name] = value
            found.sources[name] = source
            found.settled.append(name)
        elif kept.source is Source.HAND:
            found.conflicts.append(Conflict(name, kept.value, value))
        else:
            found.outranked.append(name)
    return found


def _agree(found: Merged, name: str, kept: Stored, source: Source) -> None:
    """Both say the same. A correction that the field's master now repeats is proved: it is the master's again."""
    found.settled.append(name)
    caught_up = kept.source is Source.HAND and source is master_of(name)
    if (kept.source is None and kept.value not in EMPTY) or caught_up:
        found.sources[name] = source


def _may_write(name: str, kept: Stored, source: Source) -> bool:
    if source is Source.HAND or kept.source in (None, source):
        return True
    if kept.source is Source.HAND:
        return False
    return kept.value in EMPTY or source is master_of(name)

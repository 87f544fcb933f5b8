"""What differs between two texts, line by line and word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

MOST_LINES = 3000
LONGEST_LINE = 2000  # characters within which words are compared
AROUND = 2  # unchanged lines shown on each side of a change
_PIECE = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line. `kind`: "same", "gone" or "new"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """`kind`: "same", "gone", "new" or "skipped" (then `count` unchanged lines are left out)."""

    kind: str
    pieces: tuple[Piece, ...] = ()
    count: int = 0


def compare(old: str, new: str) -> list[Line]:
    """The lines of both, the gone before the new; long unchanged stretches are left out."""
    before, after = old.splitlines()[:MOST_LINES], new.splitlines()[:MOST_LINES]
    lines: list[Line] = []
    groups = SequenceMatcher(None, before, after).get_opcodes()
    for at, (verb, i, i2, j, j2) in enumerate(groups):
        if verb == "equal":
            lines += _kept(before[i:i2], first=at == 0, last=at == len(groups) - 1)
        elif verb == "replace" and i2 - i == j2 - j:
            for one, other in zip(before[i:i2], after[j:j2], strict=True):
                lines += _words(one, other)
        else:
            lines += [Line("gone", (Piece("gone", text),)) for text in before[i:i2]]
            lines += [Line("new", (Piece("new", text),)) for text in after[j:j2]]
    return lines


def differing(old: str, new: str) -> list[Line]:
    """What differs; nothing where nothing does."""
    return compare(old, new) if old != new else []


def _kept(same: list[str], *, first: bool, last: bool) -> Iterator[Line]:
    head, tail = (0 if first else AROUND), (0 if last else AROUND)
    hidden = len(same) - head - tail
    if hidden <= 1:
        yield from (Line("same", (Piece("same", text),)) for text in same)
        return
    yield from (Line("same", (Piece("same", text),)) for text in same[:head])
    yield Line("skipped", count=hidden)
    yield from (Line("same", (Piece("same", text),)) for text in same[len(same) - tail :])


def _words(old: str, new: str) -> list[Line]:
    if len(old) > LONGEST_LINE or len(new) > LONGEST_LINE:
        return [Line("gone", (Piece("gone", old),)), Line("new", (Piece("new", new),))]
    before, after = _PIECE.findall(old), _PIECE.findall(new)
    gone: list[Piece] = []
    come: list[Piece] = []
    for verb, i, i2, j, j2 in SequenceMatcher(None, before, after).get_opcodes():
        if i2 > i:
            gone.append(Piece("same" if verb == "equal" else "gone", "".join(before[i:i2])))
        if j2 > j:
            come.append(Piece("same" if verb == "equal" else "new", "".join(after[j:j2])))
    return [Line("gone", tuple(gone)), Line("new", tuple(come))]

"""The deadline's track: pieces laid along it so that each can be seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

GAP = 0.6  # per cent between two pieces
THIN = 1.2  # the least width at which a piece can be seen


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of the track, in per cent of its width."""

    kind: str
    x: str
    width: str


def track_bars(segments: Iterable[tuple[str, float]]) -> list[Bar]:
    """Pieces (kind, weight) laid along the track; kinds: ran, stood, left, over. Weights are any one unit."""
    pieces = [(kind, float(weight)) for kind, weight in segments if float(weight) > 0]
    total = sum(weight for _kind, weight in pieces)
    if not pieces or total <= 0:
        return []
    room = 100 - GAP * (len(pieces) - 1)
    widths = [max(THIN, weight / total * room) for _kind, weight in pieces]
    scale = room / sum(widths)
    bars, x = [], 0.0
    for (kind, _weight), width in zip(pieces, widths, strict=True):
        bars.append(Bar(kind, f"{x:.2f}%", f"{width * scale:.2f}%"))
        x += width * scale + GAP
    return bars

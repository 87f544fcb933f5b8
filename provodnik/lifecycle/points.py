"""Named points in what must survive being killed (after PostgreSQL's injection points).

Between two points nothing lasting happens that the next one does not know of, so a sweep that ends the process at each
of them, one after another, has seen every state that a power cut can leave behind. Outside such a sweep a point costs
a comparison.
"""

from __future__ import annotations

from collections.abc import Callable

reached: Callable[[str], None] | None = None  # set by the sweeps of tests/faults alone


def point(name: str) -> None:
    """Tell whoever listens that the work has come this far."""
    if reached is not None:
        reached(name)

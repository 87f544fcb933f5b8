"""How long to wait for the next try, and when to give up. Plain arithmetic."""

from __future__ import annotations

from datetime import datetime, timedelta

PATIENCE = timedelta(days=3)  # since the first failure of a delivery
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 21_600))
LONGEST_ASKED = timedelta(hours=6)  # what a Retry-After may ask for


def pause(failures: int) -> timedelta:
    """After so many failures in a row, at least one."""
    return PAUSES[min(max(failures, 1), len(PAUSES)) - 1]


def next_try(
    *, failures: int, first_failed: datetime, now: datetime, asked: timedelta | None = None
) -> datetime | None:
    """When to try again; None: it is given up. `asked`: the receiver's own Retry-After."""
    if now - first_failed >= PATIENCE:
        return None
    wait = pause(failures)
    if asked is not None:
        wait = max(wait, min(asked, LONGEST_ASKED))
    return now + wait

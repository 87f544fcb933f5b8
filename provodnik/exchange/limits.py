"""The thresholds: when a person must be asked before an exchange goes on («уволит 90 % — отказ»). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from provodnik.exchange.states import Stop


@dataclass(frozen=True, slots=True)
class Would:
    """What a batch would do in one organisation. `working`: places of work open now; `before`: dismissed by an exchange
    within the last day already, so that a thousand small batches are judged like one large one."""

    organisation: int
    working: int
    dismissed: int
    before: int
    changed: int


@dataclass(frozen=True, slots=True)
class Allowed:
    """Shares in per cent; `least`: so many people never stop anything."""

    dismissals: int = 10
    changes: int = 50
    least: int = 5


def stops(would: Would, allowed: Allowed) -> list[tuple[Stop, int, int, int]]:
    """(rule, how many, of how many, the limit in per cent) for each threshold that is exceeded."""
    found = []
    gone, crowd = would.dismissed + would.before, would.working + would.before
    if would.dismissed and gone > allowed.least and gone * 100 > allowed.dismissals * crowd:
        found.append((Stop.DISMISSALS, gone, crowd, allowed.dismissals))
    if would.changed > allowed.least and would.changed * 100 > allowed.changes * would.working:
        found.append((Stop.CHANGES, would.changed, would.working, allowed.changes))
    return found

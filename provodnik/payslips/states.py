"""The few fixed lists of payslips, and a batch's legal moves. Plain names, no Django."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Pay(StrEnum):
    """Which payslip of a month it is, as 1C says: of the first half, the final one (the one that art. 136 TK asks for),
    or of a payment between the pay days."""

    FIRST = "first"
    FINAL = "final"
    BETWEEN = "between"


class Group(StrEnum):
    """The four groups of art. 136 TK: parts of the wage, other accruals, deductions with their grounds, payments."""

    PAY = "pay"
    OTHER = "other"
    DEDUCTION = "deduction"
    PAYMENT = "payment"


class BatchState(StrEnum):
    """What is to be done with the payslips of a batch that nobody has seen yet. LOADED: somebody must check them;
    CHECKED: the accountant has compared the totals; SCHEDULED: a moment is set; PUBLISHING; PUBLISHED: none is left."""

    LOADED = "loaded"
    CHECKED = "checked"
    SCHEDULED = "scheduled"
    PUBLISHING = "publishing"
    PUBLISHED = "published"


# What arrives while a batch is in any state but PUBLISHING leads back to LOADED: it was not checked.
MOVES: Mapping[BatchState, frozenset[BatchState]] = {
    BatchState.LOADED: frozenset({BatchState.CHECKED}),
    BatchState.CHECKED: frozenset({BatchState.SCHEDULED, BatchState.LOADED}),
    BatchState.SCHEDULED: frozenset({BatchState.PUBLISHING, BatchState.CHECKED, BatchState.LOADED}),
    BatchState.PUBLISHING: frozenset({BatchState.PUBLISHED, BatchState.LOADED}),
    BatchState.PUBLISHED: frozenset({BatchState.LOADED}),
}


class VersionState(StrEnum):
    """LOADED: nobody but the accountant sees it; PUBLISHED: its worker reads it, also after a correction; REPLACED: a
    correction came before it was published; WITHDRAWN: taken back with a reason, its sums are shown to its worker no
    more."""

    LOADED = "loaded"
    PUBLISHED = "published"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


class Happened(StrEnum):
    """What the history of a batch tells."""

    LOADED = "loaded"
    CHECKED = "checked"
    SCHEDULED = "scheduled"
    UNSCHEDULED = "unscheduled"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    PRINTED = "printed"


class Looked(StrEnum):
    """How an accountant came to see a payslip: on a page, as a file, in a printed pack."""

    PAGE = "page"
    FILE = "file"
    PACK = "pack"


class PackState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"

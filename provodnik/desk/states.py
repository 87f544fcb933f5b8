"""What the regulation names, as plain tables: statuses and their legal moves, priorities, types, resolutions.

No Django here: models, forms, database constraints, the drawn diagram and the tests all read these tables.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType


class Status(StrEnum):
    """Where a request stands (R10)."""

    CREATED = "created"
    IN_PROGRESS = "in_progress"
    CLARIFICATION = "clarification"
    DONE = "done"


class Priority(StrEnum):
    """How grave it is (R5); declared from the gravest down."""

    URGENT = "urgent"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """Place in a queue: 0 is the gravest."""
        return PRIORITY_RANK[self]


class TicketType(StrEnum):
    """What is asked for (R8)."""

    DEFECT = "defect"
    QUESTION = "question"


class Resolution(StrEnum):
    """How it ended: the five of R11, then the refusal of R12 and the withdrawal of R15 (both I5)."""

    SOLVED = "solved"
    NOT_REPRODUCED = "not_reproduced"
    USER_ERROR = "user_error"
    INFRASTRUCTURE = "infrastructure"
    COMPLAINT = "complaint"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Impact(StrEnum):
    """What the user says happened to him, in his own plain words (I7)."""

    NOTHING_WORKS = "nothing_works"
    CANNOT_ENTER = "cannot_enter"
    CANNOT_GET = "cannot_get"
    QUESTION = "question"


INITIAL = Status.CREATED

# I11: every other move is refused, in the interface, in the API and in the database.
MOVES: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.CREATED: frozenset({Status.IN_PROGRESS, Status.CLARIFICATION, Status.DONE}),
        Status.IN_PROGRESS: frozenset({Status.CLARIFICATION, Status.DONE}),
        Status.CLARIFICATION: frozenset({Status.IN_PROGRESS, Status.DONE}),
        Status.DONE: frozenset({Status.IN_PROGRESS}),  # I6: reopening
    }
)

OPEN_STATUSES: tuple[Status, ...] = (Status.CREATED, Status.IN_PROGRESS, Status.CLARIFICATION)

PRIORITY_RANK: Mapping[Priority, int] = MappingProxyType({p: rank for rank, p in enumerate(Priority)})

# I7 by the definitions of R5: what the system proposes; a specialist confirms or changes it.
PROPOSALS: Mapping[Impact, tuple[TicketType, Priority]] = MappingProxyType(
    {
        Impact.NOTHING_WORKS: (TicketType.DEFECT, Priority.URGENT),
        Impact.CANNOT_ENTER: (TicketType.DEFECT, Priority.HIGH),
        Impact.CANNOT_GET: (TicketType.DEFECT, Priority.MEDIUM),
        Impact.QUESTION: (TicketType.QUESTION, Priority.LOW),
    }
)

# R12; a contract may set its own (I4).
DEFAULT_ALLOWANCES: Mapping[Priority, timedelta] = MappingProxyType(
    {
        Priority.URGENT: timedelta(hours=12),
        Priority.HIGH: timedelta(hours=24),
        Priority.MEDIUM: timedelta(hours=48),
        Priority.LOW: timedelta(hours=96),
    }
)

# A complaint about the work (R11) has a time of its own, whatever its priority; a contract may set its own.
DEFAULT_COMPLAINT_ALLOWANCE = timedelta(hours=24)

# I6: days in which a reply to a closed request reopens it; a contract may set its own.
DEFAULT_REOPEN_DAYS = 7

# What a specialist may choose (R11), the refusal for one priority only (I5, see allowed_resolutions).
SPECIALIST_RESOLUTIONS: tuple[Resolution, ...] = (
    Resolution.SOLVED,
    Resolution.NOT_REPRODUCED,
    Resolution.USER_ERROR,
    Resolution.INFRASTRUCTURE,
    Resolution.COMPLAINT,
    Resolution.REFUSED,
)

# I5: «Решена» demands the solution, the others an explanation; the user who withdraws owes nobody a reason.
EXPLANATION_REQUIRED: frozenset[Resolution] = frozenset(Resolution) - {Resolution.WITHDRAWN}


def is_legal(old: Status | str, new: Status | str) -> bool:
    """Whether I11 allows the move; an unknown status allows and admits none, and staying is not a move."""
    try:
        return Status(new) in MOVES[Status(old)]
    except ValueError:
        return False


def allowed_resolutions(priority: Priority | str) -> tuple[Resolution, ...]:
    """What a specialist may close a request of this priority with: a refusal for «Низкий» alone (R12, I5)."""
    if Priority(priority) is Priority.LOW:
        return SPECIALIST_RESOLUTIONS
    return tuple(r for r in SPECIALIST_RESOLUTIONS if r is not Resolution.REFUSED)


def diagram() -> str:
    """The legal moves as a Mermaid state diagram, in the order of declaration, so that it can be compared."""
    lines = ["stateDiagram-v2", f"    [*] --> {INITIAL.value}"]
    lines += [f"    {old.value} --> {new.value}" for old in Status for new in Status if is_legal(old, new)]
    lines += [f"    {Status.DONE.value} --> [*]"]
    return "\n".join(lines) + "\n"

"""The few fixed lists of people. Plain names, no Django."""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """Where the value of a field came from. HAND is a person of the installation: no exchange writes over it."""

    ONEC = "onec"
    LDAP = "ldap"
    HAND = "hand"


class EmploymentKind(StrEnum):
    """Kinds of work in 1C:ZUP: основное место, внутреннее and внешнее совместительство, договор ГПХ."""

    MAIN = "main"
    INTERNAL = "internal"
    EXTERNAL = "external"
    CONTRACT = "contract"


class DecisionKind(StrEnum):
    """What a deputy may decide for whom he stands in. Payslips are no decision and can never be in this list: the
    database refuses any other word (art. 136 TK; cabinet B2)."""

    LEAVE = "leave"
    ABSENCE = "absence"
    DOCUMENTS = "documents"
    REQUESTS = "requests"


class StaffRole(StrEnum):
    """What somebody is for one organisation besides an employee: personnel (кадры) or payroll accountant."""

    HR = "hr"
    PAYROLL = "payroll"


class Happened(StrEnum):
    """Kinds of lines in the history of people (PeopleEvent)."""

    ADDED = "added"
    CHANGED = "changed"
    CORRECTED = "corrected"
    MOVED = "moved"
    HIRED = "hired"
    TRANSFERRED = "transferred"
    DISMISSED = "dismissed"
    RETURNED = "returned"
    CLOSED = "closed"
    LINKED = "linked"
    UNLINKED = "unlinked"
    ROLE_GIVEN = "role_given"
    ROLE_TAKEN = "role_taken"
    HEAD_SET = "head_set"
    DEPUTY_SET = "deputy_set"
    DEPUTY_ENDED = "deputy_ended"
    JOINED = "joined"


class ChangeKind(StrEnum):
    """Of which of his data a worker asks for a change (cabinet B9). DOCUMENT: the passport; FAMILY: marriage, children;
    OTHER: education, benefits, military registration, whom to call."""

    PHONE = "phone"
    EMAIL = "email"
    NAME = "name"
    DOCUMENT = "document"
    ADDRESS = "address"
    FAMILY = "family"
    BANK = "bank"
    OTHER = "other"


class ChangeState(StrEnum):
    """SENT: personnel checks it. RETURNED: something is to be set right. WAITING: it holds here, or personnel has taken
    it; 1C does not know of it yet. DONE: 1C knows (`Proof` says who says so)."""

    SENT = "sent"
    RETURNED = "returned"
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Proof(StrEnum):
    """By what a change is known to be in 1C: its own word in an exchange, or personnel's."""

    EXCHANGE = "exchange"
    PERSONNEL = "personnel"


# From → to. The database holds the same list (migration 0004; a test compares them).
MOVES: dict[ChangeState, frozenset[ChangeState]] = {
    ChangeState.SENT: frozenset(
        {ChangeState.RETURNED, ChangeState.WAITING, ChangeState.REFUSED, ChangeState.CANCELLED}
    ),
    ChangeState.RETURNED: frozenset({ChangeState.SENT, ChangeState.CANCELLED}),
    ChangeState.WAITING: frozenset({ChangeState.DONE, ChangeState.RETURNED}),
    ChangeState.DONE: frozenset(),
    ChangeState.REFUSED: frozenset(),
    ChangeState.CANCELLED: frozenset(),
}
OPEN = frozenset({ChangeState.SENT, ChangeState.RETURNED, ChangeState.WAITING})
# Kinds whose fields 1C tells in its exchange: it proves them itself.
TOLD_BY_1C: dict[ChangeKind, tuple[str, ...]] = {
    ChangeKind.PHONE: ("phone",),
    ChangeKind.EMAIL: ("email",),
    ChangeKind.NAME: ("surname", "first_name", "patronymic"),
}
WITH_SCAN = frozenset({ChangeKind.NAME, ChangeKind.DOCUMENT, ChangeKind.ADDRESS, ChangeKind.FAMILY})

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

"""Words of people's pages."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from provodnik.people.presence import Away
from provodnik.people.states import DecisionKind, EmploymentKind, Happened, Source, StaffRole
from provodnik.ui.text import day


def state_of(away: Away | None, now: datetime) -> tuple[str, str, str]:
    """(words, tone, icon): «на работе», «отсутствует до 14 декабря включительно». Never why."""
    if away is None:
        return _("at work"), "success", "circle-check"
    if away.until is None:
        return _("away"), "warning", "clock"
    return _("away until %(day)s inclusive") % {"day": day(away.until, now)}, "warning", "clock"


def kind_of_work(kind: str) -> str:
    return {
        EmploymentKind.MAIN.value: _("main place of work"),
        EmploymentKind.INTERNAL.value: _("second job in the same organisation"),
        EmploymentKind.EXTERNAL.value: _("second job, the main one is elsewhere"),
        EmploymentKind.CONTRACT.value: _("civil contract"),
    }.get(kind, kind)


def source_word(source: str) -> str:
    return {
        Source.ONEC.value: _("from 1C"),
        Source.LDAP.value: _("from the directory of accounts"),
        Source.HAND.value: _("corrected by hand"),
    }.get(source, _("origin not noted"))


def said_by(source: str) -> str:
    """«В 1С» before what an exchange says."""
    return _("In the directory of accounts") if source == Source.LDAP.value else _("In 1C")


def role_word(role: str) -> str:
    return {StaffRole.HR.value: _("personnel"), StaffRole.PAYROLL.value: _("payroll accountant")}.get(role, role)


def decision_word(kind: str) -> str:
    return {
        DecisionKind.LEAVE.value: _("leave"),
        DecisionKind.ABSENCE.value: _("absences"),
        DecisionKind.DOCUMENTS.value: _("documents"),
        DecisionKind.REQUESTS.value: _("applications"),
    }.get(kind, kind)


def field_word(name: str) -> str:
    return {
        "surname": _("Surname"),
        "first_name": _("First name"),
        "patronymic": _("Patronymic"),
        "birth_date": _("Date of birth"),
        "snils": _("SNILS"),
        "work_phone": _("Work phone"),
        "work_email": _("Work e-mail"),
        "room": _("Room"),
        "phone": _("Own phone"),
        "email": _("Own e-mail"),
        "unit": _("Unit"),
        "position": _("Position"),
        "starts_on": _("First day"),
        "ends_on": _("Last day"),
        "personnel_number": _("Personnel number"),
        "kind": _("Kind of work"),
        "schedule": _("Schedule"),
        "is_harmful": _("Harmful conditions"),
    }.get(name, name)


def happened_word(kind: str) -> str:
    return {
        Happened.ADDED.value: _("Written down"),
        Happened.CHANGED.value: _("Data changed"),
        Happened.CORRECTED.value: _("Corrected by hand"),
        Happened.MOVED.value: _("Moved"),
        Happened.HIRED.value: _("Hired"),
        Happened.TRANSFERRED.value: _("Transferred"),
        Happened.DISMISSED.value: _("Dismissed"),
        Happened.RETURNED.value: _("Dismissal taken back"),
        Happened.CLOSED.value: _("Closed"),
        Happened.LINKED.value: _("Account or reference linked"),
        Happened.UNLINKED.value: _("Unlinked"),
        Happened.HEAD_SET.value: _("Manager named"),
        Happened.DEPUTY_SET.value: _("Deputy named"),
        Happened.DEPUTY_ENDED.value: _("Deputy ended"),
        Happened.ROLE_GIVEN.value: _("Role given"),
        Happened.ROLE_TAKEN.value: _("Role taken away"),
    }.get(kind, kind)


def masked_snils(snils: str) -> str:
    """«•••-•••-•45 95»: never whole (cabinet B1)."""
    return f"•••-•••-•{snils[7:9]} {snils[9:]}" if len(snils) == 11 else ""


def when(on: date | None, now: datetime) -> str:
    return day(on, now) if on is not None else ""

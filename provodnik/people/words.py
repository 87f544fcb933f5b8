"""Words of people's pages."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from provodnik.people.models import DataRequest
from provodnik.people.presence import Away
from provodnik.people.states import (
    ChangeKind,
    ChangeState,
    DecisionKind,
    EmploymentKind,
    Happened,
    Proof,
    Source,
    StaffRole,
)
from provodnik.ui.text import day, moment

# Fields whose old and new value the history of an organisation may show as they are: texts, no references.
SHOWN_CHANGES = frozenset({"name", "short_name", "inn", "region", "zone"})


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
        "name": _("Name"),
        "short_name": _("Short name"),
        "inn": _("INN"),
        "region": _("Region"),
        "zone": _("Time zone"),
        "parent": _("Unit above"),
        "number": _("Series and number"),
        "issued_by": _("Issued by"),
        "issued_on": _("Issued on"),
        "unit_code": _("Code of the office"),
        "registered": _("Address of registration"),
        "lives": _("Lives at"),
        "text": _("What has changed"),
        "bik": _("BIK of the bank"),
        "account": _("Account"),
        "bank": _("Bank"),
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
        Happened.JOINED.value: _("Two cards joined into one"),
        Happened.ROLE_GIVEN.value: _("Role given"),
        Happened.ROLE_TAKEN.value: _("Role taken away"),
    }.get(kind, kind)


def masked_snils(snils: str) -> str:
    """«•••-•••-•45 95»: never whole (cabinet B1)."""
    return f"•••-•••-•{snils[7:9]} {snils[9:]}" if len(snils) == 11 else ""


def when(on: date | None, now: datetime) -> str:
    return day(on, now) if on is not None else ""


def change_word(kind: str) -> str:
    """Of what a request asks the change."""
    return {
        ChangeKind.PHONE.value: _("own phone"),
        ChangeKind.EMAIL.value: _("own e-mail"),
        ChangeKind.NAME.value: _("surname, first name or patronymic"),
        ChangeKind.DOCUMENT.value: _("passport"),
        ChangeKind.ADDRESS.value: _("address"),
        ChangeKind.FAMILY.value: _("family and children"),
        ChangeKind.BANK.value: _("bank details for pay"),
        ChangeKind.OTHER.value: _("other data"),
    }.get(kind, kind)


def change_hint(kind: str) -> str:
    return {
        ChangeKind.PHONE.value: _("Confirmed by a code that comes to the new phone"),
        ChangeKind.EMAIL.value: _("Confirmed by a code that comes to the new address"),
        ChangeKind.NAME.value: _("After a marriage, for example: with a scan of the new document"),
        ChangeKind.DOCUMENT.value: _("A new passport: its number and a scan"),
        ChangeKind.ADDRESS.value: _("Where you are registered and where you live"),
        ChangeKind.FAMILY.value: _("A marriage, a child: for deductions and benefits"),
        ChangeKind.BANK.value: _("To which account your wage is paid; asks for the second factor"),
        ChangeKind.OTHER.value: _("Education, benefits, military registration, whom to call"),
    }.get(kind, "")


def change_icon(kind: str) -> str:
    return {
        ChangeKind.PHONE.value: "smartphone",
        ChangeKind.EMAIL.value: "mail",
        ChangeKind.NAME.value: "id-card",
        ChangeKind.DOCUMENT.value: "file-text",
        ChangeKind.ADDRESS.value: "map-pin",
        ChangeKind.FAMILY.value: "users",
        ChangeKind.BANK.value: "wallet",
        ChangeKind.OTHER.value: "list",
    }.get(kind, "list")


def change_state(row: DataRequest, now: datetime) -> tuple[str, str, str]:
    """(words, tone, icon) of a request, in the worker's words. What 1C has not said is never «готово»."""
    since = moment(row.since, now)
    match row.state:
        case ChangeState.SENT.value:
            return _("personnel checks it"), "info", "hourglass"
        case ChangeState.RETURNED.value:
            return _("returned: set it right"), "warning", "undo-2"
        case ChangeState.WAITING.value:
            return _("we wait for 1C since %(since)s") % {"since": since}, "warning", "clock"
        case ChangeState.DONE.value:
            told = _("1C has it") if row.proof == Proof.EXCHANGE.value else _("personnel has entered it into 1C")
            return told, "success", "circle-check"
        case ChangeState.REFUSED.value:
            return _("turned down, see why"), "error", "circle-x"
        case _:
            return _("taken back"), "", "ban"


def step_word(state: str) -> str:
    return {
        ChangeState.SENT.value: _("Sent to personnel"),
        ChangeState.RETURNED.value: _("Returned: set it right"),
        ChangeState.WAITING.value: _("Accepted; 1C has to learn of it"),
        ChangeState.DONE.value: _("1C knows"),
        ChangeState.REFUSED.value: _("Turned down by personnel"),
        ChangeState.CANCELLED.value: _("Taken back by the employee"),
    }.get(state, state)


def told_done(kind: str) -> str:
    return _("1C has it now: %(what)s") % {"what": change_word(kind)}

"""What is kept of one person, table by table: the list that an export is made of and that a test holds complete.

Left out of an export are secrets (they are nobody's to read) and what the house shows to nobody but the person himself
and his personnel or payroll accountant (docs/adr/0022, 0029): SNILS, date of birth, addresses and bank details of the
personnel card, sums of payslips. The person reads those on his own pages; the list in the file says where.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import BinaryField, Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provodnik.privacy.queries.subjects import Subject

_HIDDEN = re.compile(r"password|secret|sealed|digest|session_key|session_data|credential|sources|differs|^html$|^key$")


@dataclass(frozen=True, slots=True)
class Holding:
    """`model`: its label; `path`: from its row to the piece of the subject named by `by` ("user", "contact", "person",
    "email"); `category`: the category of data, as an act names it; `without`: columns that stay out; `file`: the column
    of kept bytes, which go along under the name in `name`."""

    model: str
    by: str
    path: str
    category: str | Promise
    without: frozenset[str] = frozenset()
    only: dict[str, Any] = field(default_factory=dict)
    file: str = ""
    name: str = ""

    @property
    def table(self) -> type[Model]:
        return apps.get_model(self.model)


ACCOUNT, DEVICES = _("Account: name, login, e-mail"), _("Sessions and devices: addresses, browsers")
CONTACT, REQUESTS = _("Contact card: name, e-mail, phone, position"), _("Requests and their correspondence")
LETTERS, NOTICES = _("Letters"), _("Notices and opinions")
CARD, WORK = _("Employee's card: name, phones, e-mail"), _("Places of work, absences, leave")
CHANGES, ENTRY = _("Requests to change one's data"), _("Slips and invitations of entry")
PAY, CONSENTS = _("Payslips: for which months, when read (sums are on the person's own page)"), _("Consents")
DESK, DEEDS = _("Work at the desk: teams, duties, own settings"), _("Deeds in the journal")

_LINE = frozenset({"group", "name", "line"})
_SUMS = frozenset({"accrued", "withheld", "paid", "to_pay", "adds_up", "kept"})

HOLDINGS: tuple[Holding, ...] = (
    Holding("accounts.User", "user", "pk", ACCOUNT),
    Holding("accounts.Session", "user", "user", DEVICES),
    Holding("accounts.TrustedDevice", "user", "user", DEVICES),
    Holding("accounts.Passkey", "user", "user", DEVICES, frozenset({"public_key"})),
    Holding("accounts.ApiToken", "user", "owner", DEVICES),
    Holding("federation.Identity", "user", "user", ACCOUNT),
    Holding("notify.Notice", "user", "user", NOTICES),
    Holding("articles.Vote", "user", "user", NOTICES),
    Holding("desk.TeamMember", "user", "user", DESK),
    Holding("desk.DutyShift", "user", "user", DESK),
    Holding("desk.DutyCycle", "user", "user", DESK),
    Holding("desk.DutyDay", "user", "user", DESK),
    Holding("desk.Absence", "user", "user", DESK),
    Holding("desk.SavedView", "user", "owner", DESK),
    Holding("desk.Macro", "user", "owner", DESK),
    Holding("desk.Preference", "user", "user", DESK),
    Holding("people.StaffMember", "user", "user", DESK),
    Holding("accounts.JournalEntry", "user", "by", DEEDS, frozenset({"title", "data"})),
    Holding("desk.Contact", "contact", "pk", CONTACT),
    Holding("desk.Ticket", "contact", "contact", REQUESTS, frozenset({"queue_rank", "queue_at", "touched_at"})),
    Holding("desk.Message", "contact", "ticket__contact", REQUESTS, frozenset({"verdict"}), {"kind!": "note"}),
    Holding(
        "desk.Attachment",
        "contact",
        "message__ticket__contact",
        REQUESTS,
        frozenset(),
        {"message__kind!": "note"},
        "blob",
        "name",
    ),
    Holding("works.Silence", "contact", "contact", CONTACT),
    Holding("desk.Watcher", "contact", "contact", REQUESTS),
    Holding("channels.Inbound", "email", "sender", LETTERS, frozenset({"content_hash"}), file="raw"),
    Holding("channels.Outgoing", "email", "recipient", LETTERS),
    Holding("people.Person", "person", "pk", CARD, frozenset({"birth_date", "was"})),
    Holding("people.Employment", "person", "person", WORK),
    Holding("people.Absence", "person", "employment__person", WORK, frozenset({"kind"})),
    Holding("people.UnitHead", "person", "employment__person", WORK),
    Holding("people.ManagerLink", "person", "employment__person", WORK),
    Holding("people.Deputy", "person", "deputy__person", WORK),
    Holding("exchange.LeaveBalance", "person", "employment__person", WORK),
    Holding("people.DataRequest", "person", "person", CHANGES),
    Holding("people.DataRequestStep", "person", "request__person", CHANGES),
    Holding("entry.Slip", "person", "person", ENTRY),
    Holding("payslips.Payslip", "person", "employment__person", PAY),
    Holding("payslips.PayslipVersion", "person", "payslip__employment__person", PAY, _SUMS),
    Holding("payslips.PayLook", "person", "version__payslip__employment__person", PAY),
    Holding("payslips.PayQuestion", "person", "version__payslip__employment__person", PAY, _LINE),
    Holding("consents.Consent", "person", "person", CONSENTS),
    Holding("consents.ConsentStep", "person", "consent__person", CONSENTS),
)

# Tables that refer to a person and are not in the file, each with its reason.
LEFT_OUT: dict[str, str] = {
    "accounts.Totp": "a secret and nothing else",
    "accounts.PrintedCode": "digests of codes and nothing else",
    "api.Upload": "a file on its way into a request, gone within a day",
    "api.Answer": "a repeat of an answer, gone within a day",
    "desk.Unsent": "a draft, which nobody but its writer reads",
    "desk.Presence": "half a minute of «who is here»",
    "desk.BulkRun": "a deed of the desk: its requests are in the journal",
    "quality.Export": "a table that somebody asked for: no data of his own",
    "quality.Case": "figures of a request, in the request's own row",
    "privacy.Extract": "an export like this one",
    "works.PutAway": "an announcement that was put away",
    "works.CalendarAddress": "a secret address of a calendar and nothing else",
    "transfer.Transfer": "a file that an administrator brought",
    "people.PersonKey": "a reference in a base of 1C",
    "people.Entry": "the line of the directory: the same as the card",
    "people.DirectoryWord": "words of the line of the directory, for search",
    "people.DataRequestFile": "scans: for the person and his personnel alone",
    "consents.ConsentFile": "scans: for the person and his personnel alone",
    "consents.MarkedPerson": "a line of a list that personnel works through",
    "entry.Former": "until when the person reads his own",
    "payslips.PayPack": "a file of personnel",
}


def rows(holding: Holding, subject: Subject, emails: tuple[str, ...]) -> QuerySet[Any]:
    """The rows of one table that are about the subject, by key."""
    ids = {"user": subject.users, "contact": subject.contacts, "person": subject.persons}
    wanted = Q()
    if holding.by == "email":
        for email in emails:
            wanted |= Q(**{f"{holding.path}__iexact": email})
        known = bool(emails)
    else:
        known = bool(ids[holding.by])
        wanted = Q(**{f"{holding.path}__in": ids[holding.by]})
    found = holding.table._default_manager.all()
    if not known:
        return found.none()
    for name, value in holding.only.items():
        found = found.exclude(**{name[:-1]: value}) if name.endswith("!") else found.filter(**{name: value})
    return found.filter(wanted).order_by("pk")


def columns(holding: Holding) -> list[str]:
    """Columns that go into the file."""
    return [
        one.attname
        for one in holding.table._meta.concrete_fields
        if not _HIDDEN.search(one.name) and one.name not in holding.without and not isinstance(one, BinaryField)
    ]


def kept(subject: Subject, emails: tuple[str, ...]) -> Iterator[tuple[Holding, int]]:
    """Each table that holds something, with how many rows."""
    for holding in HOLDINGS:
        if count := rows(holding, subject, emails).count():
            yield holding, count

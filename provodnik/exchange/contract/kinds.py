"""Kinds of objects and their fields: the tables of the contract."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VERSION = 1
MOST_OBJECTS_PUSHED = 150
LONGEST_OBJECT = 256 * 1024  # bytes of one line
MOST_LINES = 300  # of a payslip
LARGEST_VERSION = 2**53 - 1  # what every reader of JSON can hold exactly (RFC 8259, 6)
Words = str | Promise

GUID = r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"
_DAY = r"^(19|2[01])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
_MONTH = r"^(19|2[01])[0-9]{2}-(0[1-9]|1[0-2])$"
_DECIMAL = r"^-?[0-9]{1,10}(\.[0-9]{1,4})?$"
FILE = r"^[0-9A-Za-zА-Яа-яЁё_][0-9A-Za-zА-Яа-яЁё_ .-]{0,119}$"
PATTERNS = {name: re.compile(text) for name, text in
             {"guid": GUID, "day": _DAY, "month": _MONTH, "decimal": _DECIMAL, "file": FILE}.items()}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """`shape`: text, guid, day, month, decimal, file, bool, word (one of `words`) or list (of objects of `fields`).
    `needed`: in every object; `first`: when the object is new here. `refers`: the kind that a guid points to."""

    shape: str
    told: Words
    needed: bool = False
    first: bool = False
    limit: int = 0
    words: tuple[str, ...] = ()
    refers: str = ""
    fields: Mapping[str, Field] | None = None

    @property
    def empty(self) -> bool:
        """Whether null may be said: there is none."""
        return not self.needed and self.shape not in ("bool", "word")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object. `order`: earlier ones are taken first within a batch. `removable`: it may be `deleted`."""

    order: int
    told: Words
    source: str  # what it is called in 1C:ZUP
    guid: Words
    fields: Mapping[str, Field]
    removable: bool = False


def _text(limit: int, told: Words, **more: Any) -> Field:
    return Field("text", told, limit=limit, **more)


def _ref(kind: str, told: Words, **more: Any) -> Field:
    return Field("guid", told, refers=kind, **more)


_LINE: Mapping[str, Field] = {
    "group": Field(
        "word",
        _("pay: parts of the wage for the period; other: other sums accrued; deduction; payment: what was paid out"),
        needed=True,
        words=("pay", "other", "deduction", "payment"),
    ),
    "code": _text(40, _("the code of the kind of accrual or deduction")),
    "name": _text(200, _("as the worker reads it"), needed=True),
    "ground": _text(300, _("on what ground it is deducted: article 136 asks for it")),
    "days": Field("decimal", _("days")),
    "hours": Field("decimal", _("hours")),
    "period": Field("month", _("the month that is paid for, where it is not the payslip's")),
    "sum": Field("decimal", _("roubles; a deduction is positive"), needed=True),
}
_OWN = _("its own reference in 1C")

KINDS: Mapping[str, Kind] = {
    "organisation": Kind(
        1, _("A legal entity"), "Справочник.Организации", _OWN,
        {
            "name": _text(300, _("full name of the organisation"), first=True),
            "short_name": _text(100, _("as people call it")),
            "inn": _text(12, _("INN: ten digits")),
            "region": _text(3, _("code of the subject of the Federation: its own holidays")),
            "zone": _text(64, _("time zone by IANA: Asia/Yekaterinburg")),
            "is_active": Field("bool", _("in use, not closed")),
        },
    ),
    "position": Kind(
        2, _("A position"), "Справочник.Должности", _OWN, {"name": _text(300, _("what it is called"), first=True)}
    ),
    "unit": Kind(
        3, _("A unit"), "Справочник.ПодразделенияОрганизаций", _OWN,
        {
            "organisation": _ref("organisation", _("whose unit it is; never changes"), first=True),
            "parent": _ref("unit", _("the unit above; null: a top")),
            "name": _text(300, _("what it is called"), first=True),
            "is_active": Field("bool", _("false: disbanded")),
        },
    ),
    "person": Kind(
        4, _("A natural person"), "Справочник.ФизическиеЛица", _OWN,
        {
            "surname": _text(100, _("surname"), first=True),
            "first_name": _text(100, _("first name")),
            "patronymic": _text(100, _("patronymic")),
            "birth_date": Field("day", _("date of birth")),
            "snils": _text(14, _("SNILS; the portal keeps it sealed")),
            "work_phone": _text(60, _("work phone, seen in the directory")),
            "work_email": _text(254, _("work e-mail, seen in the directory")),
            "room": _text(60, _("room, seen in the directory")),
            "phone": _text(60, _("own phone: for entry and notices, not in the directory")),
            "email": _text(254, _("own e-mail: for entry and notices, not in the directory")),
        },
    ),
    "employment": Kind(
        5, _("A place of work"), "Справочник.Сотрудники", _OWN,
        {
            "person": _ref("person", _("whose; never changes"), first=True),
            "organisation": _ref("organisation", _("where; never changes"), first=True),
            "unit": _ref("unit", _("a unit of this organisation")),
            "position": _ref("position", _("position")),
            "kind": Field(
                "word",
                _("main; internal: second job here; external: second job, the main one is elsewhere; contract: civil"),
                words=("main", "internal", "external", "contract"),
            ),
            "personnel_number": _text(30, _("personnel number; one among those who work in the organisation")),
            "starts_on": Field("day", _("first day"), first=True),
            "ends_on": Field("day", _("the last day, once dismissed; null: works; an agreed end of a term is none")),
            "is_harmful": Field("bool", _("harmful or dangerous conditions")),
            "schedule": _text(200, _("schedule of work, as 1C calls it")),
        },
    ),
    "dismissal": Kind(
        6, _("A dismissal"), "Документ.Увольнение", _("the reference of the place of work"),
        {"last_day": Field("day", _("the last day of work"), needed=True)},
        removable=True,
    ),
    "absence": Kind(
        7, _("An absence"), "Документ.Отпуск, Документ.БольничныйЛист, Документ.Командировка",
        _("the reference of the document, or of its line where a document names several people"),
        {
            "employment": _ref("employment", _("whose"), first=True),
            "kind": _text(60, _("why; read by personnel and rules alone, colleagues see only until when")),
            "starts_on": Field("day", _("first day"), first=True),
            "ends_on": Field("day", _("last day; null: not known yet")),
        },
        removable=True,
    ),
    "leave_balance": Kind(
        8, _("Leave that is left"), "РегистрСведений.АналитикаОстатковОтпусков",
        _("the reference of the place of work: one object holds all its balances"),
        {
            "on": Field("day", _("the day for which 1C has computed it: it is always shown"), needed=True),
            "balances": Field(
                "list", _("by kinds of leave; a kind that is not here is no more"), needed=True, limit=30,
                fields={
                    "name": _text(100, _("kind of leave"), needed=True),
                    "days": Field("decimal", _("days left, not rounded: 18.67"), needed=True),
                },
            ),
        },
        removable=True,
    ),
    "payslip": Kind(
        9, _("A payslip"), "ЗарплатаКадрыОтчеты.ДанныеРасчетныхЛистков()",
        _("its own; the same for every correction of the same slip, which has a greater version"),
        {
            "employment": _ref("employment", _("whose"), needed=True),
            "organisation": _ref("organisation", _("who pays"), needed=True),
            "period": Field("month", _("the month it is for"), needed=True),
            "part": Field(
                "word", _("first: of the month's first half; final; between: between the pay days"),
                needed=True, words=("first", "final", "between"),
            ),
            "lines": Field(
                "list", _("the four groups of article 136; may be left out where there is a PDF"), limit=MOST_LINES,
                fields=_LINE,
            ),
            "to_pay": Field("decimal", _("what is to be paid out; may be left out where there is a PDF")),
            "debt_before": Field("decimal", _("the employer's debt at the beginning; negative: the worker's")),
            "debt_after": Field("decimal", _("the debt at the end")),
            "pdf": Field("file", _("name of a PDF of the same batch: the form as approved; by the folder alone")),
        },
        removable=True,
    ),
    "answer": Kind(
        10, _("An answer to what the portal has told"), "—",
        _("that of the object that is answered, with its very version"),
        {
            "result": Field("word", _("taken; refused, with the reason"), needed=True, words=("taken", "refused")),
            "reason": _text(500, _("why it was refused: personnel reads it")),
            "number": _text(40, _("number of the document that 1C has made of it")),
            "day": Field("day", _("its date")),
        },
    ),
}  # fmt: skip
# What the portal tells 1C: the way back.
TOLD: Mapping[str, Kind] = {
    "data_request": Kind(
        1, _("A worker's change of his own data, proved or checked by personnel"), "—",
        _("the portal's own name of it"),
        {
            "person": _ref("person", _("whose data")),
            "organisation": _ref("organisation", _("whose personnel has checked it")),
            "about": Field(
                "word", _("what is changed"), needed=True,
                words=("phone", "email", "name", "document", "address", "family", "bank", "other"),
            ),
            "values": Field(
                "list", _("what is to be kept from now on"), needed=True, limit=40,
                fields={
                    "field": _text(60, _("name of the field, as fields.md lists them for the kind"), needed=True),
                    "value": _text(2000, _("its new value; empty: none any more")),
                },
            ),
            "asked_on": Field("day", _("the day on which the worker asked"), needed=True),
            "by_code": Field("bool", _("proved by a code to the new phone or address"), needed=True),
        },
        removable=True,
    ),
    "consent": Kind(
        2, _("A consent that a worker gave on paper and personnel has marked"), "—", _("the portal's own name of it"),
        {
            "person": _ref("person", _("who gave it"), needed=True),
            "organisation": _ref("organisation", _("to whom"), needed=True),
            "about": Field(
                "word",
                _(
                    "data: personal data beyond labour law (152-FZ, art. 9); kedo: electronic documents (art. 22.2 TK);"
                    " signature: agreement on a simple electronic signature (63-FZ, art. 9)"
                ),
                needed=True, words=("data", "kedo", "signature"),
            ),
            "edition": _text(200, _("which text was signed"), needed=True),
            "given_on": Field("day", _("the day on the paper"), needed=True),
            "withdrawn_on": Field("day", _("the day from which it holds no more; null: it is in force")),
        },
        removable=True,
    ),
}  # fmt: skip
ENVELOPE = ("type", "guid", "version", "deleted")


def in_order(kinds: Sequence[str]) -> list[str]:
    """Kinds, those first that others refer to."""
    return sorted(kinds, key=lambda name: KINDS[name].order)

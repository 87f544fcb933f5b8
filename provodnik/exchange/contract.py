"""The contract with 1C:ZUP: which objects there are, which fields, of which shape. One source: the reader judges by it,
the published JSON Schema is made from it, docs/exchange/1c.md is compared with it (scripts/docs.py, tests).

Pure: plain values in, a list of complaints out. What a value means (a SNILS that adds up, a day that exists) is judged
once more by `people.cleaning`, for whoever brings it.
"""

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

_GUID = r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"
_DAY = r"^(19|2[01])[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
_MONTH = r"^(19|2[01])[0-9]{2}-(0[1-9]|1[0-2])$"
_DECIMAL = r"^-?[0-9]{1,10}(\.[0-9]{1,4})?$"
_FILE = r"^[0-9A-Za-zА-Яа-яЁё_][0-9A-Za-zА-Яа-яЁё_ .-]{0,119}$"
_PATTERNS = {name: re.compile(text) for name, text in
             {"guid": _GUID, "day": _DAY, "month": _MONTH, "decimal": _DECIMAL, "file": _FILE}.items()}  # fmt: skip


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
}  # fmt: skip
ENVELOPE = ("type", "guid", "version", "deleted")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with an object: the field and why."""

    field: str
    words: Words


class NoObject(Exception):
    """A line that is no object of the contract at all: one cannot even say what it is about."""

    def __init__(self, words: Words) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True, slots=True)
class Object:
    """An object as it came: `guid` in lower case, `fields` without the envelope."""

    kind: str
    guid: str
    version: int
    deleted: bool
    fields: Mapping[str, Any]


def read(value: Any, *, newest: int) -> Object:
    """The envelope of an object. `newest`: the greatest version to be believed (a clock that is ahead would lock an
    object for years). Raises NoObject."""
    if not isinstance(value, dict):
        raise NoObject(_("An object is expected here."))
    kind, guid, version = value.get("type"), value.get("guid"), value.get("version")
    deleted = value.get("deleted", False)
    if kind not in KINDS:
        raise NoObject(_("«type» is none of the contract's."))
    if not isinstance(guid, str) or not _PATTERNS["guid"].match(guid) or not guid.replace("-", "").strip("0"):
        raise NoObject(_("«guid» is no reference of 1C, or an empty one."))
    if not isinstance(version, int) or isinstance(version, bool) or not 0 <= version <= LARGEST_VERSION:
        raise NoObject(_("«version» must be a whole number from 0 to 9007199254740991."))
    if version > newest:
        raise NoObject(_("«version» lies in the future: look at the clock of the sender."))
    if not isinstance(deleted, bool):
        raise NoObject(_("«deleted» must be true or false."))
    fields = {name: one for name, one in value.items() if name not in ENVELOPE}
    return Object(str(kind), guid.lower(), version, deleted, fields)


def complaints(one: Object, kinds: Mapping[str, Kind] = KINDS) -> list[Complaint]:
    """What is wrong with the fields of an object, by their shapes."""
    kind = kinds[one.kind]
    if one.deleted:
        return [] if kind.removable else [Complaint("deleted", _("Objects of this kind are not taken back."))]
    return list(_of_fields(one.fields, kind.fields, ""))[:20]


def _of_fields(values: Mapping[str, Any], fields: Mapping[str, Field], way: str) -> list[Complaint]:
    found = [Complaint(f"{way}{name[:60]}", _("There is no such field.")) for name in values if name not in fields]
    for name, field in fields.items():
        if name not in values:
            if field.needed:
                found.append(Complaint(f"{way}{name}", _("This field must be there.")))
            continue
        value = values[name]
        if value is None and field.empty:
            continue
        found += _of_value(value, field, f"{way}{name}")
    return found


def _of_value(value: Any, field: Field, way: str) -> list[Complaint]:
    match field.shape:
        case "bool":
            return [] if isinstance(value, bool) else [Complaint(way, _("true or false is expected."))]
        case "word":
            good = isinstance(value, str) and value in field.words
            told = _("One of these is expected: %(words)s.") % {"words": ", ".join(field.words)}
            return [] if good else [Complaint(way, told)]
        case "list":
            return _of_list(value, field, way)
        case "text":
            if not isinstance(value, str):
                return [Complaint(way, _("A text is expected."))]
            told = _("At most %(limit)d characters.") % {"limit": field.limit}
            return [] if len(value) <= field.limit else [Complaint(way, told)]
        case _:
            if isinstance(value, str) and (
                _PATTERNS[field.shape].fullmatch(value) or (value == "" and not field.needed)
            ):
                return []
            return [Complaint(way, _SHAPES[field.shape])]


_SHAPES: Mapping[str, Words] = {
    "guid": _("A reference is expected: 123e4567-e89b-42d3-a456-426614174000."),
    "day": _("A day from 1900 to 2199 is expected: 2026-11-23. The empty date of 1C is null."),
    "month": _("A month is expected: 2026-11."),
    "decimal": _('A number in quotation marks is expected: "18.67".'),
    "file": _("The name of a file of the same batch is expected, without folders."),
}


def _of_list(value: Any, field: Field, way: str) -> list[Complaint]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return [Complaint(way, _("A list of objects is expected."))]
    if len(value) > field.limit:
        return [Complaint(way, _("At most %(limit)d of them.") % {"limit": field.limit})]
    found: list[Complaint] = []
    for number, one in enumerate(value):
        found += _of_fields(one, field.fields or {}, f"{way}.{number}.")
        if len(found) > 20:
            break
    return found


# --- the published schema


def schema(kinds: Mapping[str, Kind] = KINDS, way: str = "") -> dict[str, Any]:
    """JSON Schema (2020-12) of one object, as a line of a file or a member of `objects`. `way`: «told» for TOLD."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:provodnik:exchange:{VERSION}{way and ':' + way}",
        "title": str(
            _("An object that the portal tells 1C:ZUP") if way else _("An object of the exchange with 1C:ZUP")
        ),
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in kinds],
        "$defs": {name: _schema_of_kind(name, kind) for name, kind in kinds.items()},
    }


def _schema_of_kind(name: str, kind: Kind) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "type": {"const": name},
        "guid": {"type": "string", "pattern": _GUID, "description": str(kind.guid)},
        "version": {"type": "integer", "minimum": 0, "maximum": LARGEST_VERSION},
    }
    needed = [field for field, one in kind.fields.items() if one.needed]
    whole = _schema_of_fields(kind.fields)
    found: dict[str, Any] = {
        "type": "object",
        "description": f"{kind.told} ({kind.source})",
        "properties": {**properties, **whole},
        "required": ["type", "guid", "version", *needed],
        "additionalProperties": False,
    }
    if kind.removable:
        found["properties"]["deleted"] = {"type": "boolean"}
        found["required"] = ["type", "guid", "version"]
        gone = {"properties": {"deleted": {"const": True}}, "required": ["deleted"]}
        found["anyOf"] = [gone, {"required": needed}]
    return found


def _schema_of_fields(fields: Mapping[str, Field]) -> dict[str, Any]:
    return {name: _schema_of(field) for name, field in fields.items()}


def _schema_of(field: Field) -> dict[str, Any]:
    found: dict[str, Any]
    match field.shape:
        case "bool":
            found = {"type": "boolean"}
        case "word":
            found = {"enum": list(field.words)}
        case "text":
            found = {"type": "string", "maxLength": field.limit}
        case "list":
            inside = field.fields or {}
            needed = [name for name, one in inside.items() if one.needed]
            item = {
                "type": "object",
                "properties": _schema_of_fields(inside),
                "required": needed,
                "additionalProperties": False,
            }
            found = {"type": "array", "maxItems": field.limit, "items": item}
        case _:
            found = {"type": "string", "pattern": _PATTERNS[field.shape].pattern}
    if field.empty:
        found = {"anyOf": [found, {"type": "null"}]}
    return {**found, "description": str(field.told)}


def in_order(kinds: Sequence[str]) -> list[str]:
    """Kinds, those first that others refer to."""
    return sorted(kinds, key=lambda name: KINDS[name].order)

"""Rows of 1C → objects of the contract. Pure: rows and a version in, lines of JSON out, and how many said nothing.

Nothing is guessed: a set that was not read whole tells nothing at all, an empty reference and the empty date
(0001-01-01) are null, a row without a reference is counted and passed over. Payslips are not here: 1C keeps them in no
table, a report computes them (docs/exchange/1c.md).
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from provodnik.core.decisions import Refused
from provodnik.exchange import contract
from provodnik.people import cleaning

Row = Mapping[str, Any]
Rows = Callable[[], Iterable[Row]]  # read anew each time: the largest sets are never whole in memory
Values = dict[str, Any]
_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T[0-9:.]*Z?)?")
_KINDS_OF_WORK = {
    "ОсновноеМестоРаботы": "main", "ВнутреннееСовместительство": "internal", "Совместительство": "external",
}  # fmt: skip
# Kinds of contact information that ZUP brings with it, by their name in the configuration.
_CONTACTS = {
    "ТелефонМобильныйФизическиеЛица": "phone",
    "EMailФизическиеЛица": "email",
    "ТелефонРабочийФизическиеЛица": "work_phone",
}
_ABSENCES = {"leaves": "Отпуск", "sick": "Больничный", "trips": "Командировка", "away": "Отсутствие"}
_STARTS = ("ДатаНачалаПериодаОтсутствия", "ДатаНачалаОсновногоОтпуска", "ДатаНачала")
_ENDS = ("ДатаОкончанияПериодаОтсутствия", "ДатаОкончанияОсновногоОтпуска", "ДатаОкончания")


@dataclass(slots=True)
class Told:
    """What a reading comes to. `passed`: {set: rows without a reference, or of two minds}."""

    version: int
    passed: Counter[str] = field(default_factory=Counter)

    def line(self, kind: str, guid: str, fields: Values, *, deleted: bool = False) -> bytes:
        told: Values = {"type": kind, "guid": guid, "version": self.version, **fields}
        if deleted:
            told["deleted"] = True
        return json.dumps(told, ensure_ascii=False).encode() + b"\n"


def lines(sets: Mapping[str, Rows], told: Told) -> Iterator[bytes]:
    """A line for each object, as a sender of files would write it. `sets`: those that were read whole."""
    for line in _lines(sets, told):
        if len(line) <= contract.LONGEST_OBJECT:
            yield line
        else:
            told.passed["long"] += 1


def _lines(sets: Mapping[str, Rows], told: Told) -> Iterator[bytes]:
    for name, make in (("organisations", _organisation), ("positions", _position), ("units", _unit)):
        if name in sets:
            for row in sets[name]():
                yield from _simple(name, make, row, told)
    yield from _people(sets, told)
    for name in _ABSENCES:
        if name in sets:
            yield from _absences(name, sets[name], told)
    if "balances" in sets and "leave_kinds" in sets:
        yield from _balances(sets, told)


def _people(sets: Mapping[str, Rows], told: Told) -> Iterator[bytes]:
    employees = _employees(sets, told)
    if "persons" in sets and "employees" in sets:
        yield from _persons(sets, {fields["person"] for fields in employees.values()}, told)
    last_days = _last_days(sets, told)
    placed: set[str] = set()
    if "employees" in sets and "current" in sets:
        for guid, fields in _employments(sets["current"], employees, last_days, told):
            placed.add(guid)
            yield told.line("employment", guid, fields)
    for guid, day in last_days.items():
        if guid not in placed:
            yield told.line("dismissal", guid, {"last_day": day})


# --- values


def guid_of(value: Any) -> str | None:
    """A reference; None for an empty one (zeros), and for what is none."""
    if not isinstance(value, str) or not _GUID.fullmatch(value) or not value.replace("-", "").strip("0"):
        return None
    return value.lower()


def day_of(value: Any) -> str | None:
    """A day; None for the empty date of 1C. Impossible ones go on as they are: the journal names them."""
    if not isinstance(value, str):
        return None
    found = _DAY.fullmatch(value)
    if found is None:
        return value[:40] or None
    return None if found[1].startswith("0001-") else found[1]


def text_of(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def number_of(value: Any) -> str | None:
    """As it is, never rounded: 18.67 comes as a number or as a text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value).strip().replace(",", "."))
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) >= 10**10:
        return None
    return format(number.normalize() if number else Decimal(0), "f")


def _own(row: Row, told: Told, name: str, key: str = "Ref_Key") -> str | None:
    guid = guid_of(row.get(key))
    if guid is None:
        told.passed[name] += 1
    return guid


def _is_marked(row: Row) -> bool:
    return row.get("DeletionMark") is True or row.get("IsFolder") is True


# --- catalogs


def _simple(name: str, make: Callable[[Row], tuple[str, Values] | None], row: Row, told: Told) -> Iterator[bytes]:
    if _is_marked(row):
        return
    guid, made = _own(row, told, name), make(row)
    if guid is None:
        return
    if made is None:
        told.passed[name] += 1
    else:
        yield told.line(made[0], guid, made[1])


def _organisation(row: Row) -> tuple[str, Values]:
    name = text_of(row.get("НаименованиеПолное")) or text_of(row.get("Description"))
    short = text_of(row.get("НаименованиеСокращенное")) or text_of(row.get("Description"))
    inn = text_of(row.get("ИНН"))
    return "organisation", {"name": name, "short_name": short[:100], **({"inn": inn} if inn else {})}


def _position(row: Row) -> tuple[str, Values]:
    return "position", {"name": text_of(row.get("Description"))}


def _unit(row: Row) -> tuple[str, Values] | None:
    owner = guid_of(row.get("Owner_Key"))
    if owner is None:
        return None
    fields: Values = {
        "organisation": owner, "parent": guid_of(row.get("Parent_Key")), "name": text_of(row.get("Description")),
    }  # fmt: skip
    if isinstance(row.get("Расформировано"), bool):
        fields["is_active"] = not row["Расформировано"]
    return "unit", fields


# --- people


def _employees(sets: Mapping[str, Rows], told: Told) -> dict[str, Values]:
    """What the catalog knows of each place of work that is neither marked nor in the archive."""
    found: dict[str, Values] = {}
    for row in sets["employees"]() if "employees" in sets else ():
        if _is_marked(row) or row.get("ВАрхиве") is True:
            continue
        guid, person = _own(row, told, "employees"), guid_of(row.get("ФизическоеЛицо_Key"))
        if guid is None:
            continue
        if person is None:
            told.passed["employees"] += 1
            continue
        found[guid] = {
            "person": person,
            "organisation": guid_of(row.get("ГоловнаяОрганизация_Key")),
            "personnel_number": text_of(row.get("Code")) or None,
        }
    return found


def _persons(sets: Mapping[str, Rows], wanted: set[str], told: Told) -> Iterator[bytes]:
    """Those who work or worked here; candidates and relatives stay in 1C."""
    contacts = _contacts(sets, told)
    for row in sets["persons"]():
        if _is_marked(row):
            continue
        guid = _own(row, told, "persons")
        if guid is None or guid not in wanted:
            continue
        snils = text_of(row.get("СтраховойНомерПФР"))
        yield told.line(
            "person", guid,
            {
                **_names(row), "birth_date": day_of(row.get("ДатаРождения")), **({"snils": snils} if snils else {}),
                **contacts.get(guid, {}),
            },
        )  # fmt: skip


def _names(row: Row) -> Values:
    surname, first, patronymic = (text_of(row.get(name)) for name in ("Фамилия", "Имя", "Отчество"))
    if not surname:
        surname, first, patronymic = (*text_of(row.get("Description")).split(" ", 2), "", "", "")[:3]
    return {"surname": surname, "first_name": first, "patronymic": patronymic}


def _contacts(sets: Mapping[str, Rows], told: Told) -> dict[str, Values]:
    """Phones and e-mail by person. What 1C does not have is not told: it may have been collected here."""
    if "contacts" not in sets or "contact_kinds" not in sets:
        return {}
    kinds = {}
    for row in sets["contact_kinds"]():
        guid, name = guid_of(row.get("Ref_Key")), _CONTACTS.get(text_of(row.get("PredefinedDataName")))
        if guid is not None and name is not None:
            kinds[guid] = name
    found: dict[str, Values] = defaultdict(dict)
    for row in sets["contacts"]():
        person, name = guid_of(row.get("Ref_Key")), kinds.get(guid_of(row.get("Вид_Key")) or "")
        value = text_of(row.get("Представление"))
        if person is None or name is None or not value:
            continue
        try:
            kept = (cleaning.email if name == "email" else cleaning.phone)(value, name)
        except Refused:
            told.passed["contacts"] += 1  # «спросить у жены» must not cost the whole person
            continue
        found[person].setdefault(name, kept)
    return found


def _employments(
    current: Rows, employees: Mapping[str, Values], last_days: Mapping[str, str], told: Told
) -> Iterator[tuple[str, Values]]:
    """Places of work of those who have been hired: the catalog and the register of what holds now, together."""
    done: set[str] = set()
    for row in current():
        guid = _own(row, told, "current", "Сотрудник_Key")
        starts = day_of(row.get("ДатаПриема"))
        if guid is None or guid in done or guid not in employees or starts is None:
            continue
        done.add(guid)
        ends = day_of(row.get("ДатаУвольнения"))
        if ends is not None and ends < starts:
            ends = None  # hired anew: the register still names the day of the former leaving
        known = employees[guid]
        fields = {
            **known,
            "organisation": guid_of(row.get("ТекущаяОрганизация_Key")) or known["organisation"],
            "unit": guid_of(row.get("ТекущееПодразделение_Key")),
            "position": guid_of(row.get("ТекущаяДолжность_Key")),
            "starts_on": starts,
            "ends_on": ends or last_days.get(guid),
        }
        kind = _KINDS_OF_WORK.get(text_of(row.get("ВидЗанятости")))
        yield guid, {**fields, **({"kind": kind} if kind else {})}


# --- documents


def _last_days(sets: Mapping[str, Rows], told: Told) -> dict[str, str]:
    """Of posted documents, the latest by place of work. A document that was taken back says nothing by itself: the
    register then names no day either."""
    found: dict[str, str] = {}
    for row in sets["dismissals"]() if "dismissals" in sets else ():
        if _is_marked(row) or row.get("Posted") is not True:
            continue
        guid, day = _own(row, told, "dismissals", "Сотрудник_Key"), day_of(row.get("ДатаУвольнения"))
        if guid is not None and day is not None:
            found[guid] = max(day, found.get(guid, day))
    return found


def _absences(name: str, rows: Rows, told: Told) -> Iterator[bytes]:
    for row in rows():
        guid = _own(row, told, name)
        if guid is None:
            continue
        starts = next((day for key in _STARTS if (day := day_of(row.get(key)))), None)
        ends = next((day for key in _ENDS if (day := day_of(row.get(key)))), None)
        if _is_marked(row) or row.get("Posted") is not True or starts is None:
            yield told.line("absence", guid, {}, deleted=True)
            continue
        employment = _own(row, told, name, "Сотрудник_Key")
        if employment is not None:
            fields = {"employment": employment, "kind": _ABSENCES[name], "starts_on": starts, "ends_on": ends}
            yield told.line("absence", guid, fields)


# --- balances


def _balances(sets: Mapping[str, Rows], told: Told) -> Iterator[bytes]:
    """Of each place of work those of its latest day. Two figures for one kind on one day are never added: nothing is
    told then, and it is counted."""
    names = {
        guid: text_of(row.get("Description")) for row in sets["leave_kinds"]() if (guid := guid_of(row.get("Ref_Key")))
    }
    found: dict[str, tuple[str, dict[str, set[str]]]] = {}
    for row in sets["balances"]():
        guid, day = _own(row, told, "balances", "Сотрудник_Key"), day_of(row.get("Дата"))
        name, days = names.get(guid_of(row.get("ВидЕжегодногоОтпуска_Key")) or ""), number_of(row.get("ОстатокДней"))
        if guid is None:
            continue
        if day is None or not name or days is None:
            told.passed["balances"] += 1
            continue
        if guid not in found or day > found[guid][0]:
            found[guid] = (day, {})
        if day == found[guid][0]:
            found[guid][1].setdefault(name, set()).add(days)
    for guid, (day, kinds) in found.items():
        if any(len(days) > 1 for days in kinds.values()):
            told.passed["balances"] += 1
            continue
        balances = [{"name": name[:100], "days": next(iter(days))} for name, days in sorted(kinds.items())]
        yield told.line("leave_balance", guid, {"on": day, "balances": balances})

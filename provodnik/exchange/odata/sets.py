"""Which entity sets of 1C:ZUP are read, by which names and with which fields. Pure.

Names are those of ZUP 3.1 as its standard OData interface publishes them: a prefix by the sort of the object and the
name of the configuration («Catalog_Организации»), a reference as «…_Key». Releases differ: a set may have a second
name, and fields of `spare` are left out of the question where a release has none of that name (it answers 400).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
DOCUMENTS_OF = timedelta(days=400)  # documents that are older are in the registers, or over
BALANCES_OF = timedelta(days=62)  # 1C computes balances anew each month at least; older ones are not told again


@dataclass(frozen=True, slots=True)
class EntitySet:
    """`names`: the first that the base has; `fields` are asked for, and `spare`, too, where there are such; `order`:
    the fields that make pages stable; `keys`: what a row is known by; `where`: a condition of OData 3, in which
    {since} is a moment; `since`: how far back."""

    names: tuple[str, ...]
    fields: tuple[str, ...]
    keys: tuple[str, ...] = ("Ref_Key",)
    spare: tuple[str, ...] = ()
    order: str = "Ref_Key"
    where: str = ""
    since: timedelta = timedelta()
    is_unique: bool = True  # no two rows have the same keys

    @property
    def name(self) -> str:
        return self.names[0]

    def condition(self, now: datetime) -> str:
        return self.where.format(since=f"datetime'{now - self.since:%Y-%m-%dT00:00:00}'")


def _document(name: str, *fields: str, spare: tuple[str, ...] = ()) -> EntitySet:
    whole = ("Ref_Key", "DeletionMark", "Posted", "Сотрудник_Key", *fields)
    return EntitySet((f"Document_{name}",), whole, spare=spare, where="Date ge {since}", since=DOCUMENTS_OF)


SETS: Mapping[str, EntitySet] = {
    "organisations": EntitySet(
        ("Catalog_Организации",), ("Ref_Key", "DeletionMark", "Description", "ИНН"),
        spare=("НаименованиеПолное", "НаименованиеСокращенное"),
    ),
    "positions": EntitySet(("Catalog_Должности",), ("Ref_Key", "DeletionMark", "Description")),
    "units": EntitySet(
        ("Catalog_ПодразделенияОрганизаций",), ("Ref_Key", "DeletionMark", "Description", "Owner_Key", "Parent_Key"),
        spare=("Расформировано",),
    ),
    "persons": EntitySet(
        ("Catalog_ФизическиеЛица",),
        ("Ref_Key", "DeletionMark", "IsFolder", "Description", "ДатаРождения", "СтраховойНомерПФР"),
        spare=("Фамилия", "Имя", "Отчество"),
    ),
    "contacts": EntitySet(
        ("Catalog_ФизическиеЛица_КонтактнаяИнформация",),
        ("Ref_Key", "LineNumber", "Тип", "Вид_Key", "Представление"), keys=("Ref_Key", "LineNumber"),
        order="Ref_Key,LineNumber", where="Тип eq 'Телефон' or Тип eq 'АдресЭлектроннойПочты'",
    ),
    "contact_kinds": EntitySet(("Catalog_ВидыКонтактнойИнформации",), ("Ref_Key", "Description", "PredefinedDataName")),
    "employees": EntitySet(
        ("Catalog_Сотрудники",), ("Ref_Key", "DeletionMark", "Code", "ФизическоеЛицо_Key", "ГоловнаяОрганизация_Key"),
        spare=("ВАрхиве", "IsFolder"),
    ),
    "current": EntitySet(
        (
            "InformationRegister_ТекущиеКадровыеДанныеСотрудников",
            "InformationRegister_ТекущиеКадровыеДанныеСотрудников_RecordType",
        ),
        (
            "Сотрудник_Key", "ТекущаяОрганизация_Key", "ТекущееПодразделение_Key", "ТекущаяДолжность_Key",
            "ДатаПриема", "ДатаУвольнения",
        ),
        keys=("Сотрудник_Key",), order="Сотрудник_Key",
    ),
    "dismissals": _document("Увольнение", "ДатаУвольнения"),
    "leaves": _document(
        "Отпуск", "ДатаНачалаОсновногоОтпуска", "ДатаОкончанияОсновногоОтпуска",
        spare=("ДатаНачалаПериодаОтсутствия", "ДатаОкончанияПериодаОтсутствия"),
    ),
    "sick": _document("БольничныйЛист", "ДатаНачала", "ДатаОкончания"),
    "trips": _document("Командировка", "ДатаНачала", "ДатаОкончания"),
    "away": _document("ОтсутствиеНаРаботе", "ДатаНачала", "ДатаОкончания"),
    "balances": EntitySet(
        ("InformationRegister_АналитикаОстатковОтпусков",),
        ("Сотрудник_Key", "ВидЕжегодногоОтпуска_Key", "Дата", "ОстатокДней"),
        keys=("Сотрудник_Key", "ВидЕжегодногоОтпуска_Key", "Дата", "ОстатокДней"),
        order="Сотрудник_Key,ВидЕжегодногоОтпуска_Key,Дата", where="Дата ge {since}", since=BALANCES_OF,
        is_unique=False,
    ),
    "leave_kinds": EntitySet(("Catalog_ВидыОтпусков",), ("Ref_Key", "Description")),
}  # fmt: skip

# What an administrator chooses → the sets it takes. Without the sets of NEEDED nothing of it is told.
CHOICES: Mapping[str, tuple[Words, tuple[str, ...]]] = {
    "organisations": (_("Organisations"), ("organisations",)),
    "positions": (_("Positions"), ("positions",)),
    "units": (_("Units"), ("units",)),
    "persons": (_("People"), ("persons", "employees")),
    "contacts": (_("Phones and e-mail"), ("contact_kinds", "contacts")),
    "employments": (_("Places of work"), ("employees", "current")),
    "dismissals": (_("Dismissals"), ("dismissals",)),
    "leaves": (_("Leaves"), ("leaves",)),
    "sick": (_("Sick leave"), ("sick",)),
    "trips": (_("Business trips"), ("trips",)),
    "away": (_("Other absences"), ("away",)),
    "balances": (_("Balances of leave"), ("leave_kinds", "balances")),
}
WHOLE = frozenset({"organisations", "persons", "employees", "current"})  # read entirely, everybody was told of


def sets_of(choices: Iterable[str]) -> list[str]:
    """The sets that these choices take, those first that others refer to."""
    wanted = {name for choice in choices if choice in CHOICES for name in CHOICES[choice][1]}
    return [name for name in SETS if name in wanted]


def choice_of(name: str) -> Words:
    """By which choice of the administrator a set is read: the last that names it is the one it is for."""
    return [told for told, names in CHOICES.values() if name in names][-1]

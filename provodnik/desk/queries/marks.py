"""Tags and own fields of requests: what is on one, and a condition that narrows the queue by them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.db.models import F, Func, Q, TextField, Value

from provodnik.core import prepared
from provodnik.desk import typed_fields
from provodnik.desk.models import Contract, Customer, FieldDefinition, Tag, Ticket, TicketFields, TicketTag

MOST_FILTERED = 5  # tags, and fields, of one address
_ID = re.compile(r"\d{1,18}")
_FIELD = "field_"


@dataclass(frozen=True, slots=True)
class Marks:
    """What an address narrows a list by: `tags=3,5` (all of them), `field_12=К-7`. The unknown counts as absent."""

    tags: tuple[int, ...] = ()
    fields: tuple[tuple[int, str], ...] = ()

    @classmethod
    def read(cls, query: Mapping[str, Any]) -> Marks:
        tags = [int(one) for one in str(query.get("tags") or "").split(",")[:20] if _ID.fullmatch(one)]
        fields = [
            (int(name.removeprefix(_FIELD)), str(query.get(name) or "").strip()[: typed_fields.LONGEST_VALUE])
            for name in list(query)[:100]
            if name.startswith(_FIELD) and _ID.fullmatch(name.removeprefix(_FIELD))
        ]
        return cls(
            tuple(dict.fromkeys(tags))[:MOST_FILTERED],
            tuple((pk, value) for pk, value in fields if value)[:MOST_FILTERED],
        )

    def as_query(self) -> dict[str, str]:
        """For the address, without what is empty."""
        found = {"tags": ",".join(map(str, self.tags))} if self.tags else {}
        return found | {f"{_FIELD}{pk}": value for pk, value in self.fields}

    def __bool__(self) -> bool:
        return bool(self.tags or self.fields)

    def __len__(self) -> int:
        return len(self.tags) + len(self.fields)

    def condition(self) -> Q:
        """On tickets. Without marks it asks the database nothing; with fields, once for their definitions."""
        found = Q()
        for tag in self.tags:
            found &= with_tag(tag)
        if self.fields:
            known = FieldDefinition.objects.in_bulk([pk for pk, _value in self.fields])
            for pk, value in self.fields:
                found &= with_field(known[pk], value) if pk in known else Q(pk__in=[])
        return found


def with_tag(tag_id: int) -> Q:
    return Q(pk__in=TicketTag.objects.filter(tag_id=tag_id).values("ticket_id"))


def with_field(definition: FieldDefinition, typed: str) -> Q:
    """Text: anywhere in the value, whatever the case; else exactly the value. What is no value finds nothing."""
    rows = TicketFields.objects.all()
    if definition.kind == FieldDefinition.Kind.TEXT:
        # not a lookup by key: Django takes a key of digits for a place in a list
        key = Value(str(definition.pk))
        text = Func(F("values"), key, function="jsonb_extract_path_text", output_field=TextField())
        rows = rows.filter(values__has_key=str(definition.pk)).alias(text=text)
        return Q(pk__in=rows.filter(text__icontains=typed).values("pk"))
    try:
        value = typed_fields.read(definition, typed)
    except typed_fields.Wrong:
        value = None
    if value is None:
        return Q(pk__in=[])
    return Q(pk__in=rows.filter(values__contains={str(definition.pk): value}).values("pk"))


def tags_offered() -> list[Tag]:
    """Tags to choose from, by name."""
    return list(Tag.objects.filter(is_active=True).order_by("name")[:1000])


def tags_of(ticket: Ticket) -> list[Tag]:
    return list(Tag.objects.filter(tagged__ticket=ticket).order_by("name"))


def definitions_of(contract: Contract | None, *, asked: bool = False) -> list[FieldDefinition]:
    """Fields in use of a contract; `asked`: those that the requester fills in."""
    if contract is None:
        return []
    rows = FieldDefinition.objects.filter(contract=contract, is_active=True)
    return list(rows.filter(asked=True) if asked else rows)


def asked_of(customer: Customer, on: date) -> list[FieldDefinition]:
    """What the contract in force on that day asks the customer's requesters: by one statement."""
    return _asked().all({"customer": customer.pk, "day": on})


_NOBODY, _NO_DAY = -1, date(2001, 2, 3)


@cache
def _asked() -> prepared.Reading[FieldDefinition]:
    """Asked for with every form of a request that is opened or sent."""
    rows = FieldDefinition.objects.filter(contract__customer=_NOBODY, contract__starts_on__lte=_NO_DAY)
    rows = rows.exclude(contract__ends_on__lt=_NO_DAY).filter(is_active=True, asked=True)
    return prepared.reading(rows, {_NOBODY: "customer", _NO_DAY: "day"})


def definitions_offered() -> Sequence[FieldDefinition]:
    """Fields in use of contracts of served customers: to filter by."""
    rows = FieldDefinition.objects.filter(is_active=True, contract__customer__is_active=True)
    return list(rows.select_related("contract__customer").order_by("contract__customer__name", "position", "pk")[:300])


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field of a request with its value in words. `missing`: it is required and has none."""

    definition: FieldDefinition
    value: str

    @property
    def missing(self) -> bool:
        return self.definition.required and not self.value


def own_fields(ticket: Ticket, *, asked: bool = False) -> list[OwnField]:
    """Fields of its contract with their values; for the requester's side only those that he is asked."""
    definitions = definitions_of(ticket.contract, asked=asked) if ticket.contract_id is not None else []
    if not definitions:
        return []
    row = TicketFields.objects.filter(pk=ticket.pk).first()
    values = row.values if row is not None else {}
    return [
        OwnField(one, typed_fields.shown(one.kind, values[str(one.pk)]) if str(one.pk) in values else "")
        for one in definitions
    ]

"""How a person recognises what was not taken: a name, a number; and which organisation's it is."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from provodnik.exchange.contract import Object
from provodnik.people.models import Employment, Organisation, PersonKey

OF_PLACE = frozenset({"dismissal", "leave_balance"})  # their own reference is a place of work's


def titles(objects: Sequence[Object]) -> dict[str, tuple[str, int | None]]:
    """guid → (title, organisation's id). Three statements at most, however many there are."""
    people = _keys(_of(one, "person") for one in objects)
    places = _places(_of(one, "employment") for one in objects)
    houses = _houses(_of(one, "organisation") for one in objects)
    found = {}
    for one in objects:
        place = places.get(_of(one, "employment") or "")
        person = people.get(_of(one, "person") or "")
        house = houses.get(_of(one, "organisation") or "")
        if house is None:
            house = place.organisation_id if place is not None else person[1] if person is not None else None
        name = _named(one.fields) or (place.person.full_name if place is not None else person[0] if person else "")
        found[one.guid] = (_text(name, one.fields), house)
    return found


def _of(one: Object, kind: str) -> str | None:
    """The reference of this kind that an object speaks of: a field's, or its own."""
    if one.kind == kind or (kind == "employment" and one.kind in OF_PLACE):
        return one.guid
    return _reference(one, kind)


def _reference(one: Object, name: str) -> str | None:
    value = one.fields.get(name)
    try:
        return str(uuid.UUID(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _named(fields: Mapping[str, Any]) -> str:
    parts = [fields.get(name) for name in ("surname", "first_name", "patronymic")]
    full = " ".join(part for part in parts if isinstance(part, str) and part)
    name = fields.get("name")
    return full or (name if isinstance(name, str) else "")


def _text(name: str, fields: Mapping[str, Any]) -> str:
    number = fields.get("personnel_number")
    return ", ".join(part for part in (name, f"№ {number}" if isinstance(number, str) and number else "") if part)[:200]


def _keys(guids: Iterable[str | None]) -> dict[str, tuple[str, int | None]]:
    rows = PersonKey.objects.filter(guid__in={guid for guid in guids if guid}).select_related("person")
    found = {str(row.guid): (row.person.full_name, row.person_id) for row in rows}
    houses = dict(
        Employment.objects.filter(person__in=[pk for _name, pk in found.values()])
        .order_by("-ends_on", "pk")
        .values_list("person_id", "organisation_id")
    )
    return {guid: (name, houses.get(pk)) for guid, (name, pk) in found.items()}


def _places(guids: Iterable[str | None]) -> dict[str, Employment]:
    rows = Employment.objects.filter(guid__in={guid for guid in guids if guid}).select_related("person")
    return {str(row.guid): row for row in rows}


def _houses(guids: Iterable[str | None]) -> dict[str, int]:
    rows = Organisation.objects.filter(guid__in={guid for guid in guids if guid})
    return {str(guid): pk for guid, pk in rows.values_list("guid", "pk")}

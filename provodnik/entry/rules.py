"""What an organisation decides of entry: rows of people's OrganisationRule by these codes."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Q

from provodnik.entry.states import Fact, Name
from provodnik.people.models import Organisation, OrganisationRule
from provodnik.people.policies import current


class Code(StrEnum):
    """SECOND_FACT: a Fact; NAMES: a list of Name; FORMER_DAYS: how long who has left still reads his own;
    MANAGERS: whether a manager prints slips for his own people."""

    SECOND_FACT = "entry.second_fact"
    NAMES = "entry.names"
    FORMER_DAYS = "entry.former_days"
    MANAGERS = "entry.managers"


DEFAULTS: dict[Code, Any] = {
    Code.SECOND_FACT: Fact.BIRTH.value,
    Code.NAMES: [Name.NUMBER.value],
    Code.FORMER_DAYS: 365,
    Code.MANAGERS: False,
}


def values(code: Code, *, on: date) -> dict[int | None, Any]:
    """Organisation (None: all others) → what holds in it on a day. The later beginning goes before."""
    found: dict[int | None, Any] = {None: DEFAULTS[code]}
    rows = OrganisationRule.objects.filter(current(on), Q(code=code.value)).order_by("starts_on")
    found |= dict(rows.values_list("organisation_id", "value"))
    return found


def value(code: Code, organisation_id: int, *, on: date) -> Any:
    found = values(code, on=on)
    return found.get(organisation_id, found[None])


def second_fact(organisation_id: int, *, on: date) -> Fact:
    chosen = value(Code.SECOND_FACT, organisation_id, on=on)
    return Fact(chosen) if chosen in list(Fact) else Fact.BIRTH


def where_managers_print(*, on: date) -> list[int]:
    """Organisations whose managers print slips for their own people. Two statements, one where it is nowhere so."""
    chosen = values(Code.MANAGERS, on=on)
    if not any(chosen.values()):
        return []
    houses = Organisation.objects.filter(is_active=True).values_list("pk", flat=True)
    return [pk for pk in houses if chosen.get(pk, chosen[None])]


def signing_in_by(name: Name, *, on: date) -> list[int]:
    """Organisations whose people sign in by this. Two statements."""
    chosen = values(Code.NAMES, on=on)
    houses = Organisation.objects.filter(is_active=True).values_list("pk", flat=True)
    return [pk for pk in houses if name in chosen.get(pk, chosen[None])]

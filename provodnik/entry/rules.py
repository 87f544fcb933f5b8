"""What an organisation decides of entry: rows of people's OrganisationRule by these codes."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Q

from provodnik.entry.states import Fact
from provodnik.people.models import OrganisationRule
from provodnik.people.policies import current


class Code(StrEnum):
    """SECOND_FACT: a Fact."""

    SECOND_FACT = "entry.second_fact"


DEFAULTS: dict[Code, Any] = {Code.SECOND_FACT: Fact.BIRTH.value}


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

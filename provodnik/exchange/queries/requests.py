"""Requests of people that 1C has to learn of (cabinet B9), as the contract tells them."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from provodnik.core.secrets import Unreadable
from provodnik.exchange.models import Thing
from provodnik.people.models import DataRequest, PersonKey
from provodnik.people.states import ChangeState
from provodnik.people.words import change_word

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Given:
    """What a part wants 1C to know now. `version` grows whenever `fields` change; `organisation`: its id; `title`: how
    personnel recognises it; `gone`: 1C has taken it, and the part takes it back (`fields` are empty then)."""

    guid: uuid.UUID
    version: int
    organisation: int
    fields: Mapping[str, Any]
    title: str
    gone: bool = False


def open_requests() -> Iterator[Given]:
    """Changes of data that hold here, or that personnel has accepted, and that wait for 1C. Whoever 1C does not know is
    known to personnel alone."""
    rows = DataRequest.objects.filter(state=ChangeState.WAITING.value).select_related("person", "organisation")
    names = _names({row.person_id for row in rows})
    bases = _bases({row.organisation.guid for row in rows if row.organisation.guid})
    for row in rows.order_by("pk"):
        house = row.organisation.guid
        person = names.get((row.person_id, bases.get(house, 0))) if house else None
        if person is None or house is None:
            continue
        try:
            asked: dict[str, str] = json.loads(row.told or "{}")
        except Unreadable:
            log.error("exchange: request %s cannot be read with this key", row.pk)
            continue
        yield Given(
            guid=row.key,
            version=int(row.since.timestamp() * 1000),
            organisation=row.organisation_id,
            fields={
                "person": str(person),
                "organisation": str(house),
                "about": row.kind,
                "values": [{"field": name, "value": value or None} for name, value in asked.items()],
                "asked_on": timezone.localdate(row.made_at).isoformat(),
                "by_code": row.by_code,
            },
            title=f"{row.person.full_name}: {change_word(row.kind)}",
        )


def _names(people: set[int]) -> dict[tuple[int, int], uuid.UUID]:
    """(person, base) → what the base calls him."""
    keys = dict(PersonKey.objects.filter(person__in=people).values_list("guid", "person_id"))
    things = Thing.objects.filter(kind="person", guid__in=keys).values_list("guid", "base_id")
    return {(keys[guid], base): guid for guid, base in things}


def _bases(houses: set[uuid.UUID]) -> dict[uuid.UUID, int]:
    return dict(Thing.objects.filter(kind="organisation", guid__in=houses).values_list("guid", "base_id"))

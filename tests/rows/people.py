"""Rows of people: who finds whom. Two organisations that keep their directories to themselves; the people of A and of B
work in one each, the coordinators are their personnel. Who keeps cards is tested further in people/tests."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.utils import timezone

from provodnik.people.actions import employments, persons, structure
from provodnik.people.actions.taking import Incoming
from provodnik.people.models import Employment, Organisation, StaffMember, Unit
from provodnik.people.states import Source, StaffRole
from tests.rowwords import ADMINISTRATORS, BOTH, GET, POST, Row, to

WORKING_A, WORKING_B = ("requester", "colleague"), ("other_requester",)
HR_A, HR_B = ("coordinator",), ("other_coordinator",)
LOOKING = (*WORKING_A, *WORKING_B, *HR_A, *HR_B, *ADMINISTRATORS)
IN_A, IN_B = (*WORKING_A, *HR_A, *ADMINISTRATORS), (*WORKING_B, *HR_B, *ADMINISTRATORS)
# left: worked in A; only A's personnel and he himself know of it
SEEN = {"own": IN_A, "foreign": IN_B, "left": (*HR_A, "ex_contact"), "missing": ()}
CARDS = {
    "own": ("requester", *HR_A),
    "foreign": ("other_requester", *HR_B),
    "left": (*HR_A, "ex_contact"),
    "missing": (),
}
KEPT = {"own": HR_A, "foreign": HR_B, "left": HR_A, "missing": ()}
UNITS = {"own": IN_A, "foreign": IN_B, "missing": ()}
MISSING_ID = 10**9

ROWS: dict[str, Row] = {
    "people:index": to(LOOKING),
    "people:structure": to(LOOKING),
    "people:unit": Row(GET, UNITS),
    "people:branch": Row(GET, UNITS),
    "people:me": to((*WORKING_A, *WORKING_B, "ex_contact")),
    "people:looks": to((*WORKING_A, *WORKING_B, "ex_contact")),
    "people:place": to((), POST),  # the place is in the body: people/tests/test_pages.py
    "people:person": Row(GET, SEEN),
    "people:card": Row(GET, CARDS),
    "people:correct": Row(BOTH, KEPT),
    "people:follow": Row(POST, KEPT),
}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    now = timezone.now()
    on = timezone.localdate(now)
    said: dict[str, Any] = {"source": Source.ONEC, "at": now}
    a, b = world.people["requester"].contact.organisation, world.people["other_requester"].contact.organisation

    def house(canary: str) -> tuple[uuid.UUID, uuid.UUID]:
        key, unit = uuid.uuid4(), uuid.uuid4()
        structure.take_organisations([Incoming(key, {"name": f"Водоканал {canary}"})], **said)
        structure.take_units([Incoming(unit, {"name": f"Участок {canary}", "organisation": key})], **said)
        Organisation.objects.filter(guid=key).update(shares_directory=False)
        return key, unit

    houses = {a: house(a), b: house(b)}

    def hire(name: str, canary: str, ends_on: date | None = None) -> int:
        key, place = uuid.uuid4(), uuid.uuid4()
        persons.take_persons([Incoming(key, {"surname": canary, "first_name": name, "room": canary})], **said)
        organisation, unit = houses[canary]
        row = {"person": key, "organisation": organisation, "unit": unit, "starts_on": "2020-01-09", "ends_on": ends_on}
        employments.take_employments([Incoming(place, row)], **said, on=on)
        pk = Employment.objects.get(guid=place).person_id
        persons.link_user(pk, world.people[name], by=None, at=now, on=on)
        return pk

    left = hire("ex_contact", a, ends_on=date(2021, 1, 9))
    people = {name: hire(name, canary) for name, canary in (("requester", a), ("colleague", a), ("other_requester", b))}
    for name, canary in (("coordinator", a), ("other_coordinator", b)):
        organisation = Organisation.objects.get(guid=houses[canary][0])
        StaffMember.objects.create(
            user=world.people[name], organisation=organisation, role=StaffRole.HR.value, since=now
        )
    persons.mark_employees(None, on=on)
    ids = {"own": people["requester"], "foreign": people["other_requester"], "left": left, "missing": MISSING_ID}
    found: dict[str, dict[str, dict[str, Any]]] = {
        f"people:{route}": {name: {"pk": pk} for name, pk in ids.items()} for route in ("person", "card", "correct")
    }
    found["people:follow"] = {name: {"pk": pk, "field": "room"} for name, pk in ids.items()}
    units = {
        "own": {"pk": Unit.objects.get(guid=houses[a][1]).pk},
        "foreign": {"pk": Unit.objects.get(guid=houses[b][1]).pk},
        "missing": {"pk": MISSING_ID},
    }
    return found | {"people:unit": units, "people:branch": units}

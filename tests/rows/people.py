"""Rows of people: who finds whom, who keeps what. Two organisations that keep their directories to themselves; the
people of A and of B work in one each, the coordinators are their personnel; in A somebody heads the unit, somebody
stands in for him, somebody is its payroll accountant. Who keeps cards is tested further in people/tests."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from provodnik.core.uploads import NewFile
from provodnik.people.actions import changes, employments, persons, rules, standing, structure
from provodnik.people.actions.houses import add_holiday
from provodnik.people.actions.taking import Incoming
from provodnik.people.models import Employment, Organisation, RegionalHoliday, StaffMember, Unit
from provodnik.people.rules import Code
from provodnik.people.states import ChangeKind, DecisionKind, Source, StaffRole
from tests.rowwords import ADMINISTRATORS, BOTH, GET, POST, STAFF, Row, to

WORKING_A, WORKING_B = ("requester", "colleague", *STAFF), ("other_requester",)
WORKING = (*WORKING_A, *WORKING_B)
HR_A, HR_B = ("coordinator",), ("other_coordinator",)
HR = (*HR_A, *HR_B)
LOOKING = (*WORKING, *HR, *ADMINISTRATORS)
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
THEIRS = {"own": HR_A, "foreign": HR_B, "missing": ()}  # personnel alone
SET_UP = {"own": (*HR_A, *ADMINISTRATORS), "foreign": (*HR_B, *ADMINISTRATORS), "missing": ()}
GIVEN = {"own": ADMINISTRATORS, "foreign": ADMINISTRATORS, "missing": ()}
ASKED = {"own": ("requester",), "foreign": ("other_requester",), "missing": ()}
KINDS = {"there": WORKING, "missing": ()}
MISSING_ID = 10**9
OF_HOUSE = (
    "organisation", "settings", "holidays", "staff", "give_role", "rules", "decide_rule", "units", "add_unit",
    "deputies", "add_deputy",
)  # fmt: skip
OF_REQUEST = ("my_request", "mend_request", "cancel_request", "request", "decide")

ROWS: dict[str, Row] = {
    "people:index": to(LOOKING),
    "people:structure": to(LOOKING),
    "people:unit": Row(GET, UNITS),
    "people:branch": Row(GET, UNITS),
    "people:me": to((*WORKING, "ex_contact")),
    "people:looks": to((*WORKING, "ex_contact")),
    "people:place": to((), POST),  # the place is in the body: people/tests/test_pages.py
    "people:person": Row(GET, SEEN),
    "people:card": Row(GET, CARDS),
    "people:correct": Row(BOTH, KEPT),
    "people:follow": Row(POST, KEPT),
    "people:my_deputies": to((*WORKING, *HR), BOTH),
    "people:end_deputy": Row(POST, {"own": ("manager", *HR_A), "foreign": ("other_requester", *HR_B), "missing": ()}),
    "people:organisations": to((*HR, *ADMINISTRATORS)),
    "people:organisation": Row(GET, SET_UP),
    "people:settings": Row(BOTH, SET_UP),
    "people:holidays": Row(BOTH, SET_UP),
    "people:remove_holiday": Row(POST, SET_UP),
    "people:staff": Row(GET, SET_UP),
    "people:give_role": Row(POST, GIVEN),
    "people:take_role": Row(POST, GIVEN),
    "people:rules": Row(GET, SET_UP),
    "people:decide_rule": Row(POST, THEIRS),
    "people:units": Row(GET, SET_UP),
    "people:add_unit": Row(POST, THEIRS),
    "people:keep_unit": Row(BOTH, THEIRS),
    "people:deputies": Row(GET, SET_UP),
    "people:add_deputy": Row(POST, THEIRS),
    "people:my_requests": to(WORKING),
    "people:change": Row(BOTH, KINDS),
    "people:change_code": Row(BOTH, KINDS),
    "people:my_request": Row(GET, ASKED),
    "people:mend_request": Row(BOTH, ASKED),
    "people:cancel_request": Row(POST, ASKED),
    "people:requests": to(HR),
    "people:request": Row(GET, THEIRS),
    "people:decide": Row(POST, THEIRS),
    "people:scan": Row(GET, {"own": ("requester", *HR_A), "foreign": ("other_requester", *HR_B), "missing": ()}),
    "people:duplicates": to(HR),
    "people:join": Row(BOTH, THEIRS),
}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    now = timezone.now()
    on = timezone.localdate(now)
    said: dict[str, Any] = {"source": Source.ONEC, "at": now}
    a, b = world.people["requester"].contact.organisation, world.people["other_requester"].contact.organisation

    def house(canary: str) -> tuple[uuid.UUID, uuid.UUID]:
        key, unit = uuid.uuid4(), uuid.uuid4()
        region = "66" if canary == a else "29"
        structure.take_organisations([Incoming(key, {"name": f"Водоканал {canary}", "region": region})], **said)
        structure.take_units([Incoming(unit, {"name": f"Участок {canary}", "organisation": key})], **said)
        Organisation.objects.filter(guid=key).update(shares_directory=False)
        return key, unit

    houses = {a: house(a), b: house(b)}
    places: dict[str, Employment] = {}

    def hire(name: str, canary: str, ends_on: date | None = None) -> int:
        key, place = uuid.uuid4(), uuid.uuid4()
        persons.take_persons([Incoming(key, {"surname": canary, "first_name": name, "room": canary})], **said)
        organisation, unit = houses[canary]
        row = {"person": key, "organisation": organisation, "unit": unit, "starts_on": "2020-01-09", "ends_on": ends_on}
        employments.take_employments([Incoming(place, row)], **said, on=on)
        places[name] = Employment.objects.get(guid=place)
        if name in world.people:
            persons.link_user(places[name].person_id, world.people[name], by=None, at=now, on=on)
        return places[name].person_id

    left = hire("ex_contact", a, ends_on=date(2021, 1, 9))
    working = (*((name, a) for name in WORKING_A), ("other_requester", b), ("twin_a", a), ("twin_b", b))
    people = {name: hire(name, canary) for name, canary in working}
    for name, canary, role in (
        ("coordinator", a, StaffRole.HR), ("other_coordinator", b, StaffRole.HR), ("accountant", a, StaffRole.PAYROLL),
    ):  # fmt: skip
        organisation = Organisation.objects.get(guid=houses[canary][0])
        StaffMember.objects.create(user=world.people[name], organisation=organisation, role=role.value, since=now)
    persons.mark_employees(None, on=on)
    standing.set_head(Unit.objects.get(guid=houses[a][1]).pk, places["manager"].pk, since=on, **said)
    ids = {"own": people["requester"], "foreign": people["other_requester"], "left": left, "missing": MISSING_ID}
    found: dict[str, dict[str, dict[str, Any]]] = {
        f"people:{route}": {name: {"pk": pk} for name, pk in ids.items()} for route in ("person", "card", "correct")
    }
    found["people:follow"] = {name: {"pk": pk, "field": "room"} for name, pk in ids.items()}
    for which, canary, hr, worker, head in (
        ("own", a, "coordinator", "requester", "manager"),
        ("foreign", b, "other_coordinator", "other_requester", "other_requester"),
    ):
        organisation = Organisation.objects.get(guid=houses[canary][0])
        user, asker = world.people[hr], world.people[worker]
        rules.decide(organisation.pk, Code.SCANS_KEPT, 7, since=on, norm=canary, by=user, at=now, on=on)
        deputy = standing.set_deputy(
            places[head].pk, places["deputy" if which == "own" else "twin_b"].pk, kinds=[DecisionKind.LEAVE],
            starts_on=on, ends_on=on + timedelta(days=9), by=world.people[head], at=now,
        )  # fmt: skip
        asked = changes.ask(
            people[worker], organisation.pk, ChangeKind.NAME, {"surname": canary},
            [NewFile(f"{canary}.png", "image/png", b"\x89PNG")], key=uuid.uuid4(), by=asker, at=now, on=on,
        )  # fmt: skip
        add_holiday(organisation.pk, day=date(2026, 11, 28), name=canary, by=user, at=now)
        unit, twin = Unit.objects.get(guid=houses[canary][1]), people["twin_a" if which == "own" else "twin_b"]
        role = StaffMember.objects.get(organisation=organisation, role="hr")
        made: dict[str, dict[str, Any]] = {
            **{route: {"pk": organisation.pk} for route in OF_HOUSE},
            **{route: {"pk": unit.pk} for route in ("unit", "branch", "keep_unit")},
            **{route: {"pk": asked.pk} for route in OF_REQUEST},
            "remove_holiday": {"pk": organisation.pk, "row": RegionalHoliday.objects.get(name=canary).pk},
            "take_role": {"pk": organisation.pk, "row": role.pk},
            "end_deputy": {"pk": deputy.pk},
            "scan": {"key": asked.files.get().key},
            "join": {"pk": people[worker], "other": twin},
        }
        for route, arguments in made.items():
            found.setdefault(f"people:{route}", {})[which] = arguments
    for route, things_of in found.items():
        missing = dict.fromkeys(next(iter(things_of.values())), MISSING_ID)
        if route == "people:scan":
            missing = {"key": uuid.UUID(int=7)}  # type: ignore[dict-item]
        things_of.setdefault("missing", missing)
    found["people:change"] = {"there": {"kind": "other"}, "missing": {"kind": "pay"}}
    found["people:change_code"] = {"there": {"kind": "email"}, "missing": {"kind": "pay"}}
    return found

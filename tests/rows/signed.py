"""Rows of consents (after people's rows, which make the persons): who gave one, and the personnel of that organisation;
no manager, deputy, accountant, administrator, desk. Two houses of their own; somebody has left the one of A."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.utils import timezone

from provodnik.consents.actions import editions, marking
from provodnik.consents.states import About
from provodnik.core.uploads import NewFile
from provodnik.people.actions import employments, persons, structure
from provodnik.people.actions.taking import Incoming
from provodnik.people.models import Employment, Organisation, StaffMember
from provodnik.people.states import Source, StaffRole
from tests.rowwords import BOTH, GET, POST, Row, to

HR_A, HR_B = ("coordinator",), ("other_coordinator",)
HR = (*HR_A, *HR_B)
KEPT = {"own": HR_A, "foreign": HR_B, "left": HR_A, "missing": ()}
GIVEN = {"own": ("requester",), "foreign": ("other_requester",), "left": ("ex_contact",), "missing": ()}
BOTH_SIDES = {name: (*GIVEN[name], *KEPT[name]) for name in KEPT}
TEXTS = {"own": HR_A, "foreign": HR_B, "missing": ()}
# whom 1C has told of as a person, whatever he works as
PERSONS = ("requester", "colleague", "manager", "deputy", "accountant", "other_requester", "ex_contact")

ROWS: dict[str, Row] = {
    "consents:index": to(HR),
    "consents:mark": to(HR, POST),
    "consents:marked": Row(GET, {"own": HR_A, "foreign": HR_B, "missing": ()}),
    "consents:person": Row(GET, KEPT),
    "consents:mark_one": Row(BOTH, KEPT),
    "consents:mine": to(PERSONS),
    "consents:mine_one": Row(GET, GIVEN),
    "consents:withdraw_own": Row(BOTH, GIVEN),
    "consents:text": Row(
        GET,
        {"own": ("requester", "manager", "ex_contact", *HR_A), "foreign": ("other_requester", *HR_B), "missing": ()},
    ),
    "consents:editions": to(HR),
    "consents:new_edition": to(HR, BOTH),
    "consents:mend_edition": Row(BOTH, TEXTS),
    "consents:remove_edition": Row(POST, TEXTS),
    "consents:scan": Row(GET, BOTH_SIDES),
    "consents:show": Row(GET, KEPT),
    "consents:attach": Row(POST, KEPT),
    "consents:withdraw": Row(POST, KEPT),
    "consents:mistake": Row(POST, KEPT),
    "consents:again": Row(POST, KEPT),
}
MISSING, MISSING_KEY = 10**9, uuid.UUID(int=11)


def _text(house: int, name: str, canary: str, by: Any, at: Any) -> int:
    made = editions.make_edition(
        house, About.DATA, f"{name} {canary}", f"Согласен {canary}.", date(2020, 9, 1), key=uuid.uuid4(), by=by, at=at
    )
    return made.pk


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    now = timezone.now()
    on = timezone.localdate(now)
    said: dict[str, Any] = {"source": Source.ONEC, "at": now}
    a, b = world.people["requester"].contact.organisation, world.people["other_requester"].contact.organisation
    found: dict[str, dict[str, dict[str, Any]]] = {}

    def hire(name: str, house: uuid.UUID, ends_on: date | None = None) -> Employment:
        key = uuid.uuid4()
        person = world.people[name].employee.keys.first().guid
        row = {"person": person, "organisation": house, "starts_on": "2020-01-09", "ends_on": ends_on}
        employments.take_employments([Incoming(key, row)], **said, on=on)
        return Employment.objects.get(guid=key)

    def put(which: str, **arguments: dict[str, Any]) -> None:
        for route, values in arguments.items():
            found.setdefault(f"consents:{route}", {})[which] = values

    for which, canary, hr, people in (
        ("own", a, "coordinator", ("requester", "manager", "ex_contact")),
        ("foreign", b, "other_coordinator", ("other_requester",)),
    ):
        house, user = uuid.uuid4(), world.people[hr]
        structure.take_organisations([Incoming(house, {"name": f"Водосбыт {canary}"})], **said)
        organisation = Organisation.objects.get(guid=house)
        Organisation.objects.filter(guid=house).update(shares_directory=False)
        StaffMember.objects.create(user=user, organisation=organisation, role=StaffRole.HR.value, since=now)
        places = [hire(name, house, date(2021, 1, 9) if name == "ex_contact" else None) for name in people]

        unsigned, signed = (_text(organisation.pk, name, canary, user, now) for name in ("Новая", "Редакция"))
        for place, name in zip(places, (which, "", "left"), strict=False):
            if not name:
                continue
            row = marking.mark(
                place.person_id, signed, date(2020, 9, 2), [NewFile(f"{canary}.png", "image/png", b"\x89PNG")],
                key=uuid.uuid4(), by=user, at=now, on=on,
            )  # fmt: skip
            pk: dict[str, Any] = {"pk": row.pk}
            put(name, mine_one=pk, withdraw_own=pk, show=pk, attach=pk, withdraw=pk, mistake=pk, again=pk,
                person={"pk": place.person_id}, mark_one={"pk": place.person_id},
                scan={"key": row.files.get().key})  # fmt: skip
        many = marking.mark_many(
            signed, date(2020, 9, 2), [places[0].person_id], key=uuid.uuid4(), by=user, at=now, on=on
        )
        put(which, marked={"key": many.key}, text={"pk": signed}, mend_edition={"pk": unsigned},
            remove_edition={"pk": unsigned})  # fmt: skip
    persons.mark_employees(None, on=on)
    for route, of in found.items():
        of["missing"] = {"key": MISSING_KEY} if route in ("consents:scan", "consents:marked") else {"pk": MISSING}
    return found

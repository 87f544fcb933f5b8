"""Rows of entry: the way in is everybody's; slips are made by the personnel of an organisation, for its people alone.
Two houses; the coordinators are their personnel."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone

from provodnik.entry.actions import inviting, slips
from provodnik.entry.rules import Code
from provodnik.people.actions import employments, persons, structure
from provodnik.people.actions.taking import Incoming
from provodnik.people.models import Employment, Organisation, OrganisationRule, StaffMember
from provodnik.people.states import Source, StaffRole
from tests.rowwords import BOTH, EVERYBODY, GET, POST, Row, to

HR_A, HR_B = ("coordinator",), ("other_coordinator",)
HR = (*HR_A, *HR_B)

ROWS: dict[str, Row] = {
    "entry:start": to(EVERYBODY, BOTH),
    "entry:start_with": Row(BOTH, {"there": EVERYBODY}),  # the same page whatever stands in the address
    "entry:start_link": Row(BOTH, {"there": EVERYBODY}),
    "entry:password": to(EVERYBODY, BOTH),
    "entry:index": to(HR),
    "entry:new": to(HR, BOTH),
    "entry:export": to(HR),
    "entry:rules": to(HR),
    "entry:rule": Row(POST, {"own": HR_A, "foreign": HR_B, "missing": ()}),
    "entry:mine": to(("manager",), BOTH),  # of requester and colleague: tests/rows/people.py
    "entry:sending": Row(GET, {"own": HR_A, "foreign": HR_B, "missing": ()}),
    "entry:void": Row(POST, {"own": HR_A, "foreign": HR_B, "missing": ()}),
}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    now = timezone.now()
    on = timezone.localdate(now)
    said: dict[str, Any] = {"source": Source.ONEC, "at": now}
    voids: dict[str, dict[str, Any]] = {"missing": {"pk": 10**9}}
    rules: dict[str, dict[str, Any]] = {"missing": {"pk": 10**9}}
    sendings: dict[str, dict[str, Any]] = {"missing": {"pk": 10**9}}
    for which, person in (("own", "coordinator"), ("foreign", "other_coordinator")):
        user = world.people[person]
        canary, house, key, place = user.contact.organisation, uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
        structure.take_organisations([Incoming(house, {"name": f"Горсети {canary}"})], **said)
        organisation = Organisation.objects.get(guid=house)
        Organisation.objects.filter(pk=organisation.pk).update(shares_directory=False)
        StaffMember.objects.create(user=user, organisation=organisation, role=StaffRole.HR.value, since=now)
        person_of = {"surname": canary, "birth_date": "1985-03-07", "email": f"slip-{which}@example.org"}
        persons.take_persons([Incoming(key, person_of)], **said)
        row = {"person": key, "organisation": house, "starts_on": "2020-01-09"}
        employments.take_employments([Incoming(place, row)], **said, on=on)
        worker = Employment.objects.get(guid=place)
        sent, _unreached = inviting.invite(organisation, [worker.pk], key=uuid.uuid4(), by=user, at=now, on=on)
        sendings[which] = {"pk": sent.pk}
        sheet, _printed = slips.make(organisation, [worker.pk], key=uuid.uuid4(), by=user, at=now, on=on)
        rules[which] = {"pk": organisation.pk}
        voids[which] = {"pk": sheet.slips.get().pk}
    OrganisationRule.objects.create(code=Code.MANAGERS.value, value=True, starts_on=on)  # in every organisation
    return {
        "entry:void": voids,
        "entry:rule": rules,
        "entry:start_with": {"there": {"code": "K4XM7PHA2CTE"}},
        "entry:start_link": {"there": {"token": "x" * 27}},
        "entry:sending": sendings,
    }

"""Rows of payslips (after people's rows, which make the persons): the worker and the payroll accountant of his
organisation, nobody else. Two houses; a worker in each, one who has left. In A the accountant, the head of the unit,
his deputy and the personnel are four people: all but the first get 404, as administrators and the desk do; in B the
coordinator is accountant."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.utils import timezone

from provodnik.core import files
from provodnik.payslips.models import PayPack, PayQuestion
from provodnik.payslips.tests.factories import a_month, publish
from provodnik.people.actions import employments, persons, standing, structure
from provodnik.people.actions.taking import Incoming
from provodnik.people.models import Employment, Organisation, StaffMember, Unit
from provodnik.people.states import DecisionKind, Source, StaffRole
from tests.rowwords import BOTH, GET, POST, Row, to

PAYROLL_A, PAYROLL_B = ("accountant",), ("other_coordinator",)
PAYROLL = (*PAYROLL_A, *PAYROLL_B)
# new: not published yet; left: of somebody who has left; theirs: of the accountant's organisations
READ = {
    "own": ("requester", *PAYROLL_A),
    "foreign": ("other_requester", *PAYROLL_B),
    "left": ("ex_contact", *PAYROLL_A),
    "new": PAYROLL_A,
    "missing": (),
}
ASKED = {"own": ("requester",), "foreign": ("other_requester",), "left": ("ex_contact",), "new": (), "missing": ()}
KEPT = {"own": PAYROLL_A, "foreign": PAYROLL_B, "missing": ()}

ROWS: dict[str, Row] = {
    "payslips:index": to(
        ("requester", "colleague", "manager", "deputy", "coordinator", "other_requester", "ex_contact", *PAYROLL)
    ),
    "payslips:show": Row(GET, READ),
    "payslips:version": Row(GET, READ),
    "payslips:pdf": Row(GET, READ),
    "payslips:ask": Row(POST, ASKED),
    "payslips:withdraw": Row(POST, {**KEPT, "new": PAYROLL_A}),
    "payslips:batches": to(PAYROLL),
    "payslips:batch": Row(GET, KEPT),
    "payslips:slips": Row(GET, KEPT),
    "payslips:missing": Row(GET, KEPT),
    "payslips:check": Row(POST, KEPT),
    "payslips:schedule": Row(POST, KEPT),
    "payslips:unschedule": Row(POST, KEPT),
    "payslips:withdraw_batch": Row(POST, KEPT),
    "payslips:ask_pack": Row(POST, KEPT),
    "payslips:pack": Row(GET, KEPT),
    "payslips:questions": to(PAYROLL),
    "payslips:question": Row(BOTH, KEPT),
}
MISSING = 10**9


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    now = timezone.now()
    on = timezone.localdate(now)
    said: dict[str, Any] = {"source": Source.ONEC, "at": now}
    a, b = world.people["requester"].contact.organisation, world.people["other_requester"].contact.organisation

    def house(canary: str, accountant: str) -> tuple[uuid.UUID, uuid.UUID]:
        key, unit = uuid.uuid4(), uuid.uuid4()
        structure.take_organisations([Incoming(key, {"name": f"Горводопровод {canary}"})], **said)
        structure.take_units([Incoming(unit, {"name": f"Смена {canary}", "organisation": key})], **said)
        Organisation.objects.filter(guid=key).update(shares_directory=False)
        StaffMember.objects.create(
            user=world.people[accountant], organisation=Organisation.objects.get(guid=key),
            role=StaffRole.PAYROLL.value, since=now,
        )  # fmt: skip
        return key, unit

    houses = {a: house(a, "accountant"), b: house(b, "other_coordinator")}

    def hire(name: str, canary: str, ends_on: date | None = None) -> Employment:
        """Another place of work of somebody whom tests/rows/people.py has made a person."""
        organisation, unit = houses[canary]
        place = uuid.uuid4()
        person = world.people[name].employee
        row = {
            "person": person.keys.first().guid, "organisation": organisation, "unit": unit, "starts_on": "2020-01-09",
            "ends_on": ends_on,
        }  # fmt: skip
        employments.take_employments([Incoming(place, row)], **said, on=on)
        return Employment.objects.get(guid=place)

    left = hire("ex_contact", a, ends_on=date(2021, 1, 9))
    own, manager, deputy = hire("requester", a), hire("manager", a), hire("deputy", a)
    other = hire("other_requester", b)
    standing.set_head(Unit.objects.get(guid=houses[a][1]).pk, manager.pk, since=date(2024, 1, 1), **said)
    StaffMember.objects.create(
        user=world.people["coordinator"], organisation=manager.organisation, role=StaffRole.HR.value, since=now
    )
    standing.set_deputy(
        manager.pk, deputy.pk, kinds=list(DecisionKind), starts_on=on, ends_on=on, by=world.people["manager"], at=now
    )
    slips = {
        "own": a_month(own, date(2026, 10, 1), name=a),
        "foreign": a_month(other, date(2026, 10, 1), name=b),
        "left": a_month(left, date(2020, 12, 1), name=a),
    }
    for name, accountant in (("own", "accountant"), ("foreign", "other_coordinator"), ("left", "accountant")):
        publish(slips[name].batch, by=world.people[accountant], at=now)
    slips["new"] = a_month(own, date(2026, 11, 1), name=a)
    persons.mark_employees(None, on=on)
    version: dict[str, dict[str, Any]] = {name: {"slip": row.pk, "number": 1} for name, row in slips.items()}
    version["missing"] = {"slip": MISSING, "number": 1}
    slip = {name: {"slip": values["slip"]} for name, values in version.items()}
    batch: dict[str, dict[str, Any]] = {name: {"pk": slips[name].batch_id} for name in ("own", "foreign")}
    packs: dict[str, dict[str, Any]] = {"missing": {"pk": MISSING}}
    questions: dict[str, dict[str, Any]] = {"missing": {"pk": MISSING}}
    for name, person in (("own", "requester"), ("foreign", "other_requester")):
        asked = PayQuestion.objects.create(
            key=uuid.uuid4(), version=slips[name].versions.get(), organisation_id=slips[name].organisation_id, line=0,
            name="Оклад", group="pay", text=a if name == "own" else b, asked_by=world.people[person], asked_at=now,
        )  # fmt: skip
        questions[name] = {"pk": asked.pk}
        pack = PayPack.objects.create(batch=slips[name].batch, at=now, state="done", blob=files.keep(b"%PDF-1.7"))
        packs[name] = {"pk": pack.pk}
    batch["missing"] = {"pk": MISSING}
    found = {f"payslips:{route}": version for route in ("version", "pdf", "ask")}
    found |= {f"payslips:{route}": slip for route in ("show", "withdraw")}
    found |= {
        f"payslips:{route}": batch
        for route in ("batch", "slips", "missing", "check", "schedule", "unschedule", "withdraw_batch", "ask_pack")
    }
    return found | {"payslips:pack": packs, "payslips:question": questions}

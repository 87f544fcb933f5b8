"""Rows of the exchange with 1C: administrators look after bases, personnel after what is theirs. Two bases, a house in
each; the coordinators are their personnel."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone

from provodnik.core import files
from provodnik.core.secrets import seal
from provodnik.exchange.actions import deciding
from provodnik.exchange.models import Batch, ODataAccess, Parcel, Thing
from provodnik.people.actions import structure
from provodnik.people.actions.taking import Incoming
from provodnik.people.models import Organisation, StaffMember
from provodnik.people.states import Source, StaffRole
from tests.rowwords import ADMINISTRATORS, BOTH, EVERYBODY, GET, POST, Row, kept, to

HR_A, HR_B = ("coordinator",), ("other_coordinator",)
HR = (*HR_A, *HR_B)
SEEN = {"own": (*HR_A, *ADMINISTRATORS), "foreign": (*HR_B, *ADMINISTRATORS), "missing": ()}
THEIRS = {"own": HR_A, "foreign": HR_B, "missing": ()}

ROWS: dict[str, Row] = {
    "exchange:index": to((*HR, *ADMINISTRATORS)),
    "exchange:problems": to((*HR, *ADMINISTRATORS)),
    "exchange:batch": Row(GET, SEEN),
    "exchange:decide": Row(POST, THEIRS),
    "exchange:again": Row(POST, SEEN),
    "exchange:differences": to(HR),
    "exchange:limits": to(HR),
    "exchange:limit": Row(POST, THEIRS),
    "exchange:bases": to(ADMINISTRATORS, BOTH),
    "exchange:new_key": kept(POST),
    "exchange:switch": kept(POST),
    "exchange:gives": kept(POST),
    "exchange:odata": kept(BOTH),
    "exchange:check_odata": kept(POST),
    "exchange:read_odata": kept(POST),
    "exchange:told": to((*HR, *ADMINISTRATORS)),
    "exchange:schema": to(EVERYBODY),
}
# what tests/test_api_matrix.py pushes
PUSHED: dict[str, Any] = {
    "base": "nowhere",
    "batch": "5f0c1b1e-6d0e-4f6e-9f3e-2b1c0a9d8e7f",
    "objects": [{"type": "position", "guid": "5f0c1b1e-6d0e-4f6e-9f3e-2b1c0a9d8e70", "version": 1, "name": "Слесарь"}],
}
MISSING = 10**9
OF_A_BASE = ("new_key", "switch", "gives", "odata", "check_odata", "read_odata")


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    now = timezone.now()
    found: dict[str, dict[str, dict[str, Any]]] = {
        f"exchange:{name}": {"missing": {"pk": MISSING}} for name in ("batch", "decide", "again", "limit", *OF_A_BASE)
    }
    for which, person in (("own", "coordinator"), ("foreign", "other_coordinator")):
        user = world.people[person]
        canary, key = user.contact.organisation, uuid.uuid4()
        base, _key = deciding.make_base(code=which, name=f"ЗУП {canary}", by=None, at=now)
        told = [Incoming(key, {"name": f"Горводоканал {canary}"})]
        (verdict,) = structure.take_organisations(told, source=Source.ONEC, at=now)
        Organisation.objects.filter(pk=verdict.pk).update(shares_directory=False)
        StaffMember.objects.create(user=user, organisation_id=verdict.pk, role=StaffRole.HR.value, since=now)
        batch = Batch.objects.create(
            base=base, carrier="push", at=now, state="held", raw=files.keep(b"[]"),
            stops=[{"organisation": verdict.pk, "name": canary, "rule": "dismissals",
                    "would": 9, "of": 10, "limit": 10}],
        )  # fmt: skip
        row = {"base": base, "version": 1, "digest": uuid.uuid4(), "since": now}
        Thing.objects.create(kind="organisation", guid=key, standing="taken", **row)
        thing = Thing.objects.create(
            kind="person", guid=uuid.uuid4(), standing="refused", title=canary, reason="Нет имени.", about="surname",
            actor="zup", organisation_id=verdict.pk, sealed=seal('{"fields":{"surname":""}}'), **row,
        )  # fmt: skip
        Parcel.objects.create(
            base=base, organisation_id=verdict.pk, kind="data_request", guid=uuid.uuid4(), version=1, title=canary,
            sealed=seal("{}"), made_at=now,
        )  # fmt: skip
        found["exchange:batch"][which] = found["exchange:decide"][which] = {"pk": batch.pk}
        found["exchange:again"][which] = {"pk": thing.pk}
        found["exchange:limit"][which] = {"pk": verdict.pk}
        if which == "own":
            ODataAccess.objects.create(
                base=base, address="http://169.254.1.1/zup", user="reader", reads=["units"], changed_at=now
            )  # an address that is never asked
            for name in OF_A_BASE:
                found[f"exchange:{name}"]["there"] = {"pk": base.pk}
            there = {"base": base.code, "batch": batch.key}
    found["exchange:told_to"] = {"there": {"base": "own"}, "missing": {"base": "nowhere"}}
    found["exchange:result"] = {"there": there, "missing": {"base": "own", "batch": uuid.uuid4()}}
    return found

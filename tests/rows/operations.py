"""Rows of what an administrator operates by: monitoring's questions, one person's data over all parts."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from provodnik.core import files
from provodnik.core.models import ErasureAct
from provodnik.privacy.models import Extract
from tests.rowwords import ADMINISTRATORS, BOTH, EVERYBODY, GET, POST, Row, kept, to

ROWS: dict[str, Row] = {
    "watch:live": to(EVERYBODY),
    "privacy:index": to(ADMINISTRATORS, BOTH),
    "privacy:looks": to(ADMINISTRATORS, BOTH),
    "privacy:extracts": to(ADMINISTRATORS),
    "privacy:download": Row(GET, {"there": ADMINISTRATORS, "foreign": (), "missing": ()}),
    "privacy:act": kept(BOTH),
    "privacy:person": Row(GET, {"there": ADMINISTRATORS, "missing": (), "nothing": ()}),
    "privacy:export": kept(POST),
}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    """`foreign`: a file of somebody else, which no other administrator takes."""
    now, people = timezone.now(), world.people
    blob = files.keep(b"PK")
    own, foreign = (
        Extract.objects.create(
            user=people[name], of="person", kind="zip", reason="7", state="done", blob=blob, asked_at=now
        )
        for name in ("administrator", "lead")
    )
    act = ErasureAct.objects.create(kind="person", begun_at=now, asked={"contact": 1})
    contact = world.own.contact_id
    missing = {"kind": "contact", "pk": 10**9}
    whose = {"there": {"kind": "contact", "pk": contact}, "missing": missing}
    return {
        "privacy:download": {"there": {"pk": own.pk}, "foreign": {"pk": foreign.pk}, "missing": {"pk": 10**9}},
        "privacy:act": {"there": {"pk": act.pk}, "missing": {"pk": 10**9}},
        "privacy:person": {**whose, "nothing": {"kind": "mailbox", "pk": contact}},
        "privacy:export": whose,
    }

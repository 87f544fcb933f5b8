"""Who may reach the journal and the rules of retention: administrators; a lead what is about requests."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from provodnik.core.models import ErasureAct
from provodnik.desk.models import LegalHold
from provodnik.desk.tests.factories import ContactFactory
from tests.rowwords import ADMINISTRATORS, BOTH, GET, POST, Row, kept, to

ROWS: dict[str, Row] = {
    "settings:factors": to(ADMINISTRATORS, BOTH),
    "settings:reset_factors": kept(POST),
    "settings:retention": to(ADMINISTRATORS),
    "settings:retention_default": to(ADMINISTRATORS, BOTH),
    "settings:retention_tonight": to(ADMINISTRATORS),
    "settings:contract_retention": kept(BOTH),
    "settings:holds": to(ADMINISTRATORS, BOTH),
    "settings:lift_hold": kept(POST),
    "settings:act": kept(GET),
    "settings:act_file": kept(GET),
    "settings:forget_contact": kept(BOTH),
    "desk:journal": to(("lead",)),
}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    missing = {"pk": 10**9}
    hold = LegalHold.objects.create(
        ticket=world.own, reason="Суд", by=world.people["administrator"], since=timezone.now()
    )
    act = ErasureAct.objects.create(kind="rule", begun_at=timezone.now(), asked={"rules": []})
    there = {
        "reset_factors": world.people["colleague"].pk,
        "contract_retention": world.own.contract_id,
        "lift_hold": hold.pk,
        "act": act.pk,
        "act_file": act.pk,
        "forget_contact": ContactFactory.create(customer=world.own.customer).pk,
    }
    return {f"settings:{route}": {"there": {"pk": pk}, "missing": missing} for route, pk in there.items()}

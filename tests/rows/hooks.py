"""Who may reach webhooks: administrators and leads."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone

from provodnik.hooks.models import Attempt, Delivery, Subscription
from tests.rowwords import BOTH, GET, POST, Row, to

KEEPERS = ("lead", "administrator")
THERE = {"there": KEEPERS, "missing": ()}
ROWS: dict[str, Row] = {
    "hooks:index": to(KEEPERS),
    "hooks:add": to(KEEPERS, BOTH),
    "hooks:show": Row(GET, THERE),
    "hooks:edit": Row(BOTH, THERE),
    "hooks:switch": Row(POST, THERE),
    "hooks:rotate": Row(POST, THERE),
    "hooks:check": Row(POST, THERE),
    "hooks:send_parked": Row(POST, THERE),
    "hooks:remove": Row(POST, THERE),
    "hooks:delivery": Row(GET, THERE),
    "hooks:send_again": Row(POST, THERE),
}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    now = timezone.now()
    row = Subscription(
        name="Учёт", address="https://hooks.example/in", kinds=["closed"], with_details=True, created_at=now
    )
    row.set_secret("whsec_test")
    row.save()
    # Words of the requester's own, which an administrator never reads.
    sent = Delivery.objects.create(
        subscription=row,
        event=world.own.events.first(),
        ticket=world.own.pk,
        position=1,
        kind="request.closed",
        body=f'{{"details": {{"subject": "{world.own.subject}"}}}}',
        with_details=True,
        created_at=now,
    )
    Attempt.objects.create(delivery=sent, at=now, milliseconds=5, status=500, answer="нет")
    missing = {"pk": 10**9}
    one = {"there": {"pk": row.pk}, "missing": missing}
    found: dict[str, dict[str, dict[str, Any]]] = {
        f"hooks:{name}": one for name in ("show", "edit", "switch", "rotate", "check", "send_parked", "remove")
    }
    for name in ("delivery", "send_again"):
        found[f"hooks:{name}"] = {
            "there": {"pk": row.pk, "key": sent.pk},
            "missing": {"pk": row.pk, "key": uuid.UUID(int=0)},
        }
    return found

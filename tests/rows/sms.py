"""Rows of messages to phones: the administrator's."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from provodnik.sms.models import Gateway, Sms
from tests.rowwords import ADMINISTRATORS, BOTH, POST, Row, to

ROWS: dict[str, Row] = {"sms:index": to(ADMINISTRATORS, BOTH), "sms:test": to(ADMINISTRATORS, POST)}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    now = timezone.now()
    Gateway.objects.create(
        pk=Gateway.ONLY, address="https://sms.example/send", body='{"to":"{digits}","text":"{text}"}'
    )
    for number, (state, error) in enumerate([("sent", ""), ("dead", "status"), ("pending", "late")]):
        Sms.objects.create(
            key=f"k{number}", kind="code", number="d", shown="+7912···89", state=state, error=error, status=500,
            good_until=now, created_at=now,
        )  # fmt: skip
    return {}

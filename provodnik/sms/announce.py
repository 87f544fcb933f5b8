"""Messages leave: one job for each, tried again with growing pauses while it is still good for something."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta

from django.utils import timezone

from provodnik.core import jobs, outbound
from provodnik.core.outbound import Forbidden, OutboundError
from provodnik.core.secrets import Unreadable, unseal
from provodnik.core.timekeeping import come, has_come
from provodnik.sms import filling
from provodnik.sms.models import Gateway, Sms
from provodnik.sms.states import KEPT, PAUSES, State

log = logging.getLogger(__name__)
AT_ONCE = 200


def ask(row: Sms) -> None:
    jobs.defer(deliver, sms_id=row.pk, serial=f"sms:{row.pk}")


@jobs.job(name="sms.deliver", queue="hooks", attempts=3, outside=True)
def deliver(sms_id: int) -> None:
    send(sms_id, at=timezone.now())


@jobs.periodic("*/15 * * * * *")
@jobs.job(name="sms.due", queue="upkeep", alone=True, attempts=1, outside=True)
def due(timestamp: int) -> None:
    """What waits for its next try, or was left by a killed process."""
    for pk in waiting(timezone.now()):
        jobs.defer(deliver, sms_id=pk, serial=f"sms:{pk}", once=f"sms:{pk}")


def waiting(at: datetime) -> list[int]:
    rows = Sms.objects.filter(come("next_try_at", at), state=State.PENDING.value).order_by("next_try_at")
    return list(rows.values_list("pk", flat=True)[:AT_ONCE])


@jobs.periodic("0 58 3 * * *")
@jobs.job(name="sms.forget", queue="upkeep", alone=True, attempts=1, by_clock=True)
def forget(timestamp: int) -> None:
    Sms.objects.filter(created_at__lt=timezone.now() - KEPT).delete()


def send(sms_id: int, *, at: datetime) -> None:
    """One try. Killed between the gateway's answer and our mark, a message goes twice: better than never."""
    row = Sms.objects.filter(pk=sms_id, state=State.PENDING.value).first()
    if row is None or not has_come(row.next_try_at, at):
        return
    gateway = Gateway.objects.filter(pk=Gateway.ONLY, is_active=True).first()
    if at >= row.good_until:
        _give_up(row, "stale")
    elif gateway is None:
        _give_up(row, "off")
    else:
        _try(row, gateway, at=at)


def _try(row: Sms, gateway: Gateway, *, at: datetime) -> None:
    try:
        told = json.loads(unseal(row.sealed))
        asked = filling.request(
            method=gateway.method,
            address=gateway.address,
            headers=gateway.headers,
            kind=gateway.kind,
            body=gateway.body,
            secret=gateway.secret,
            number=told["number"],
            text=told["text"],
        )
    except (Unreadable, ValueError):
        _give_up(row, "secret")
        return
    row.attempts += 1
    try:
        answer = outbound.send(asked.method, asked.address, body=asked.body, headers=asked.headers)
    except OutboundError as error:
        _failed(row, error.code, at=at, forever=isinstance(error, Forbidden))
        return
    row.status = answer.status
    if filling.succeeded(answer.status, answer.body, wanted=gateway.wanted):
        row.state, row.sent_at, row.sealed, row.error, row.next_try_at = State.SENT.value, at, "", "", None
        row.save()
        return
    refused = 400 <= answer.status < 500 and answer.status not in (408, 425, 429)
    _failed(row, "status" if not 200 <= answer.status < 300 else "words", at=at, forever=refused)


def _failed(row: Sms, code: str, *, at: datetime, forever: bool) -> None:
    row.error = code[:16]
    pause = PAUSES[row.attempts - 1] if row.attempts <= len(PAUSES) else None
    if forever or pause is None or at + pause >= row.good_until:
        _give_up(row, code)
        return
    row.next_try_at = at + max(pause, timedelta(seconds=1))
    row.save()


def _give_up(row: Sms, code: str) -> None:
    """Neither the number nor what was written to it is told to the log."""
    log.warning("message %d (%s) was given up: %s", row.pk, row.kind, code)
    row.state, row.error, row.sealed, row.next_try_at = State.DEAD.value, code[:16], "", None
    row.save()

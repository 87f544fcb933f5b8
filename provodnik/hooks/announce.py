"""A recorded fact becomes deliveries; a delivery becomes a request, in its order, until it has arrived or is parked.

The receiver as a whole is tried one thing at a time: while he is away, one message an ever longer while asks whether
he is back, and nothing else costs him or us anything. What he refuses of one request keeps only that request waiting.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.accounts.roles import Role
from provodnik.core import jobs, outbound
from provodnik.core.locks import Lock, alone
from provodnik.core.outbound import Answer, Forbidden, OutboundError
from provodnik.core.secrets import Unreadable
from provodnik.core.text import one_line
from provodnik.core.timekeeping import LONGEST_PUT_OFF, has_come
from provodnik.desk.models import TicketEvent
from provodnik.hooks import bodies, pauses, signature
from provodnik.hooks.models import Attempt, Delivery, Subscription
from provodnik.hooks.states import FACTS, DeliveryState
from provodnik.notify.actions import notify

log = logging.getLogger(__name__)

AT_A_STRETCH = 100  # deliveries of one run of the job
STRETCH = 60.0  # seconds of it; the rest goes on in a new one, after others
AWAY = frozenset({408, 425, 429, 500, 502, 503, 504, 507, 521, 522, 523, 524})
GONE = 410
Send = Callable[[str, bytes, dict[str, str]], Answer]


def hear(event_id: int) -> None:
    """A listener of the desk's facts: who is subscribed gets a delivery, once, and the job that sends it."""
    event = (
        TicketEvent.objects.select_related("ticket__customer", "ticket__assignee", "by", "message")
        .filter(pk=event_id, kind__in=list(FACTS))
        .first()
    )
    if event is None:
        return
    wanting = Subscription.objects.filter(is_active=True, kinds__contains=[event.kind], created_at__lte=event.at)
    for one in wanting:
        if one.customer_id is not None and one.customer_id != event.ticket.customer_id:
            continue
        with transaction.atomic():
            key = uuid.uuid4()
            Delivery.objects.bulk_create(
                [
                    Delivery(
                        id=key,
                        subscription=one,
                        event=event,
                        ticket=event.ticket_id,
                        position=event.pk,
                        kind=FACTS[event.kind],
                        body=bodies.of_event(event, key, with_details=one.with_details),
                        with_details=one.with_details,
                        created_at=timezone.now(),
                    )
                ],
                ignore_conflicts=True,
            )
            if one.paused_at is None:
                ask_delivery(one.pk)


def ask_delivery(subscription_id: int) -> None:
    """Have what waits for a subscription sent; of one subscription one job waits and one runs."""
    name = f"hook:{subscription_id}"
    jobs.defer(deliver, subscription_id=subscription_id, serial=name, once=name)


@jobs.job(name="hooks.deliver", queue="hooks", attempts=3, outside=True)
def deliver(subscription_id: int) -> None:
    """Send what is due. Killed in between, a message may arrive twice: its id tells the receiver."""
    with alone(Lock.HOOK, subscription_id) as mine:
        if mine and send_due(subscription_id, now=timezone.now):
            ask_delivery(subscription_id)


def post(address: str, body: bytes, headers: dict[str, str]) -> Answer:
    return outbound.send("POST", address, body=body, headers=headers)


def send_due(subscription_id: int, *, now: Callable[[], datetime], send: Send = post) -> bool:
    """Send the heads of the requests' lines that are due, one after another. True when more is due at once."""
    began = time.monotonic()
    for _turn in range(AT_A_STRETCH):
        subscription = Subscription.objects.filter(pk=subscription_id, is_active=True, paused_at=None).first()
        if subscription is None or not has_come(subscription.next_try_at, now()):
            return False
        delivery = next_due(subscription, now())
        if delivery is None:
            return False
        _try(subscription, delivery, now=now, send=send)
        if time.monotonic() - began > STRETCH:
            break
    return True


# The first waiting of each request, if its own pause is over; pings belong to no request and wait for nobody.
_NEXT = """
SELECT id FROM (
    SELECT DISTINCT ON (coalesce(ticket::text, id::text)) id, next_try_at, position
    FROM hooks_delivery
    WHERE subscription_id = %s AND state = 'pending'
    ORDER BY coalesce(ticket::text, id::text), position
) AS heads
WHERE next_try_at IS NULL OR next_try_at <= %s OR next_try_at > %s
ORDER BY position LIMIT 1
"""


def next_due(subscription: Subscription, now: datetime) -> Delivery | None:
    """The oldest fact that may be sent now."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [subscription.pk, now, now + LONGEST_PUT_OFF])
        found = cursor.fetchone()
    return Delivery.objects.get(pk=found[0]) if found else None


def _try(subscription: Subscription, delivery: Delivery, *, now: Callable[[], datetime], send: Send) -> None:
    at, began = now(), time.monotonic()
    answer: Answer | None = None
    error = ""
    try:
        answer = send(subscription.address, delivery.body.encode(), headers_of(subscription, delivery, at))
    except OutboundError as failure:
        error = f"{'forbidden' if isinstance(failure, Forbidden) else 'unreachable'}:{failure.code}"
    except Unreadable:
        error = "secret"
    spent = int((time.monotonic() - began) * 1000)
    status = answer.status if answer is not None else None
    with transaction.atomic():
        row = Delivery.objects.select_for_update().get(pk=delivery.pk)
        Attempt.objects.create(
            delivery=row,
            at=at,
            milliseconds=spent,
            status=status,
            error=error,
            answer=one_line(answer.body[:2000].decode("utf-8", "replace"), 500) if answer is not None else "",
        )
        row.status, row.error = status, error
        if status is not None and 200 <= status < 300:
            _arrived(subscription, row, now())
        else:
            _failed(subscription, row, answer, now())


def headers_of(subscription: Subscription, delivery: Delivery, at: datetime) -> dict[str, str]:
    """What goes with the body. Raises Unreadable when SECRET_KEY is not the one of the secrets."""
    timestamp = int(at.timestamp())
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "provodnik-hooks/1",
        signature.EVENT: delivery.kind,
        signature.DELIVERY: str(delivery.pk),
        signature.TIMESTAMP: str(timestamp),
        signature.SIGNATURE: signature.sign(delivery.body.encode(), timestamp, subscription.secrets(at)),
    }


def _arrived(subscription: Subscription, row: Delivery, at: datetime) -> None:
    row.state, row.delivered_at, row.next_try_at = DeliveryState.DELIVERED.value, at, None
    row.save()
    if subscription.failures:
        Subscription.objects.filter(pk=subscription.pk).update(failures=0, next_try_at=None)


def _failed(subscription: Subscription, row: Delivery, answer: Answer | None, at: datetime) -> None:
    row.failures += 1
    row.first_failed_at = row.first_failed_at or at
    asked = _retry_after(answer)
    row.next_try_at = pauses.next_try(failures=row.failures, first_failed=row.first_failed_at, now=at, asked=asked)
    given_up = row.next_try_at is None or (answer is not None and answer.status == GONE)
    if given_up:
        row.state, row.next_try_at = DeliveryState.PARKED.value, None
    row.save()
    if given_up:
        _pause(subscription, row, at)
    elif answer is None or answer.status in AWAY:
        failures = subscription.failures + 1
        wait = max(pauses.pause(failures), min(asked or timedelta(0), pauses.LONGEST_ASKED))
        Subscription.objects.filter(pk=subscription.pk).update(failures=failures, next_try_at=at + wait)


def _retry_after(answer: Answer | None) -> timedelta | None:
    """Seconds alone: a date of another's clock is worth nothing."""
    asked = (answer.headers.get("retry-after", "") if answer is not None else "").strip()
    return timedelta(seconds=int(asked)) if asked.isdecimal() and len(asked) < 7 else None


def _pause(subscription: Subscription, row: Delivery, at: datetime) -> None:
    """Stop telling an address that does not listen, and tell who keeps it. Facts go on being written down."""
    changed = Subscription.objects.filter(pk=subscription.pk, paused_at=None).update(paused_at=at)
    if not changed:
        return
    keepers = User.objects.filter(is_active=True, roles__overlap=[Role.ADMINISTRATOR.value, Role.LEAD.value])
    notify(
        keepers,
        key=f"hook:{subscription.pk}:paused:{row.pk}",
        text=_("The webhook “%(name)s” does not answer and is paused. What happened meanwhile is kept for it.")
        % {"name": subscription.name},
        at=at,
        url=f"/settings/hooks/{subscription.pk}/",
        tone="error",
    )
    log.warning("webhook %s is paused after %s failures", subscription.pk, row.failures)

"""Tokens and webhooks of the demo: one receiver that takes everything, one that has been silent for three days."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from provodnik.accounts import api_tokens
from provodnik.accounts.models import User
from provodnik.accounts.scopes import Scope
from provodnik.demo.people import Cast
from provodnik.desk.models import TicketEvent
from provodnik.hooks import actions, bodies
from provodnik.hooks.models import Attempt, Delivery, Subscription
from provodnik.hooks.states import FACTS, DeliveryState

SENT, LOST = 40, 6


def connect(cast: Cast, now: datetime) -> None:
    boss = cast.desk["galina"]
    month = timedelta(days=30)
    api_tokens.make(
        owner=boss, name="Отчёты для правления", scopes=[Scope.DESK_READ, Scope.DIRECTORY_READ], lasts=month, at=now
    )
    used, _key = api_tokens.make(
        owner=boss, name="Обмен с 1С", scopes=[Scope.DESK_READ, Scope.DESK_WRITE], lasts=None, at=now - month
    )
    used.used_at = now - timedelta(minutes=7)
    used.save()
    fine = _subscribe("Учётная система", "https://crm.chistaya-voda.example/in", ["registered", "closed"], boss, now)
    silent = _subscribe("Дежурный чат", "https://chat.chistaya-voda.example/hook", ["overdue", "warned"], boss, now)
    for event in _facts(fine.kinds, SENT):
        _deliver(fine, event, DeliveryState.DELIVERED, event.at)
    for event in _facts(silent.kinds, LOST):
        _deliver(silent, event, DeliveryState.PARKED, event.at)
    # The one stands still since it was given up, the other is not really there: in the demo nothing leaves the machine.
    Subscription.objects.filter(pk=silent.pk).update(paused_at=now - timedelta(hours=2))
    Subscription.objects.filter(pk=fine.pk).update(is_active=False)


def _subscribe(name: str, address: str, kinds: list[str], boss: User, now: datetime) -> Subscription:
    made, _secret = actions.add(
        name=name,
        address=address,
        kinds=kinds,
        customer=None,
        with_details=False,
        by=boss,
        at=now - timedelta(days=40),
    )
    return made


def _facts(kinds: list[str], count: int) -> list[TicketEvent]:
    events = TicketEvent.objects.select_related("ticket__customer", "ticket__assignee", "by", "message")
    return list(events.filter(kind__in=kinds).order_by("-pk")[:count])


def _deliver(row: Subscription, event: TicketEvent, state: DeliveryState, at: datetime) -> None:
    key = uuid.uuid4()
    arrived = state is DeliveryState.DELIVERED
    made = Delivery.objects.create(
        id=key,
        subscription=row,
        event=event,
        ticket=event.ticket_id,
        position=event.pk,
        kind=FACTS[event.kind],
        body=bodies.of_event(event, key, with_details=False),
        state=state.value,
        status=200 if arrived else None,
        error="" if arrived else "unreachable:late",
        failures=0 if arrived else 16,
        created_at=at,
        delivered_at=at if arrived else None,
    )
    Attempt.objects.create(
        delivery=made,
        at=at,
        milliseconds=84 if arrived else 10_004,
        status=made.status,
        error=made.error,
        answer="принято" if arrived else "",
    )

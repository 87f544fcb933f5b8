"""What can happen to subscriptions and deliveries; each leaves a line in the journal."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.core import outbound
from provodnik.core.decisions import Refused, require
from provodnik.core.outbound import Forbidden
from provodnik.core.text import one_line
from provodnik.desk.models import Customer
from provodnik.hooks import bodies, signature
from provodnik.hooks.announce import ask_delivery
from provodnik.hooks.models import Delivery, Subscription
from provodnik.hooks.policies import may_keep, may_send_details
from provodnik.hooks.states import FACTS, PING, DeliveryState

MOST = 50  # subscriptions of an installation
PREVIOUS_LASTS = timedelta(hours=24)  # the secret before the present one
WORDS = {
    "bad_address": _("This is no address that can be used."),
    "bad_scheme": _("The address must begin with https:// or http://."),
    "credentials": _("A name and a password do not belong into the address."),
    "bad_host": _("This is no host name that can be used."),
    "bad_port": _("This port is used for something else than HTTP."),
    "inside": _(
        "This address is inside the network. The administrator of the server opens it by PROVODNIK_OUTBOUND_ALLOWED."
    ),
}


def _judged(address: str) -> str:
    """The address, taken apart without asking for its name: that happens at each sending."""
    address = address.strip()
    try:
        goal = outbound.target(address)
        if goal.host.replace(".", "").isdigit() or ":" in goal.host:  # an address of the network, judged at once
            outbound.judged(goal.host, [goal.host], outbound.allowed())
    except Forbidden as error:
        raise Refused(WORDS[error.code], field="address") from error
    return address


def add(
    *,
    name: str,
    address: str,
    kinds: Collection[str],
    customer: Customer | None,
    with_details: bool,
    by: User,
    at: datetime,
) -> tuple[Subscription, str]:
    """A new subscription and its secret, which nobody can read a second time."""
    require(may_keep(by))
    if Subscription.objects.count() >= MOST:
        raise Refused(_("There are as many subscriptions as there may be."))
    secret = signature.new_secret()
    row = Subscription(created_by=by, created_at=at)
    row.set_secret(secret)
    with transaction.atomic():
        _fill(row, name, address, kinds, customer, with_details, by)
        row.save()
        journal.note(row, "added", by=by, at=at, address=row.address, kinds=row.kinds, with_details=with_details)
    return row, secret


def change(
    pk: int,
    *,
    name: str,
    address: str,
    kinds: Collection[str],
    customer: Customer | None,
    with_details: bool,
    by: User,
    at: datetime,
) -> Subscription:
    """Another address, other facts. What waits already goes to the new address, as it was composed."""
    require(may_keep(by))
    with transaction.atomic():
        row = Subscription.objects.select_for_update().get(pk=pk)
        moved = row.address != address.strip()
        if moved and row.deliveries.filter(state=DeliveryState.PENDING.value, with_details=True).exists():
            require(may_send_details(by))  # what waits would go where no lead has sent it
        before = (row.address, sorted(row.kinds), row.with_details)
        _fill(row, name, address, kinds, customer, with_details, by)
        if moved:  # the new receiver has failed nobody yet
            row.failures, row.next_try_at = 0, None
        row.save()
        journal.note(
            row,
            "changed",
            by=by,
            at=at,
            address=[before[0], row.address],
            kinds=[", ".join(before[1]), ", ".join(sorted(row.kinds))],
            with_details=[before[2], row.with_details],
        )
        _go_on(row)
    return row


def _fill(
    row: Subscription,
    name: str,
    address: str,
    kinds: Collection[str],
    customer: Customer | None,
    with_details: bool,
    by: User,
) -> None:
    if with_details and (not row.with_details or row.address != address.strip()):
        require(may_send_details(by))
    known = [kind for kind in FACTS if kind in set(kinds)]
    if not known:
        raise Refused(_("Choose what to tell of."), field="kinds")
    row.name, row.address, row.kinds = one_line(name, 100), _judged(address), known
    row.customer, row.with_details = customer, with_details
    if not row.name:
        raise Refused(_("Give it a name."), field="name")


def _go_on(row: Subscription) -> None:
    if row.is_active and row.paused_at is None:
        ask_delivery(row.pk)


def switch(pk: int, *, on: bool, by: User, at: datetime) -> Subscription:
    """Off: nothing is written down for it any more, and what waits stays. On: it goes on, from now."""
    require(may_keep(by))
    with transaction.atomic():
        row = Subscription.objects.select_for_update().get(pk=pk)
        if row.is_active != on or (on and row.paused_at is not None):
            row.is_active, row.paused_at, row.failures, row.next_try_at = on, None, 0, None
            row.save()
            journal.note(row, "switched_on" if on else "switched_off", by=by, at=at)
            _go_on(row)
    return row


def rotate(pk: int, *, by: User, at: datetime) -> str:
    """A new secret; the one before it signs beside it for a day. Returns the new one, to be shown once."""
    require(may_keep(by))
    secret = signature.new_secret()
    with transaction.atomic():
        row = Subscription.objects.select_for_update().get(pk=pk)
        row.sealed_previous, row.previous_until = row.sealed, at + PREVIOUS_LASTS
        row.set_secret(secret)
        row.save()
        journal.note(row, "rotated", by=by, at=at)
    return secret


def ping(pk: int, *, by: User, at: datetime) -> Delivery:
    """Send a message that says nothing: does the address answer?"""
    require(may_keep(by))
    with transaction.atomic():
        row = Subscription.objects.select_for_update().get(pk=pk)
        if not row.is_active or row.paused_at is not None:
            raise Refused(_("It is paused. Switch it on first."))
        key = uuid.uuid4()
        made = Delivery.objects.create(
            id=key, subscription=row, position=0, kind=PING, body=bodies.of_ping(key, at), created_at=at
        )
        Subscription.objects.filter(pk=pk).update(next_try_at=None)
        ask_delivery(pk)
    return made


def send_again(key: uuid.UUID, *, by: User, at: datetime) -> Delivery:
    """One delivery once more, at once: a parked one, or one that waits for its next try, or one that had arrived."""
    require(may_keep(by))
    with transaction.atomic():
        row = Delivery.objects.select_for_update(of=("self",)).select_related("subscription").get(pk=key)
        if row.with_details:
            require(may_send_details(by))
        if not row.subscription.is_active or row.subscription.paused_at is not None:
            raise Refused(_("It is paused. Switch it on first."))
        _wait_anew([row])
        Subscription.objects.filter(pk=row.subscription_id).update(next_try_at=None)
        journal.note(row.subscription, "retried", by=by, at=at, delivery=str(row.pk))
        ask_delivery(row.subscription_id)
    return row


def send_parked_again(pk: int, *, by: User, at: datetime) -> int:
    """All that was given up, once more, in its order. Returns how many."""
    require(may_keep(by))
    with transaction.atomic():
        row = Subscription.objects.select_for_update().get(pk=pk)
        parked = list(row.deliveries.select_for_update().filter(state=DeliveryState.PARKED.value)[:10_000])
        _wait_anew(parked)
        row.is_active, row.paused_at, row.failures, row.next_try_at = True, None, 0, None
        row.save()
        journal.note(row, "retried", by=by, at=at, count=len(parked))
        ask_delivery(pk)
    return len(parked)


def _wait_anew(rows: list[Delivery]) -> None:
    for row in rows:
        row.state, row.next_try_at = DeliveryState.PENDING.value, None
        row.failures, row.first_failed_at = 0, None
    Delivery.objects.bulk_update(rows, ["state", "next_try_at", "failures", "first_failed_at"], batch_size=500)


def remove(pk: int, *, by: User, at: datetime) -> None:
    """With its journal of deliveries; the line of the journal of administration stays."""
    require(may_keep(by))
    with transaction.atomic():
        row = Subscription.objects.select_for_update().get(pk=pk)
        journal.note(row, "removed", by=by, at=at, address=row.address)
        row.delete()


def erase(numbers: list[int], kinds: frozenset[str]) -> list[int]:
    """The lawful erasure of requests takes along what was composed of their texts and names (Part.extra["erase"])."""
    Delivery.objects.filter(ticket__in=numbers, with_details=True).delete()
    return []

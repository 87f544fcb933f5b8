"""What the letters of one group are judged by, asked for once: addresses, senders, contracts, floods."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.accounts.roles import Role
from provodnik.channels import policies as channel_policies
from provodnik.channels.models import Inbound
from provodnik.desk import matching
from provodnik.desk.models import Contract, Customer, Ticket
from provodnik.desk.queries.facts import contract_in_force, contracts_in_force
from provodnik.notify.actions import notify

KEYS = uuid.UUID("5c0f7a2e-6c3d-4f0e-9d55-7a2b6f1d9c11")  # of form ids made from letters
HOUR = timedelta(hours=1)
FROM_ONE_AN_HOUR = 20  # letters; beyond, the sender gets no automatic answer any more


@dataclass(slots=True)
class Round:
    """What the letters of one group are judged by, asked for once."""

    now: datetime
    own_addresses: frozenset[str]
    floods: frozenset[str]
    known: matching.Known
    made: frozenset[uuid.UUID]  # keys of letters that are requests already
    today: date
    contracts: Mapping[int, Contract]  # in force today, by customer

    def contract(self, customer: Customer | None, at: datetime) -> Contract | None:
        if customer is not None and timezone.localdate(at) != self.today:
            return contract_in_force(customer, at)  # a letter that waited
        return self.contracts.get(customer.pk) if customer is not None else None


def look_around(pks: Iterable[int], senders: Collection[str], now: datetime) -> Round:
    """`pks` are the letters of the group in the ledger, `senders` the addresses they name as theirs."""
    made = Ticket.objects.filter(key__in=[form_key(pk) for pk in pks]).values_list("key", flat=True)
    own, known = channel_policies.own_addresses(), matching.known_at(senders)
    customers = {one.customer_id for one in known.contacts.values()}
    customers |= {one.pk for one in known.customers.values() if one is not None}
    today = timezone.localdate(now)
    contracts = contracts_in_force(customers, today)
    return Round(now, own, _floods(senders, now), known, frozenset(made), today, contracts)


def form_key(pk: int) -> uuid.UUID:
    """The form id of what a letter of the ledger makes."""
    return uuid.uuid5(KEYS, f"inbound:{pk}")


def _floods(senders: Collection[str], now: datetime) -> frozenset[str]:
    """Those who send more letters than a person writes. All are kept; such a sender gets no automatic answer, and an
    administrator is told once an hour (safety A09)."""
    lately = Inbound.objects.filter(sender__in=senders, received_at__gt=now - HOUR).values("sender")
    many = lately.annotate(count=Count("pk")).filter(count__gt=FROM_ONE_AN_HOUR).values_list("sender", flat=True)
    floods = frozenset(many)
    for sender in floods:
        notify(
            User.objects.filter(is_active=True, roles__contains=[Role.ADMINISTRATOR.value]),
            key=f"mail-flood:{sender[:100]}:{now:%Y%m%d%H}",
            text=_("More than %(count)d letters came from %(sender)s within an hour. They are kept, but not answered.")
            % {"count": FROM_ONE_AN_HOUR, "sender": sender},
            at=now,
            tone="warning",
        )
    return floods

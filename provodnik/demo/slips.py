"""Slips of entry in the demo: one unit's, of which one was used, one was lost and one has two mistakes; invitations of
another; and what an administrator may set up besides, switched off: a directory, a provider, a gateway of messages."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.demo.people import PASSWORD
from provodnik.entry.actions import activating, inviting, slips
from provodnik.entry.models import Slip
from provodnik.entry.queries import candidates
from provodnik.federation.models import Directory, Provider
from provodnik.people.policies import houses_of
from provodnik.sms.models import Gateway

KEY = uuid.UUID("7d0d8f5e-1f7a-4b62-9d55-2f1f2c6f3a77")
LETTERS = uuid.UUID("0f7c2f6e-5e0e-4a77-8d39-6c6de9bd6b11")
FIRST = "Журавлиная песня над водой"  # before the password that all of the demo have
DAY = timedelta(days=1)


def give(now: datetime) -> None:
    """Personnel of the demo prints for the unit where most have no account."""
    hr = User.objects.get(login="evgenia")
    house, on = houses_of(hr).first(), timezone.localdate(now)
    if house is None:
        return
    rows = candidates.judged(house, list(candidates.places(house, on=on)), on=on)
    able = [one.employment for one in rows if not one.has_account and not one.why_not and one.employment.unit]
    units = [one.unit for one in able]
    unit = max(units, key=units.count, default=None)
    chosen = [one.pk for one in able if one.unit == unit][:16]
    if not chosen:
        return
    _sheet, printed = slips.make(house, chosen, key=KEY, by=hr, at=now - 5 * DAY, on=on, unit=unit)
    used, *others = Slip.objects.filter(person__in=[one.employment.person_id for one in printed]).order_by("pk")
    user = activating.activate(used.pk, new=FIRST, at=now - 4 * DAY, on=on)
    User.objects.filter(pk=user.pk if user else 0).update(password=make_password(PASSWORD))
    if len(others) > 1:
        slips.void(others[0].pk, by=hr, at=now - 3 * DAY)
        Slip.objects.filter(pk=others[1].pk).update(tries=2)
    reached = [one.employment.pk for one in rows if one.sent_to and not one.has_account and not one.why_not]
    if invited := [pk for pk in reached if pk not in chosen][:6]:
        inviting.invite(house, invited, key=LETTERS, by=hr, at=now - 2 * DAY, on=on)
    ways_in()


def ways_in() -> None:
    """As they look before they are switched on. Nobody stands at these addresses."""
    Directory.objects.create(
        name="Каталог водоканала",
        kind="ad",
        servers="dc1.vodokanal.example\ndc2.vodokanal.example",
        base="OU=Staff,DC=vodokanal,DC=example",
        narrow="(&(objectCategory=person)(objectClass=user))",
        logins=["sAMAccountName", "userPrincipalName"],
        number_attribute="employeeNumber",
    )
    Provider.objects.create(name="Учётная запись водоканала", issuer="https://id.vodokanal.example", client_id="portal")
    Gateway.objects.create(
        pk=Gateway.ONLY,
        address="https://sms.operator.example/v1/messages",
        headers="Authorization: Bearer {secret}",
        body='{"to": "{digits}", "text": "{text}"}',
    )

"""Whoever a directory has shut out is out within a minute; old codes are forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from provodnik.core import jobs
from provodnik.core.decisions import Refused
from provodnik.core.secrets import Unreadable
from provodnik.federation import health
from provodnik.federation.actions import identities
from provodnik.federation.ldap import client
from provodnik.federation.ldap.client import Trouble
from provodnik.federation.models import Directory, Exchange, Identity
from provodnik.federation.setups import setup_of

AT_ONCE = 1000  # identities of one look at a directory; those that waited longest first
MOST_GONE = 0.5  # a directory that has suddenly forgotten half of its people is asked by a person first
FEW = 10


@jobs.periodic("20 * * * * *")
@jobs.job(name="federation.look", queue="upkeep", alone=True, attempts=1, outside=True)
def look(timestamp: int) -> None:
    now = timezone.now()
    for directory in Directory.objects.filter(is_active=True):
        look_at(directory, at=now)


def look_at(directory: Directory, *, at: datetime) -> int:
    """Ask whether linked people are still there and may come in. Returns how many were shut out. What the directory did
    not answer changes nothing."""
    rows = list(
        Identity.objects.filter(directory=directory, user__is_external=True)
        .select_related("user")
        .order_by(F("looked_at").asc(nulls_first=True))[:AT_ONCE]
    )
    rows = [row for row in rows if row.user.is_active or row.closed_at is not None]
    if not rows:
        return 0
    try:
        found = client.standing(setup_of(directory), [row.subject for row in rows], now=at)
    except (Trouble, Unreadable, Refused) as error:
        health.failed(directory, getattr(error, "code", "secret"), at=at)
        return 0
    health.answered(directory, at=at)
    inside = [row for row in rows if row.user.is_active]
    gone = [row for row in inside if row.subject not in found]
    if len(gone) > FEW and len(gone) > MOST_GONE * len(inside):
        health.failed(directory, "many_gone", at=at)
        gone = []
    shut = [row for row in inside if row.subject in found and found[row.subject].is_shut]
    for row in rows:
        if row.closed_at is not None and row.subject in found and not found[row.subject].is_shut:
            identities.come_back(row.pk, at=at)
    count = sum(identities.shut_out(row.pk, at=at) for row in [*gone, *shut])
    identities.looked([row.pk for row in rows], at=at)
    return count


@jobs.periodic("0 52 4 * * *")
@jobs.job(name="federation.forget", queue="upkeep", alone=True, attempts=1)
def forget(timestamp: int) -> None:
    """Codes live minutes, logout tokens too: what is older than two days cannot come again."""
    Exchange.objects.filter(at__lt=timezone.now() - timedelta(days=2)).delete()

"""What became of invitations: their letters and messages, by two statements for a page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Q

from provodnik.accounts import texting
from provodnik.channels.models import Outgoing
from provodnik.entry.contacts import key_of
from provodnik.entry.models import Sheet, Slip
from provodnik.entry.states import Delivery, Way


def fates(slips: Collection[Slip]) -> dict[int, str]:
    """Of invitations: "waiting", "sent", "dead" or "failed" (never handed over)."""
    found: dict[int, str] = {}
    phones = [key_of(one.pk) for one in slips if one.way == Way.PHONE and one.delivery == Delivery.QUEUED]
    texts = texting.fates(phones) if phones else {}
    letters = {key_of(one.pk): one.pk for one in slips if one.way == Way.EMAIL and one.delivery == Delivery.QUEUED}
    states = dict(Outgoing.objects.filter(key__in=letters).values_list("key", "state")) if letters else {}
    for one in slips:
        if one.way == Way.PAPER:
            continue
        key = key_of(one.pk)
        if one.delivery == Delivery.FAILED:
            found[one.pk] = "failed"
        elif one.delivery == Delivery.WAITING:
            found[one.pk] = "waiting"
        elif one.way == Way.EMAIL:
            found[one.pk] = {"pending": "waiting"}.get(states.get(key, ""), states.get(key, "sent"))
        else:
            state = texts.get(key, "")
            found[one.pk] = {"pending": "waiting", "": "sent"}.get(state, state)
    return found


@dataclass(frozen=True, slots=True)
class Progress:
    """Of a sending. `failed`: not handed over."""

    all: int
    waiting: int
    failed: int

    @property
    def done(self) -> int:
        return self.all - self.waiting


def progress(sheet: Sheet) -> Progress:
    told = sheet.slips.aggregate(
        all=Count("pk"),
        waiting=Count("pk", filter=Q(delivery=Delivery.WAITING.value)),
        failed=Count("pk", filter=Q(delivery=Delivery.FAILED.value)),
    )
    return Progress(**told)

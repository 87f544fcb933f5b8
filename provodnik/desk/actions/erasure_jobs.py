"""The nightly run of the rules of retention, and a person's erasure, as jobs with a bounded time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.core import jobs
from provodnik.core.models import ErasureAct
from provodnik.desk.actions import forgetting, retention
from provodnik.desk.models import Contact

LONGEST = timedelta(minutes=20)  # of one run; what is left waits for the next night
ONE_GO = timedelta(minutes=2)  # of a person's erasure, before the next job of it takes over


def within(lasts: timedelta) -> Callable[[], bool]:
    """True until so much time has gone by."""
    end = monotonic() + lasts.total_seconds()
    return lambda: monotonic() < end


@jobs.periodic("0 23 2 * * *")
@jobs.job(name="desk.retention", queue="upkeep", alone=True, attempts=1, by_clock=True)
def nightly(timestamp: int) -> None:
    """Erase what the rules say. What a killed run left undone is found again the next night."""
    retention.run(now=timezone.now(), go_on=within(LONGEST))


@jobs.job(name="desk.forget", queue="upkeep")
def forget(act_id: int) -> None:
    """Carry on a person's erasure; the next job of it goes on where this one stopped."""
    act = ErasureAct.objects.filter(pk=act_id, state=ErasureAct.State.RUNNING).first()
    if act is not None and not forgetting.carry_out(act, at=timezone.now(), go_on=within(ONE_GO)):
        jobs.defer(forget, act_id=act_id)


def ask_to_forget(contact: Contact, *, texts: bool, reason: str, by: User, at: datetime) -> ErasureAct:
    """Begin a person's erasure and have it carried out. Raises Refused."""
    with transaction.atomic():
        act = forgetting.ask(contact, texts=texts, reason=reason, by=by, at=at)
        jobs.defer(forget, act_id=act.pk)
    return act

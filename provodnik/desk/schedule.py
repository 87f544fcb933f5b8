"""Periodic jobs of the desk: find, then call an action."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from provodnik.channels import intake as letters
from provodnik.channels.models import Inbound, InboundState, Mailbox
from provodnik.core import jobs, timekeeping
from provodnik.desk import intake
from provodnik.desk.actions import assignment, bulk, deadlines, escalation, presence, sending
from provodnik.desk.announce.clock import clock_is_doubted
from provodnik.desk.models import Contract, EventKind, TicketEvent
from provodnik.desk.queries import assignment as rules
from provodnik.desk.queries import deadlines as reached
from provodnik.desk.queries import escalation as carried_on

LEFT_FOR = timedelta(seconds=20)  # a letter kept and not settled for so long was left by a killed process


@jobs.job(name="desk.fetch", queue="intake", attempts=1, outside=True)
def fetch(mailbox_id: int) -> None:
    """Take what is new in one mailbox."""
    mailbox = Mailbox.objects.filter(pk=mailbox_id, is_active=True).exclude(imap_host="").first()
    if mailbox is not None:
        letters.fetch(mailbox, now=timezone.now(), accept=intake.accept_all)


@jobs.periodic("*/5 * * * * *")
@jobs.job(name="desk.look_for_mail", queue="intake", alone=True, attempts=1, outside=True)
def look_for_mail(timestamp: int) -> None:
    """Send somebody to every mailbox whose turn has come. One that still waits is not asked for twice."""
    for mailbox_id in mailboxes_due(timezone.now()):
        jobs.defer(fetch, once=f"mailbox:{mailbox_id}", mailbox_id=mailbox_id)


def mailboxes_due(now: datetime) -> list[int]:
    # a moment less than the pause: the look itself takes time
    before = now - timedelta(seconds=settings.MAIL_POLL - 1)
    # one tried in the future was tried by a clock that has been set right since
    due = Q(tried_at=None) | Q(tried_at__lte=before) | Q(tried_at__gt=now + timedelta(seconds=settings.MAIL_POLL))
    rows = Mailbox.objects.filter(due, is_active=True).exclude(imap_host="")
    return list(rows.values_list("pk", flat=True))


@jobs.periodic("*/10 * * * * *")
@jobs.job(name="desk.settle_left", queue="intake", alone=True, attempts=1)
def settle_left(timestamp: int) -> None:
    """Letters that were kept, and whose process died before it settled them."""
    left = Inbound.objects.filter(state=InboundState.RECEIVED, raw__created_at__lte=timezone.now() - LEFT_FOR)
    intake.accept_all(list(left.order_by("pk").values_list("pk", flat=True)[:200]))


@jobs.periodic("*/20 * * * * *")
@jobs.job(name="desk.deadlines", queue="notices", alone=True, attempts=1)
def look_at_deadlines(timestamp: int) -> None:
    """Deadlines of edited contracts first, then the warnings before a deadline and at it, once each."""
    _heed_zones()
    for contract_id in Contract.objects.filter(recounted=False).values_list("pk", flat=True):
        deadlines.recount(contract_id)
    if clock_is_believed(timezone.now()):
        notice_deadlines(timezone.now())
        carry_to_leads(timezone.now())


@cache
def _heed_zones() -> None:
    """Once in a process: it does not see an update of the rules under it."""
    deadlines.heed_zones(Path(settings.BASE_DIR) / "zones")


def clock_is_believed(now: datetime) -> bool:
    """Whether to tell people by this machine's clock; if not, its administrators are told of that, once."""
    if timekeeping.is_believed(timekeeping.look(now), lambda: at_stake(now)):
        return True
    clock_is_doubted()
    return False


def at_stake(now: datetime) -> int:
    """How many moments one look would tell of."""
    return len(reached.overdue(now)) + len(reached.near(now)) + len(carried_on.reached(now))


def carry_to_leads(now: datetime) -> int:
    """Escalate every request whose moment has come by `now`; how many were new."""
    carried = 0
    while moments := carried_on.reached(now):
        new = sum(escalation.carry(moment, now=now) for moment in moments)
        carried += new
        if not new:
            break
    return carried


# Facts after which the rules are asked: a request has come, or what they look at has become another.
ASKED_AFTER = (
    EventKind.REGISTERED,
    EventKind.PRIORITY,
    EventKind.TYPE,
    EventKind.SUBSYSTEM,
    EventKind.CUSTOMER,
)


def heard(event_id: int) -> None:
    """A fact of a request was told (core.parts): give it by the rules in a job of its own, so that whatever is wrong
    with them holds nobody else up, and registering costs nothing (docs/adr/0017)."""
    asked = TicketEvent.objects.filter(pk=event_id, kind__in=ASKED_AFTER)
    number = asked.filter(rules.anything_to_ask()).values_list("ticket_id", flat=True).first()
    if number is not None:
        jobs.defer(give, number=number, serial=f"ticket:{number}")


@jobs.job(name="desk.give", queue="notices")
def give(number: int) -> None:
    """Ask the rules of assignment, then carry it to the lead if it is urgent. Safe to repeat."""
    assignment.route(number, at=timezone.now())
    escalation.carry_urgent(number, now=timezone.now())


def notice_deadlines(now: datetime) -> int:
    """Record every moment reached by `now`; how many were new."""
    noticed = 0
    for find in (reached.overdue, reached.near):
        while moments := find(now):
            new = sum(deadlines.notice(moment, now=now) for moment in moments)
            noticed += new
            if not new:
                break
    return noticed


@jobs.periodic("*/20 * * * * *")
@jobs.job(name="desk.release_left", queue="notices", alone=True, attempts=1)
def release_left(timestamp: int) -> None:
    """Answers whose time to be taken back is over and whose own job was lost."""
    now = timezone.now()
    for unsent_id in sending.left_behind(now):
        sending.release(unsent_id, now=now)


@jobs.periodic("*/30 * * * * *")
@jobs.job(name="desk.bulk_left", queue="notices", alone=True, attempts=1)
def bulk_left(timestamp: int) -> None:
    """Steps for many requests that a killed process left in the middle."""
    now = timezone.now()
    for key in bulk.left_behind(now):
        bulk.carry_out(key, at=now)


@jobs.periodic("0 30 3 * * *")
@jobs.job(name="desk.forget_presence", queue="default", alone=True, attempts=1)
def forget_presence(timestamp: int) -> None:
    """Who looked at what yesterday is nobody's business any more."""
    presence.forget(timezone.now())

"""What the administrator's screens and doctor read of letters in and out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from provodnik.channels.models import Inbound, InboundState, Mailbox, Outgoing, OutgoingState

# So many turns missed: nobody looks into the mailbox any more.
TURNS_MISSED = 15
STUCK = timedelta(minutes=10)  # a letter kept and not settled for so long will not be by itself


@dataclass(frozen=True, slots=True)
class MailboxHealth:
    """A line of the mailboxes' page. `level`: "ok", "warning", "error" or "off"; `told`: a sentence."""

    mailbox: Mailbox
    level: str
    told: str
    fetched_at: datetime | None
    waiting: int
    rejected: int
    quarantined: int


def mailbox_health(*, now: datetime) -> list[MailboxHealth]:
    """Every mailbox with its health, in their order."""
    counted = Count("letters", filter=Q(letters__state=InboundState.QUARANTINED))
    rejected = Count("letters", filter=Q(letters__state=InboundState.REJECTED))
    rows = Mailbox.objects.annotate(quarantined_count=counted, rejected_count=rejected).order_by("position", "pk")
    found = []
    for row in rows:
        level, told = _judged(row, now)
        found.append(
            MailboxHealth(row, level, told, row.fetched_at, row.waiting, row.rejected_count, row.quarantined_count)
        )
    return found


def _judged(row: Mailbox, now: datetime) -> tuple[str, str]:
    if not row.is_active or not (row.imap_host or row.smtp_host):
        return "off", _("Not in use.")
    if row.error:
        return "warning" if row.is_working else "error", row.told
    if not row.imap_host:
        return "ok", _("Sends letters, takes none.")
    if row.tried_at is None:
        return "warning", _("Nobody has looked into it yet.")
    if now - row.tried_at > TURNS_MISSED * timedelta(seconds=settings.MAIL_POLL):
        return "error", _("Nobody looks into it: the background worker does not run.")
    return "ok", _("Works.")


def ledger(mailbox: Mailbox) -> dict[str, int]:
    """How many letters of a mailbox are in each state, and `fetched`: all of them. fetched = stored + duplicate +
    rejected + quarantined, as soon as nothing is `received` any more."""
    counted = dict(mailbox.letters.values_list("state").annotate(Count("pk")).order_by())
    found = {state.value: int(counted.get(state.value, 0)) for state in InboundState}
    return {**found, "fetched": sum(found.values())}


def quarantined() -> QuerySet[Inbound]:
    """Letters that wait for a specialist, the latest first."""
    return _letters(InboundState.QUARANTINED)


def rejected() -> QuerySet[Inbound]:
    """Letters that were not taken, with the reason of each."""
    return _letters(InboundState.REJECTED)


def _letters(state: InboundState) -> QuerySet[Inbound]:
    return Inbound.objects.filter(state=state).select_related("mailbox", "raw").order_by("-received_at", "-pk")


def stuck(*, now: datetime) -> QuerySet[Inbound]:
    """Letters kept and not settled for too long."""
    return Inbound.objects.filter(state=InboundState.RECEIVED, raw__created_at__lt=now - STUCK)


def undelivered_letters() -> QuerySet[Outgoing]:
    """Letters of ours that did not arrive, the latest first."""
    return Outgoing.objects.filter(state=OutgoingState.DEAD).order_by("-created_at", "-pk")


def waiting_letters() -> QuerySet[Outgoing]:
    """Letters of ours that wait for their next try, the earliest first."""
    return Outgoing.objects.filter(state=OutgoingState.PENDING).order_by("next_try_at", "pk")


def letters_about(about: str) -> QuerySet[Outgoing]:
    """What was written about one thing ("ticket:1847"), in order."""
    return Outgoing.objects.filter(about=about).order_by("pk")

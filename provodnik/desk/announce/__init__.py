"""Carrying recorded facts outside: letters to requesters, notices to the desk. One job an event, told once each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from provodnik.core import jobs
from provodnik.core.parts import listeners
from provodnik.desk.announce import telling, watching
from provodnik.desk.models import EventKind, TicketEvent

# Facts that somebody is told of.
TOLD = frozenset(
    {
        EventKind.REGISTERED,
        EventKind.TAKEN,
        EventKind.CONTINUED,
        EventKind.REPLIED,
        EventKind.ASKED,
        EventKind.ANSWERED,
        EventKind.CLOSED,
        EventKind.WITHDRAWN,
        EventKind.REOPENED,
        EventKind.ASSIGNED,
        EventKind.PRIORITY,
        EventKind.EMAIL,
        EventKind.WARNED,
        EventKind.OVERDUE,
        EventKind.UNDELIVERED,
        EventKind.NOTED,
        EventKind.RATED,
        EventKind.TYPE,
        EventKind.SUBSYSTEM,
        EventKind.CUSTOMER,
        EventKind.ROUTED,
        EventKind.ESCALATED,
    }
)


_silent: ContextVar[bool] = ContextVar("silent", default=False)


@contextmanager
def silent() -> Iterator[None]:
    """Facts of the past are written down without telling anybody: history that is loaded was told long ago."""
    before = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(before)


def later(event: TicketEvent) -> None:
    """Ask for the notices of an event, within the transaction that records it; a ticket's notices keep their order."""
    if event.kind in TOLD and not _silent.get():
        jobs.defer(tell, event_id=event.pk, serial=f"ticket:{event.ticket_id}")


@jobs.job(name="desk.tell", queue="notices")
def tell(event_id: int) -> None:
    """Compose and hand over what this fact demands. Safe to repeat: every letter and notice has a unique key."""
    event = TicketEvent.objects.select_related("ticket__contact__user", "ticket__assignee", "message", "by").get(
        pk=event_id
    )
    telling.tell(event)
    watching.tell(event)
    for listener in listeners():
        listener(event_id)

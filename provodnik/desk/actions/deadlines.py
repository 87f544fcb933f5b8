"""A warning or a deadline was reached: written once, then told (the specialist, then the lead)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from provodnik.desk import announce
from provodnik.desk.announce.facts import note
from provodnik.desk.models import DeadlineNotice, EventKind
from provodnik.desk.queries.deadlines import Reached

_EVENTS = {DeadlineNotice.Kind.SOON: EventKind.WARNED, DeadlineNotice.Kind.OVERDUE: EventKind.OVERDUE}


def notice(reached: Reached, *, now: datetime) -> bool:
    """Record that a moment was reached. False when that is known already: two workers and a restart tell once."""
    with transaction.atomic():
        _row, made = DeadlineNotice.objects.get_or_create(
            ticket_id=reached.number,
            kind=reached.kind,
            due_at=reached.due_at,
            defaults={"moment": reached.moment, "noticed_at": now},
        )
        if made:
            event = note(
                reached.number,
                _EVENTS[reached.kind],
                at=now,
                moment=reached.moment.isoformat(),
                due=reached.due_at.isoformat(),
            )
            announce.later(event)
        return made

"""Figures of requests for monitoring: the open ones alone, by their indexes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Q

from provodnik.core.metrics import Family, gauge, gauges
from provodnik.desk.models import Ticket
from provodnik.desk.states import OPEN_STATUSES, Priority, Status

RUNNING = (Status.CREATED.value, Status.IN_PROGRESS.value)  # statuses whose clock runs


def requests(now: datetime) -> Iterator[Family]:
    late = Count("pk", filter=Q(status__in=RUNNING, due_at__lt=now))
    untaken = Count("pk", filter=Q(assignee__isnull=True))
    rows = (
        Ticket.objects.filter(status__in=[one.value for one in OPEN_STATUSES])
        .values_list("priority")
        .annotate(Count("pk"), late=late, untaken=untaken)
        .order_by()
    )
    found = {priority: counts for priority, *counts in rows}
    for place, (name, told) in enumerate(
        [
            ("requests_open", "Open requests by priority."),
            ("requests_overdue", "Open requests whose deadline has passed while their clock runs, by priority."),
            ("requests_unassigned", "Open requests that nobody has, by priority."),
        ]
    ):
        values = {one.value: float(found.get(one.value, [0, 0, 0])[place]) for one in Priority}
        yield gauges(name, told, "priority", values)
    undelivered = Ticket.objects.filter(undelivered=True).count()
    yield gauge("requests_undelivered", "Closed requests whose notice has not arrived.", undelivered)

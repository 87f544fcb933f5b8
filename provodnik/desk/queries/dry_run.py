"""What a dry run of the rules is fed with: the registrations of some days, as they were then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.desk.assignment import Incoming
from provodnik.desk.models import AssignmentRule, EventKind, Subsystem, Ticket, TicketEvent
from provodnik.desk.models.tickets import OPEN
from provodnik.desk.replay import Burden, Past
from provodnik.desk.rule_words import told
from provodnik.ui.text import short_name

CHUNK = 1000
_COLUMNS = ("number", "registered_at", "type", "priority", "subsystem_id", "customer_id", "assignee_id", "closed_at")


def last_month(now: datetime) -> tuple[datetime, datetime]:
    """The month before this one, in the installation's time zone."""
    local = timezone.localtime(now)
    until = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last = until.date() - timedelta(days=1)
    zone = timezone.get_current_timezone()
    since = datetime(last.year, last.month, 1, tzinfo=zone)
    return since, datetime(local.year, local.month, 1, tzinfo=zone)


def registrations(since: datetime, until: datetime) -> QuerySet[Ticket]:
    """Complaints go to a lead, whatever the rules say."""
    return Ticket.objects.filter(registered_at__gte=since, registered_at__lt=until, complains_of=None)


def past(since: datetime, until: datetime) -> Iterator[list[Past]]:
    """The registrations in their order, a chunk at a time; two statements a chunk."""
    names = dict(Subsystem.objects.values_list("name", "pk"))
    rows = registrations(since, until).order_by("registered_at", "number").values_list(*_COLUMNS)
    chunk: list[Any] = []
    for row in rows.iterator(chunk_size=CHUNK):
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield _as_registered(chunk, names)
            chunk = []
    if chunk:
        yield _as_registered(chunk, names)


def _as_registered(rows: Sequence[Any], names: dict[str, int]) -> list[Past]:
    """Type, priority and subsystem as they were then: specialists set them right later, the rules did not see that."""
    registered: dict[int, dict[str, Any]] = {}
    first: dict[int, str] = {}
    events = TicketEvent.objects.filter(
        ticket__in=[row[0] for row in rows], kind__in=[EventKind.REGISTERED, EventKind.SUBSYSTEM]
    ).order_by("ticket", "at", "pk")
    for number, kind, data in events.values_list("ticket_id", "kind", "data"):
        if kind == EventKind.REGISTERED:
            registered.setdefault(number, data)
        else:
            first.setdefault(number, str(data.get("old", "")))
    found = []
    for number, at, type_, priority, subsystem, customer, assignee, closed_at in rows:
        then = registered.get(number, {})
        asked = Incoming(
            type=then.get("type", type_),
            priority=then.get("priority", priority),
            subsystem=names.get(first[number]) if number in first else subsystem,
            customer=customer,
        )
        found.append(Past(number, at, asked, assignee, closed_at))
    return found


def burdens(since: datetime) -> Iterator[Burden]:
    """What people had when the days began."""
    rows = Ticket.objects.filter(OPEN | Q(closed_at__gt=since), registered_at__lt=since, assignee__isnull=False)
    for person, priority, closed_at in rows.values_list("assignee_id", "priority", "closed_at").iterator(CHUNK):
        yield Burden(person, priority, closed_at)


def names_of(people: Sequence[int]) -> dict[int, str]:
    rows = User.objects.filter(pk__in=people).values_list("pk", "full_name")
    return {pk: short_name(name) for pk, name in rows}


def rules_told() -> dict[int, str]:
    """Each rule in one line."""
    rows = AssignmentRule.objects.select_related("subsystem", "customer", "team")
    return {row.pk: told(row) for row in rows}

"""The journal for its pages: narrowed, by keys, newest first; and with the history of a request for who may read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from provodnik.accounts.models import JournalEntry, User
from provodnik.desk.models import Customer, TicketEvent

PER_PAGE = 50
BATCH = 2000  # lines that a file reads at once
MOST_PEOPLE = 200  # whom a piece of a name may mean
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CURSOR = re.compile(r"(\d{1,17})\.(\d{1,18})")
GROUPS = ("", "deeds", "looks", "access")
# Deeds that concern getting in: who may, and by what.
ACCESS = ("accounts.user", "accounts.factorrule")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the page was narrowed to. `group`: "", "deeds", "looks" or "access"."""

    who: str = ""
    q: str = ""
    group: str = ""
    kind: str = ""
    ticket: int | None = None
    customer: int | None = None
    since: date | None = None
    until: date | None = None

    @property
    def is_any(self) -> bool:
        return self != Filters()


def cursor_of(at: datetime, pk: int) -> str:
    return f"{(at - _EPOCH) // _MICROSECOND}.{pk}"


def _instant(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _people(words: str) -> list[int]:
    users = User.objects.all()
    for word in words.split()[:5]:
        users = users.filter(Q(full_name__icontains=word) | Q(login__icontains=word))
    return list(users.values_list("pk", flat=True)[:MOST_PEOPLE])


_GROUPED: dict[str, Q] = {
    "": Q(),
    "looks": Q(slot__isnull=False),
    "deeds": Q(slot__isnull=True),
    "access": Q(slot__isnull=True, kind__in=ACCESS),
}


def entries(filters: Filters, *, requests_only: bool = False) -> QuerySet[JournalEntry]:
    """Lines that fit, newest first. `requests_only`: what is about requests, for a lead."""
    wanted: dict[str, object] = {
        "kind": filters.kind or None,
        "ticket": filters.ticket,
        "customer": filters.customer,
        "at__gte": _instant(filters.since) if filters.since else None,
        "at__lt": _instant(filters.until + timedelta(days=1)) if filters.until else None,
        "by__in": _people(filters.who) if filters.who else None,
        "ticket__isnull": False if requests_only else None,
    }
    narrowed = {name: value for name, value in wanted.items() if value is not None}
    rows = JournalEntry.objects.select_related("by").filter(_GROUPED[filters.group], **narrowed)
    for word in filters.q.split()[:5]:
        rows = rows.filter(title__icontains=word)
    return rows.order_by("-at", "-id")


def _before(rows: QuerySet[JournalEntry], cursor: str) -> QuerySet[JournalEntry]:
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        return rows
    try:
        at = _EPOCH + int(found[1]) * _MICROSECOND
    except OverflowError:
        return rows
    return rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=int(found[2])))


@dataclass(frozen=True, slots=True)
class Page:
    """`older`: the cursor of what comes after, "" at the end; `customers`: names by id."""

    rows: list[JournalEntry]
    older: str
    customers: dict[int, str] = field(default_factory=dict)


def page(rows: QuerySet[JournalEntry], before: str) -> Page:
    found = list(_before(rows, before)[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    older = cursor_of(shown[-1].at, shown[-1].pk) if len(found) > PER_PAGE else ""
    wanted = {row.customer for row in shown if row.customer is not None}
    names = {one.pk: str(one) for one in Customer.objects.filter(pk__in=wanted)} if wanted else {}
    return Page(shown, older, names)


def deeds_of(number: int, *, since: datetime | None, until: datetime | None) -> list[TicketEvent]:
    """Facts of a request between two lines of a page: told among who looked. Bounded."""
    rows = TicketEvent.objects.filter(ticket_id=number).select_related("by")
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    return list(rows.order_by("-at", "-id")[: PER_PAGE * 2])


def batches(rows: QuerySet[JournalEntry]) -> Iterator[list[JournalEntry]]:
    """All that fit, in batches by key: memory stays flat however long the journal is."""
    cursor = ""
    while True:
        found = list(_before(rows, cursor)[:BATCH])
        if found:
            yield found
        if len(found) < BATCH:
            return
        cursor = cursor_of(found[-1].at, found[-1].pk)

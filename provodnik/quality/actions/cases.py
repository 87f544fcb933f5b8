"""Keeping the rows of figures true: on each fact, by a look for what was missed, all anew. Safe to repeat."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Max
from django.utils import timezone

from provodnik.core import jobs
from provodnik.desk.models import Ticket, TicketEvent
from provodnik.quality.models import Case, Rebuild
from provodnik.quality.queries.facts import cases_of

BATCH = 500
# How far back the look for missed facts goes: a worker that stood still longer is caught up at night.
LOOK_BACK = timedelta(minutes=15)
_KEPT = [field.name for field in Case._meta.concrete_fields if not field.primary_key]
_LOCKS = 0x5143  # «QC»: the space of advisory locks in which the numbers of requests are


def heard(event_id: int) -> None:
    """A fact was recorded: the figures of its request follow, and of the one that it is a complaint of."""
    row = TicketEvent.objects.filter(pk=event_id).values_list("ticket_id", "ticket__complains_of").first()
    if row is not None:
        refresh([number for number in row if number is not None])


def refresh(numbers: Collection[int]) -> int:
    """Compute the rows of these requests anew from their histories; how many there are.

    Two who do it at once do it one after another: a row that was read earlier must not be written later.
    """
    if not numbers:
        return 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, n) FROM (SELECT n FROM unnest(%s::int[]) AS n ORDER BY n) AS ordered",
                [_LOCKS, sorted({number % 2**31 for number in numbers})],
            )
        cases = cases_of(numbers)
        Case.objects.bulk_create(cases, update_conflicts=True, unique_fields=["ticket"], update_fields=_KEPT)
    return len(cases)


def catch_up(now: datetime) -> int:
    """Requests of lately whose row is missing or older than they are: facts that nobody is told of (a mark, another
    subsystem), requests that were loaded from elsewhere. How many were computed."""
    since = now - LOOK_BACK
    newest = Case.objects.aggregate(newest=Max("pk"))["newest"] or 0
    missing = Ticket.objects.filter(pk__gt=newest).order_by("pk").values_list("pk", flat=True)
    done = _in_batches(lambda last: list(missing.filter(pk__gt=last)[:BATCH]))
    touched = Ticket.objects.filter(touched_at__gte=since).values_list("pk", "revision")
    known = dict(Case.objects.filter(ticket__touched_at__gte=since).values_list("pk", "revision"))
    stale = sorted(number for number, revision in touched if known.get(number) != revision)
    for start in range(0, len(stale), BATCH):
        done += refresh(stale[start : start + BATCH])
    return done


def catch_up_all() -> int:
    """The same for all requests, and for those whose calendar was edited."""
    return _in_batches(lambda last: stale(after=last, limit=BATCH))


_STALE = """
SELECT t.number FROM desk_ticket t LEFT JOIN quality_case c ON c.ticket_id = t.number
LEFT JOIN desk_contract k ON k.id = t.contract_id LEFT JOIN desk_calendar d ON d.id = k.calendar_id
WHERE t.number > %s AND (c.ticket_id IS NULL OR c.revision <> t.revision
    OR c.calendar_revision IS DISTINCT FROM d.revision)
ORDER BY t.number LIMIT %s
"""


def stale(*, after: int, limit: int) -> list[int]:
    """Numbers of requests whose row is missing, older than they, or counted by a calendar that was edited since."""
    with connection.cursor() as cursor:
        cursor.execute(_STALE, [after, limit])
        return [row[0] for row in cursor.fetchall()]


def _in_batches(find: Callable[[int], list[int]]) -> int:
    done, last = 0, 0
    while numbers := find(last):
        done += refresh(numbers)
        last = numbers[-1]
    return done


def begin_rebuild(at: datetime) -> Rebuild:
    """Ask for all rows anew. One that is not finished goes on instead."""
    with transaction.atomic():
        Rebuild.objects.select_for_update().first()
        underway = Rebuild.objects.filter(finished_at=None).first()
        return underway or Rebuild.objects.create(started_at=at, total=Ticket.objects.count())


def rebuild_step(rebuild_id: int, *, now: datetime) -> Rebuild:
    """The next batch; `finished_at` is set when there is none. Killed in between, it is begun again where it was."""
    with transaction.atomic():
        rebuild = Rebuild.objects.select_for_update().get(pk=rebuild_id)
        if rebuild.finished_at is not None:
            return rebuild
        numbers = list(Ticket.objects.filter(pk__gt=rebuild.last).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not numbers:
            rebuild.finished_at = now
            rebuild.save(update_fields=["finished_at"])
            return rebuild
        refresh(numbers)
        rebuild.last = numbers[-1]
        rebuild.done = F("done") + len(numbers)
        rebuild.save(update_fields=["last", "done"])
        rebuild.refresh_from_db()
        return rebuild


@jobs.job(name="quality.rebuild", queue="upkeep")
def rebuilding(rebuild_id: int) -> None:
    """All anew, batch by batch; after a kill it goes on where it was."""
    while rebuild_step(rebuild_id, now=timezone.now()).finished_at is None:
        pass

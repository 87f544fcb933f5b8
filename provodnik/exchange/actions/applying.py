"""A staged batch is taken: in portions, each with its marks in one transaction, so that a killed one goes on where it
was. What refers to something that has not come waits, and is taken when it comes, whichever batch brings it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from itertools import takewhile

from django.db import connection, transaction
from django.utils.translation import gettext as _

from provodnik.core.secrets import Unreadable, unseal
from provodnik.exchange import contract
from provodnik.exchange.actions.settling import settle
from provodnik.exchange.contract import Object
from provodnik.exchange.models import Base, Batch, Stage, Thing
from provodnik.exchange.objects import Moment, revived
from provodnik.exchange.states import Outcome, Standing, State
from provodnik.people.actions import listing

PORTION = 500
FIRST_LOAD = 2000  # new places of work from which on the directory is written once, at the end
TO_DO = (Outcome.NEW.value, Outcome.CHANGED.value, Outcome.REFUSED.value)


def apply(batch: Batch, moment: Moment) -> None:
    """Take what is staged, then what has waited for it. Safe to repeat after a kill."""
    large = batch.diff.get("employment", {}).get(Outcome.NEW.value, 0) >= FIRST_LOAD
    with listing.paused() if large else nullcontext():
        while _portion(batch.pk, moment):
            pass
        revive_waiting(moment, batch)
    if large:
        listing.relist_all()
    _finish(batch.pk, moment)


def _portion(batch_id: int, moment: Moment) -> bool:
    """The next lines of one kind; False when there is none left, or the batch is no longer being applied."""
    with transaction.atomic():
        batch = _locked(batch_id)
        if batch.state != State.APPLYING.value:
            return False
        rows = list(
            Stage.objects.filter(batch=batch, is_done=False, outcome__in=TO_DO).order_by("rank", "place")[:PORTION]
        )
        if not rows:
            return False
        rows = list(takewhile(lambda row: row.kind == rows[0].kind, rows))
        objects = [revived(row.kind, row.guid, row.version, unseal(row.sealed)) for row in rows]
        found = settle(batch.base_id, rows[0].kind, objects, moment, batch=batch)
        Stage.objects.filter(pk__in=[row.pk for row in rows]).update(is_done=True, sealed="")
        _count(batch, rows[0].kind, found, len(rows))
    return True


def _locked(batch_id: int) -> Batch:
    """The batch, after whoever takes something of the same base: one at a time (organisations may share a person)."""
    base = Batch.objects.values_list("base_id", flat=True).get(pk=batch_id)
    Base.objects.select_for_update().get(pk=base)
    return Batch.objects.select_for_update(of=("self",)).get(pk=batch_id)


def _count(batch: Batch, kind: str, found: Counter[str], done: int) -> None:
    before = Counter(batch.counts.get(kind, {}))
    batch.counts = {**batch.counts, kind: dict(before + found)}
    batch.done += done
    batch.save(update_fields=["counts", "done"])


# Waiting objects whose missing one is there: taken, or a unit that is there already while its own place is not.
_READY = """
SELECT w.id FROM exchange_thing w WHERE w.standing = 'waiting' AND NOT w.id = ANY (%s) AND (
    EXISTS (SELECT 1 FROM exchange_thing t WHERE t.kind = w.missing_kind AND t.guid = w.missing_guid
            AND t.standing = 'taken')
    OR w.missing_kind = 'unit' AND EXISTS (SELECT 1 FROM people_unit u WHERE u.guid = w.missing_guid)
    OR w.missing_kind = 'person' AND EXISTS (SELECT 1 FROM people_personkey k WHERE k.guid = w.missing_guid)
) ORDER BY w.id LIMIT %s
"""


def revive_waiting(moment: Moment, batch: Batch | None = None) -> int:
    """Take what has waited and waits no longer, each once a run. Returns how many were tried."""
    tried: list[int] = []
    while True:
        with transaction.atomic():
            if batch is not None:
                _locked(batch.pk)
            with connection.cursor() as cursor:
                cursor.execute(_READY, [tried, PORTION])
                ids = [row[0] for row in cursor.fetchall()]
            if not ids:
                return len(tried)
            before = {thing.pk: thing.missing_guid for thing in _retake(ids, moment)}
            after = dict(
                Thing.objects.filter(pk__in=ids, standing=Standing.WAITING.value).values_list("pk", "missing_guid")
            )
            # what waits for something else now may be ready within this very run
            tried += [pk for pk in ids if pk not in after or after[pk] == before[pk]]


def _retake(ids: Sequence[int], moment: Moment) -> list[Thing]:
    things = list(Thing.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
    for kind in contract.in_order(sorted({thing.kind for thing in things})):
        for base in sorted({thing.base_id for thing in things}):
            ours = [thing for thing in things if thing.kind == kind and thing.base_id == base]
            settle(base, kind, [kept_object(thing) for thing in ours], moment, batch=None)
    return things


def kept_object(thing: Thing) -> Object:
    """The object of a row that was not taken. Raises Unreadable under another SECRET_KEY."""
    return revived(thing.kind, thing.guid, thing.version, unseal(thing.sealed))


def again(thing_id: int, moment: Moment) -> Thing:
    """Try one object once more: somebody says that its obstacle is gone. Raises Thing.DoesNotExist."""
    with transaction.atomic():
        thing = Thing.objects.select_for_update(of=("self",)).get(pk=thing_id)
        if thing.sealed:
            try:
                settle(thing.base_id, thing.kind, [kept_object(thing)], moment, batch=None)
            except Unreadable:
                thing.reason = _("Its text cannot be read any more: have 1C send it again.")
                thing.save(update_fields=["reason"])
    revive_waiting(moment)
    return Thing.objects.get(pk=thing_id)


def hand_over(kind: str, moment: Moment) -> int:
    """Give a part that has come to take a kind everything that was kept for it. Returns how much."""
    done = 0
    while ids := list(
        Thing.objects.filter(kind=kind, standing=Standing.KEPT.value)
        .order_by("pk")
        .values_list("pk", flat=True)[:PORTION]
    ):
        with transaction.atomic():
            for thing in Thing.objects.select_for_update(of=("self",)).filter(pk__in=ids):
                last = thing.versions.last()
                assert last is not None
                one = revived(kind, thing.guid, last.version, unseal(last.sealed))
                settle(thing.base_id, kind, [one], moment, batch=None)
        done += len(ids)
        if Thing.objects.filter(pk__in=ids, standing=Standing.KEPT.value).exists():
            break  # nobody takes it
    return done


_SAME = """
UPDATE exchange_thing t SET version = greatest(t.version, s.version), heard_id = s.batch_id
FROM exchange_stage s WHERE s.batch_id = %s AND s.outcome = 'same' AND t.kind = s.kind AND t.guid = s.guid
"""
# A person who was not taken belongs where the place of work that waits for him does.
_WHOSE = """
UPDATE exchange_thing p SET organisation_id = e.organisation_id FROM exchange_thing e
WHERE p.kind = 'person' AND p.organisation_id IS NULL AND p.standing IN ('waiting', 'refused')
AND e.standing = 'waiting' AND e.missing_kind = 'person' AND e.missing_guid = p.guid AND e.organisation_id IS NOT NULL
"""


def _finish(batch_id: int, moment: Moment) -> None:
    with transaction.atomic():
        batch = _locked(batch_id)
        if batch.state != State.APPLYING.value:
            return
        with connection.cursor() as cursor:
            cursor.execute(_SAME, [batch.pk])
            cursor.execute(_WHOSE)
        Stage.objects.filter(batch=batch).delete()
        batch.state, batch.finished_at = State.DONE.value, moment.at
        batch.save(update_fields=["state", "finished_at"])

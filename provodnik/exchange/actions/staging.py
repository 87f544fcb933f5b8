"""The dry run: every line of a batch is read, judged and compared with what is known; nothing is taken."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from provodnik.core import files
from provodnik.core.secrets import seal
from provodnik.exchange import contract, reading
from provodnik.exchange.contract import NoObject, Object
from provodnik.exchange.limits import Allowed, Would, stops
from provodnik.exchange.models import Batch, BatchFile, Limit, Stage, Thing
from provodnik.exchange.objects import Known, canonical, digest, dismisses, outcome
from provodnik.exchange.reading import Unreadable
from provodnik.exchange.states import Outcome, State
from provodnik.people.models import Organisation

AT_ONCE = 1000  # lines that are compared by one look
MOST_OBJECTS = 2_000_000  # of a batch
AHEAD = timedelta(days=2)  # how far a sender's clock may be ahead
_COLUMNS = "batch_id, place, rank, kind, guid, version, digest, outcome, sealed, leaves, is_done"


def newest(now: datetime) -> int:
    """The greatest version that is believed: milliseconds since 1970, as most senders count."""
    return int((now + AHEAD).timestamp() * 1000)


def stage_files(batch: Batch, *, now: datetime) -> None:
    """Read the files of a batch. Begun anew after a kill. Raises Unreadable, with the file's name and line."""
    Stage.objects.filter(batch=batch).delete()
    place = 0
    for file in batch.files.select_related("blob").filter(objects_in__isnull=False):
        before = place
        try:
            for chunk in _chunks(_objects(file, now)):
                place = _keep(batch, place, chunk)
                Batch.objects.filter(pk=batch.pk).update(done=place)
        except Unreadable as error:
            where = _("File %(name)s, line %(line)d: %(words)s")
            told = where % {"name": file.name, "line": error.line, "words": error.words}
            raise Unreadable(told) from error
        if place - before != file.objects_in:
            told = _("File %(name)s holds %(count)d objects, the manifest says %(said)d.")
            raise Unreadable(told % {"name": file.name, "count": place - before, "said": file.objects_in})


def stage_objects(batch: Batch, objects: Sequence[Object]) -> None:
    _keep(batch, 0, objects)


def _objects(file: BatchFile, now: datetime) -> Iterator[Object]:
    assert file.blob is not None
    limit = newest(now)
    with files.open_stream(file.blob) or BytesIO(files.read(file.blob)) as stream:
        for number, value in reading.lines(stream, longest=contract.LONGEST_OBJECT):
            try:
                yield contract.read(value, newest=limit)
            except NoObject as error:
                raise Unreadable(error.words, number) from error


def _chunks(objects: Iterable[Object]) -> Iterator[list[Object]]:
    rest = iter(objects)
    while chunk := list(islice(rest, AT_ONCE)):
        yield chunk


def known(objects: Sequence[Object]) -> dict[tuple[str, str], Known]:
    """What is remembered of these, by (kind, guid)."""
    asked: dict[str, list[str]] = defaultdict(list)
    for one in objects:
        asked[one.kind].append(one.guid)
    found = {}
    for kind, guids in asked.items():
        rows = Thing.objects.filter(kind=kind, guid__in=guids)
        for guid, base, version, made, standing in rows.values_list("guid", "base_id", "version", "digest", "standing"):
            found[kind, str(guid)] = Known(base, version, made, standing)
    return found


def _keep(batch: Batch, place: int, objects: Sequence[Object]) -> int:
    """Write the lines of a chunk down; returns the place of the last."""
    if place + len(objects) > MOST_OBJECTS:
        raise Unreadable(_("There are more than %(limit)d objects in one batch.") % {"limit": MOST_OBJECTS})
    there = known(objects)
    by_hand = _by_hand(objects)
    with connection.cursor() as cursor, cursor.copy(f"COPY exchange_stage ({_COLUMNS}) FROM STDIN") as copy:
        for one in objects:
            place += 1
            copy.write_row(_row(batch, place, one, there.get((one.kind, one.guid)), one.guid in by_hand))
    return place


_HAND = "jsonb_path_exists(t.sources, '$.* ? (@ == \"hand\")')"
_TABLES = {
    "organisation": "people_organisation t",
    "position": "people_position t",
    "unit": "people_unit t",
    "employment": "people_employment t",
    "person": "people_person t JOIN people_personkey k ON k.person_id = t.id",
}


def _by_hand(objects: Sequence[Object]) -> set[str]:
    """References of those that somebody has corrected: what 1C says of them matters even when it is nothing new."""
    found: set[str] = set()
    for kind in {one.kind for one in objects} & set(_TABLES):
        guids = [one.guid for one in objects if one.kind == kind]
        column = "k.guid" if kind == "person" else "t.guid"
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {column}::text FROM {_TABLES[kind]} WHERE {column} = ANY (%s::uuid[]) AND {_HAND}",  # noqa: S608
                [guids],
            )
            found |= {row[0] for row in cursor.fetchall()}
    return found


def _row(batch: Batch, place: int, one: Object, there: Known | None, by_hand: bool) -> tuple[Any, ...]:
    text = canonical(one)
    made = digest(text)
    found = outcome(one, made, there, batch.base_id)
    if found is Outcome.SAME and by_hand:
        found = Outcome.CHANGED  # 1C goes on saying it against a hand: the difference is looked for each time
    if found in (Outcome.NEW, Outcome.CHANGED) and contract.complaints(one):
        found = Outcome.REFUSED
    sealed = seal(text) if found in (Outcome.NEW, Outcome.CHANGED, Outcome.REFUSED) else ""
    rank = contract.KINDS[one.kind].order
    leaves = found in (Outcome.NEW, Outcome.CHANGED) and dismisses(one)
    return (batch.pk, place, rank, one.kind, uuid.UUID(one.guid), one.version, made, found.value, sealed, leaves, False)


def compare(batch: Batch, *, now: datetime) -> None:
    """The end of the dry run: of an object that stands twice the newest counts; what would change is counted, and
    judged by the thresholds. Leaves the batch held or ready to be applied."""
    with transaction.atomic():
        _newest_of_twins(batch)
        rows = Stage.objects.filter(batch=batch).values_list("kind", "outcome").annotate(count=Count("pk")).order_by()
        diff: dict[str, dict[str, int]] = defaultdict(dict)
        for kind, found, count in rows:
            diff[kind][found] = count
        batch.diff = dict(diff)
        batch.stops = judged(batch, now=now)
        batch.state = State.HELD.value if batch.stops else State.APPLYING.value
        todo = (Outcome.NEW.value, Outcome.CHANGED.value, Outcome.REFUSED.value)
        batch.total = sum(one.get(name, 0) for one in diff.values() for name in todo)
        batch.done = 0
        batch.save(update_fields=["diff", "stops", "state", "total", "done"])


def _newest_of_twins(batch: Batch) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE exchange_stage s SET outcome = 'older', sealed = '', leaves = false FROM ("
            " SELECT id, row_number() OVER (PARTITION BY kind, guid ORDER BY version DESC, place DESC) AS rank"
            " FROM exchange_stage WHERE batch_id = %s) t WHERE t.id = s.id AND t.rank > 1",
            [batch.pk],
        )


_WOULD = """
WITH leaving AS (
    SELECT e.organisation_id AS org, count(DISTINCT e.id) AS n FROM exchange_stage s
    JOIN people_employment e ON e.guid = s.guid
    WHERE s.batch_id = %(batch)s AND s.leaves AND e.ends_on IS NULL GROUP BY 1
), places AS (
    SELECT e.organisation_id AS org, count(*) AS n FROM exchange_stage s JOIN people_employment e ON e.guid = s.guid
    WHERE s.batch_id = %(batch)s AND s.kind = 'employment' AND s.outcome = 'changed' AND NOT s.leaves
    AND e.ends_on IS NULL GROUP BY 1
), persons AS (
    SELECT e.organisation_id AS org, count(DISTINCT e.person_id) AS n FROM exchange_stage s
    JOIN people_personkey k ON k.guid = s.guid JOIN people_employment e ON e.person_id = k.person_id
    WHERE s.batch_id = %(batch)s AND s.kind = 'person' AND s.outcome = 'changed' AND e.ends_on IS NULL GROUP BY 1
), concerned AS (SELECT org FROM leaving UNION SELECT org FROM places UNION SELECT org FROM persons)
SELECT c.org,
    (SELECT count(*) FROM people_employment e WHERE e.organisation_id = c.org AND e.ends_on IS NULL),
    coalesce((SELECT n FROM leaving WHERE org = c.org), 0),
    (SELECT count(DISTINCT v.employment_id) FROM people_peopleevent v WHERE v.organisation_id = c.org
        AND v.kind = 'dismissed' AND v.source = 'onec' AND v.at > %(since)s),
    greatest((SELECT n FROM places WHERE org = c.org), (SELECT n FROM persons WHERE org = c.org), 0)
FROM concerned c ORDER BY 1
"""


def judged(batch: Batch, *, now: datetime) -> list[dict[str, Any]]:
    """The thresholds that a staged batch exceeds, in the shape of `Batch.stops`."""
    with connection.cursor() as cursor:
        cursor.execute(_WOULD, {"batch": batch.pk, "since": now - timedelta(days=1)})
        rows = [Would(*row) for row in cursor.fetchall()]
    limits = {
        one.organisation_id: one for one in Limit.objects.filter(organisation__in=[row.organisation for row in rows])
    }
    names = dict(Organisation.objects.filter(pk__in=[row.organisation for row in rows]).values_list("pk", "name"))
    found = []
    for row in rows:
        limit = limits.get(row.organisation)
        if limit is not None and limit.open_until is not None and limit.open_until > now:
            continue
        allowed = Allowed(limit.dismissals, limit.changes, limit.least) if limit is not None else Allowed()
        for rule, would, of, share in stops(row, allowed):
            found.append(
                {
                    "organisation": row.organisation,
                    "name": names[row.organisation],
                    "rule": rule.value,
                    "would": would,
                    "of": of,
                    "limit": share,
                }
            )
    return found

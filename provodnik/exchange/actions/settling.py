"""Some objects of one kind are taken, and what became of each is written down: in the caller's transaction."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from provodnik.core.secrets import seal
from provodnik.exchange import contract
from provodnik.exchange.actions.staging import known
from provodnik.exchange.actions.takers import TAKERS, Arrived, outside_takers
from provodnik.exchange.contract import Object
from provodnik.exchange.duties import actor
from provodnik.exchange.models import Batch, KeptVersion, Thing
from provodnik.exchange.objects import ONCE, Known, Moment, canonical, digest, rewritten
from provodnik.exchange.queries.titles import titles
from provodnik.exchange.states import Actor, Standing
from provodnik.people.actions.taking import Verdict
from provodnik.people.sources import Conflict

KEEPS_ITSELF = frozenset({"person", "employment"})  # kinds whose own table keeps differences from a hand
_WRITTEN = (
    "version", "digest", "standing", "sealed", "since", "title", "reason", "about", "actor", "missing_kind",
    "missing_guid", "twin", "differs", "organisation", "batch", "heard",
)  # fmt: skip


def settle(base: int, kind: str, objects: Sequence[Object], moment: Moment, *, batch: Batch | None) -> Counter[str]:
    """Take them and remember them. Returns how many were added, changed, the same, waiting, refused, kept, foreign."""
    if not objects:
        return Counter()
    there = known(objects)
    ours = [one for one in objects if (kind, one.guid) not in there or there[kind, one.guid].base == base]
    counts: Counter[str] = Counter({"foreign": len(objects) - len(ours)} if len(ours) < len(objects) else {})
    shaped, verdicts = _judged(ours, there, batch)
    taken = TAKERS[kind](shaped, moment) if shaped else []
    for one, verdict in zip(shaped, taken, strict=True):
        verdicts[one.guid] = verdict
    things = _things(base, ours, verdicts, there, moment, batch)
    written = _write(things)
    if kind in ONCE:
        _keep(ours, verdicts, written, moment, batch)
    counts.update(
        thing.standing if thing.standing != Standing.TAKEN else verdicts[str(thing.guid)].what for thing in things
    )
    return counts


def _judged(
    objects: Sequence[Object], there: dict[tuple[str, str], Known], batch: Batch | None
) -> tuple[list[Object], dict[str, Verdict]]:
    """Those that keep to the contract, and verdicts of those that do not."""
    shaped: list[Object] = []
    verdicts: dict[str, Verdict] = {}
    names = _files(objects, batch)
    for one in objects:
        wrong = contract.complaints(one)
        before = there.get((one.kind, one.guid))
        verdict = Verdict(uuid.UUID(one.guid))
        if wrong:
            verdict.refuse(wrong[0].words, wrong[0].field)
        elif before is not None and batch is not None and rewritten(one, digest(canonical(one)), before):
            verdict.refuse(
                _("Other content under a version that is kept: a correction needs a greater one."), "version"
            )
        elif one.fields.get("pdf") and batch is not None and one.fields["pdf"] not in names:
            verdict.refuse(_("There is no such file in the batch."), "pdf")
        else:
            shaped.append(one)
            continue
        verdict.changed = ["shape"]
        verdicts[one.guid] = verdict
    return shaped, verdicts


def _files(objects: Sequence[Object], batch: Batch | None) -> dict[str, int | None]:
    wanted = {str(one.fields["pdf"]) for one in objects if one.kind in ONCE and one.fields.get("pdf")}
    if not wanted or batch is None:
        return {}
    return dict(batch.files.filter(name__in=wanted, objects_in__isnull=True).values_list("name", "blob_id"))


def _things(
    base: int,
    objects: Sequence[Object],
    verdicts: dict[str, Verdict],
    there: dict[tuple[str, str], Known],
    moment: Moment,
    batch: Batch | None,
) -> list[Thing]:
    refused = [one for one in objects if verdicts[one.guid].what == "refused"]
    told = titles(refused)
    guids = [one.guid for one in objects]
    kind = objects[0].kind if objects else ""
    before = {str(thing.guid): thing for thing in Thing.objects.filter(kind=kind, guid__in=guids)}
    found = []
    for one in objects:
        verdict, old, text = verdicts[one.guid], before.get(one.guid), canonical(one)
        thing = Thing(base_id=base, kind=one.kind, guid=uuid.UUID(one.guid), version=one.version, digest=digest(text))
        thing.standing = _standing(one, verdict).value
        thing.since = old.since if old is not None and old.standing == thing.standing else moment.at
        thing.batch_id = batch.pk if batch is not None else old.batch_id if old is not None else None
        thing.heard_id = batch.pk if batch is not None else old.heard_id if old is not None else None
        if verdict.what == "refused":
            thing.sealed = seal(text)
            thing.title, thing.organisation_id = told[one.guid]
            _say_why(thing, verdict)
        elif one.kind not in KEEPS_ITSELF:
            thing.differs = _differences(old, verdict.conflicts, moment)
            if thing.differs:
                thing.title, thing.organisation_id = titles([one])[one.guid]
        found.append(thing)
    return found


def _standing(one: Object, verdict: Verdict) -> Standing:
    if verdict.what == "refused":
        return Standing.WAITING if verdict.missing is not None else Standing.REFUSED
    if one.deleted:
        return Standing.GONE
    return Standing.KEPT if one.kind in ONCE else Standing.TAKEN


def _say_why(thing: Thing, verdict: Verdict) -> None:
    thing.reason, thing.about = str(verdict.reason)[:500], (verdict.about or "")[:80]
    if verdict.missing is not None:
        thing.missing_kind, thing.missing_guid = verdict.missing
    thing.twin = verdict.twin
    clash = verdict.about is None and verdict.twin is None
    thing.actor = actor(
        about=thing.about,
        shape=verdict.changed == ["shape"],
        missing=verdict.missing is not None,
        twin=verdict.twin is not None,
        clash=clash,
    ).value


def _differences(old: Thing | None, conflicts: Sequence[Conflict], moment: Moment) -> dict[str, Any]:
    """What 1C says against a hand, since when; of references the ids."""
    before = old.differs if old is not None else {}
    found = {}
    for one in conflicts:
        told = {"kept": one.kept, "offered": one.offered}
        last = before.get(one.field, {})
        same = {name: last.get(name) for name in told} == told
        found[one.field] = {**told, "since": last["since"] if same else moment.at.isoformat()}
    return found


def _write(things: Sequence[Thing]) -> dict[str, int]:
    """Returns guid → id."""
    made = Thing.objects.bulk_create(
        things, update_conflicts=True, unique_fields=["kind", "guid"], update_fields=list(_WRITTEN)
    )
    return {str(thing.guid): thing.pk for thing in made}


def _keep(
    objects: Sequence[Object], verdicts: dict[str, Verdict], ids: dict[str, int], moment: Moment, batch: Batch | None
) -> None:
    """Keep each version whole, and hand it to the part that takes the kind, where there is one."""
    good = [one for one in objects if verdicts[one.guid].what != "refused"]
    files = _files(good, batch)
    KeptVersion.objects.bulk_create(
        [
            KeptVersion(
                thing_id=ids[one.guid],
                version=one.version,
                sealed=seal(canonical(one)),
                pdf_id=files.get(str(one.fields.get("pdf") or "")),
                at=moment.at,
            )
            for one in good
        ],
        ignore_conflicts=True,
    )
    taker = outside_takers().get(objects[0].kind) if objects else None
    if taker is None or not good:
        return
    kept = {
        (row.thing_id, row.version): row
        for row in KeptVersion.objects.filter(thing__in=[ids[one.guid] for one in good])
    }
    arrived = []
    for one in good:
        row = kept[ids[one.guid], one.version]
        arrived.append(Arrived(uuid.UUID(one.guid), one.version, one.deleted, one.fields, row.pk, row.pdf_id))
    for one, verdict in zip(good, taker(arrived), strict=True):
        verdicts[one.guid] = verdict
        values: dict[str, Any] = {"standing": Standing.TAKEN.value if not one.deleted else Standing.GONE.value}
        if verdict.what == "refused":
            values = {
                "standing": Standing.REFUSED.value,
                "reason": str(verdict.reason)[:500],
                "about": (verdict.about or "")[:80],
                "actor": Actor.PAYROLL_BASE.value,
                "sealed": seal(canonical(one)),
            }
        Thing.objects.filter(pk=ids[one.guid]).update(**values)

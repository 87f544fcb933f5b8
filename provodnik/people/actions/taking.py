"""The engine under every `take_…`: clean, compare with what is kept, write what differs, tell what became of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.db import IntegrityError, models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused
from provodnik.people.cleaning import Cleaner
from provodnik.people.models import PeopleEvent
from provodnik.people.sources import EMPTY, Conflict, Merged, Stored, merge
from provodnik.people.states import Happened, Source

Row = TypeVar("Row", bound=models.Model)
UNTOLD = frozenset({"snils", "birth_date", "phone", "email"})  # of these the history says that they changed, not how


@dataclass(frozen=True, slots=True)
class Incoming:
    """What an exchange says of one thing: its reference, and the fields that it speaks of. A field that is not there
    is not spoken of; None or "" says that there is none."""

    guid: uuid.UUID
    fields: Mapping[str, Any]


@dataclass(slots=True)
class Verdict:
    """`what`: "added", "changed", "same" or "refused", with the reason and the field it is `about`. `missing`: ("unit",
    guid) that must come first. `twin`: a person with the same SNILS who is known by another reference: HR says whether
    it is him (`persons.join`). `changed`: names of fields."""

    guid: uuid.UUID | None
    what: str = "same"
    pk: int | None = None
    reason: str | Promise = ""
    about: str | None = None
    missing: tuple[str, uuid.UUID] | None = None
    twin: int | None = None
    conflicts: list[Conflict] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    def refuse(self, reason: str | Promise, name: str | None = None) -> None:
        self.what, self.reason, self.about = "refused", reason, name


@dataclass(frozen=True, slots=True)
class Said:
    """Who says it, and when."""

    source: Source
    at: datetime
    by: User | None = None


@dataclass(frozen=True, slots=True)
class Kind(Generic[Row]):
    """A table that is taken. `read`/`write`: of a field that is kept in another shape than it comes."""

    model: type[Row]
    cleaners: Mapping[str, Cleaner]
    event: Callable[[Row], dict[str, int | None]]
    happened: Callable[[Row, list[str], bool], Happened] = lambda row, names, new: (
        Happened.ADDED if new else Happened.CHANGED
    )
    read: Mapping[str, Callable[[Row], Any]] = field(default_factory=dict)
    write: Mapping[str, Callable[[Row, Any], None]] = field(default_factory=dict)
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def value(self, row: Row, name: str) -> Any:
        return self.read[name](row) if name in self.read else getattr(row, name)

    def put(self, row: Row, name: str, value: Any) -> None:
        if name in self.write:
            self.write[name](row, value)
        else:
            setattr(row, name, value)


def clean(kind: Kind[Row], one: Incoming) -> tuple[dict[str, Any], Verdict]:
    """The values of a row, and its verdict so far: refused where one of them is no good."""
    verdict, values = Verdict(one.guid), {}
    if not one.guid or not one.guid.int:
        verdict.refuse(_("The row has no reference (GUID)."), "guid")
        return {}, verdict
    for name, value in one.fields.items():
        cleaner = kind.cleaners.get(name)
        try:
            if cleaner is None:
                raise Refused(_("There is no such field."), name[:60])
            values[name] = cleaner(value, name)
        except Refused as error:
            verdict.refuse(error.reason, error.field)
            return {}, verdict
    return values, verdict


def once(verdicts: Sequence[Verdict]) -> None:
    """A batch speaks of each thing once."""
    seen: set[uuid.UUID] = set()
    for verdict in verdicts:
        if verdict.guid is None or verdict.what == "refused":
            continue
        if verdict.guid in seen:
            verdict.refuse(_("The same reference stands twice in one batch."), "guid")
        seen.add(verdict.guid)


def apply(kind: Kind[Row], row: Row, values: Mapping[str, Any], said: Said, verdict: Verdict) -> dict[str, Any]:
    """Put on the row (unsaved) what the rules of sources allow. Returns {field: [old, new]} for the history."""
    kept = _sources(row)
    stored = {name: Stored(kind.value(row, name), kept.get(name)) for name in values}
    merged = merge(stored, values, said.source)
    told: dict[str, Any] = {}
    for name, value in merged.changes.items():
        told[name] = ["•", "•"] if name in UNTOLD else [_plain(stored[name].value), _plain(value)]
        kind.put(row, name, value)
    row.sources = {**row.sources, **{name: one.value for name, one in merged.sources.items()}}  # type: ignore[attr-defined]
    noted = _note_differences(row, merged, said)
    verdict.conflicts = merged.conflicts
    verdict.changed = list(merged.changes)
    if merged or noted:
        verdict.what = "changed"
    return told


def _sources(row: models.Model) -> dict[str, Source]:
    return {name: Source(value) for name, value in row.sources.items()}  # type: ignore[attr-defined]


def _note_differences(row: models.Model, merged: Merged, said: Said) -> bool:
    """Keep beside the row what an exchange says against a hand, since when; forget what is settled."""
    if not hasattr(row, "differs"):
        return False
    differs = dict(row.differs)
    for name in merged.settled:
        if said.source is Source.HAND or differs.get(name, {}).get("source") == said.source.value:
            differs.pop(name, None)
    for one in merged.conflicts:
        offered = "•" if one.field in UNTOLD else _plain(one.offered)
        before = differs.get(one.field, {})
        if before.get("offered") != offered or before.get("source") != said.source.value:
            since = said.at.isoformat()
            differs[one.field] = {"offered": offered, "source": said.source.value, "since": since}
    changed: bool = differs != row.differs
    row.differs = differs
    return changed


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value.pk if isinstance(value, models.Model) else None if value in EMPTY else value


@dataclass(slots=True)
class Work(Generic[Row]):
    """A row on its way into the database."""

    row: Row
    verdict: Verdict
    told: dict[str, Any]
    is_new: bool


def save(kind: Kind[Row], works: Sequence[Work[Row]], said: Said) -> None:
    """Write all rows by few statements; where the database refuses, row by row, so that the guilty one is found."""
    works = [work for work in works if work.verdict.what != "refused" and (work.is_new or work.verdict.what != "same")]
    if not works:
        return
    try:
        with transaction.atomic():
            _write(kind, works)
    except IntegrityError:
        for work in works:
            try:
                with transaction.atomic():
                    if work.is_new:
                        work.row.pk = None
                    _write(kind, [work])
            except IntegrityError:
                work.verdict.refuse(_("The database does not accept this: it contradicts what is there already."))
    done = [work for work in works if work.verdict.what != "refused"]
    for work in done:
        work.verdict.pk = work.row.pk
        work.verdict.what = "added" if work.is_new else "changed"
    PeopleEvent.objects.bulk_create(
        event(kind.happened(work.row, work.verdict.changed, work.is_new), said, work.told, **kind.event(work.row))
        for work in done
        if work.told
    )


def _write(kind: Kind[Row], works: Sequence[Work[Row]]) -> None:
    manager = kind.model._default_manager
    fresh = [work.row for work in works if work.is_new]
    if fresh:
        manager.bulk_create(fresh)
    old = [work for work in works if not work.is_new]
    if old:
        columns = {"sources"} | ({"differs"} if hasattr(kind.model, "differs") else set())
        for work in old:
            for name in work.verdict.changed:
                columns.update(kind.columns.get(name, (name,)))
        manager.bulk_update([work.row for work in old], sorted(columns), batch_size=200)


def event(kind: Happened, said: Said, data: Mapping[str, Any], **of: int | None) -> PeopleEvent:
    """A line of the history, not yet written."""
    return PeopleEvent(
        at=said.at, by=said.by, source=said.source.value, kind=kind.value, data=data,
        **{f"{name}_id": value for name, value in of.items()},
    )  # fmt: skip


def record(kind: Happened, said: Said, data: Mapping[str, Any] | None = None, **of: int | None) -> PeopleEvent:
    one = event(kind, said, data or {}, **of)
    one.save()
    return one


def known(model: type[Row], guids: set[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Reference → id, of those that are there."""
    return dict(model._default_manager.filter(guid__in=guids).values_list("guid", "pk"))


def take(
    kind: Kind[Row],
    rows: Sequence[Incoming],
    said: Said,
    *,
    prepare: Callable[[list[dict[str, Any]], list[Verdict]], None] | None = None,
    judge: Callable[[Row, dict[str, Any], Verdict], None] | None = None,
    required: Sequence[str] = ("name",),
) -> tuple[list[Verdict], list[Work[Row]]]:
    """Take a batch of a table that has a `guid`. `prepare(values, verdicts)` replaces references by ids, refusing what
    is missing; `judge(row, values, verdict)` refuses a row that would come to stand as it must not."""
    pairs = [clean(kind, one) for one in rows]
    values, verdicts = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    once(verdicts)
    if prepare is not None:
        prepare(values, verdicts)
    asked = [verdict.guid for verdict in verdicts if verdict.what != "refused"]
    manager = kind.model._default_manager
    # in the order of their ids: two batches at once wait for each other instead of embracing
    there = {row.guid: row for row in manager.select_for_update(of=("self",)).filter(guid__in=asked).order_by("pk")}  # type: ignore[attr-defined]
    works: list[Work[Row]] = []
    for given, verdict in zip(values, verdicts, strict=True):
        if verdict.what == "refused":
            continue
        row = there.get(verdict.guid)
        works.append(_work(kind, row, given, said, verdict, required, judge))
    return verdicts, works


def _work(
    kind: Kind[Row],
    row: Row | None,
    values: dict[str, Any],
    said: Said,
    verdict: Verdict,
    required: Sequence[str],
    judge: Callable[[Row, dict[str, Any], Verdict], None] | None,
) -> Work[Row]:
    is_new = row is None
    if row is None:
        row = kind.model(guid=verdict.guid)
        lacking = next((name for name in required if values.get(name) in EMPTY), None)
        if lacking is not None:
            verdict.refuse(_("This must not be empty."), lacking)
            return Work(row, verdict, {}, is_new)
    else:
        verdict.pk = row.pk
    told = apply(kind, row, values, said, verdict)
    if judge is not None:
        judge(row, values, verdict)
    return Work(row, verdict, told, is_new)


def resolve(**models_of: type[models.Model]) -> Callable[[list[dict[str, Any]], list[Verdict]], None]:
    """References in these fields → ids, by one statement a table. What is not known yet is refused and told as
    `missing`; an empty reference is None."""

    def prepare(values: list[dict[str, Any]], verdicts: list[Verdict]) -> None:
        for name, model in models_of.items():
            there = known(model, {one[name] for one in values if one.get(name) is not None})
            for one, verdict in zip(values, verdicts, strict=True):
                guid = one.get(name)
                if guid is None or verdict.what == "refused":
                    continue
                if guid not in there:
                    verdict.missing = (name, guid)
                    verdict.refuse(_("What the row refers to is not known yet."), name)
                else:
                    one[name] = there[guid]

    return prepare

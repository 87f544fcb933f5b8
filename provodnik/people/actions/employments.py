"""Places of work and absences: brought by an exchange."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused
from provodnik.people import cleaning
from provodnik.people.actions import listing
from provodnik.people.actions.persons import mark_employees
from provodnik.people.actions.taking import (
    Incoming,
    Kind,
    Said,
    Verdict,
    Work,
    apply,
    clean,
    record,
    resolve,
    save,
    take,
)
from provodnik.people.models import Absence, Employment, Organisation, PersonKey, Position, Unit
from provodnik.people.states import EmploymentKind, Happened, Source


def _happened(row: Employment, changed: list[str], is_new: bool) -> Happened:
    if is_new:
        return Happened.HIRED
    if "ends_on" in changed:
        return Happened.DISMISSED if row.ends_on is not None else Happened.RETURNED
    return Happened.TRANSFERRED if {"unit", "position"} & set(changed) else Happened.CHANGED


def _by_id(name: str) -> tuple[Any, Any]:
    return (lambda row: getattr(row, f"{name}_id")), (lambda row, value: setattr(row, f"{name}_id", value))


_REFERENCES = ("person", "organisation", "unit", "position")
EMPLOYMENTS: Kind[Employment] = Kind(
    model=Employment,
    cleaners={
        **dict.fromkeys(_REFERENCES, cleaning.guid),
        "kind": cleaning.one_of(EmploymentKind),
        "personnel_number": cleaning.text(30),
        "starts_on": cleaning.day(needed=True),
        "ends_on": cleaning.day(),
        "is_harmful": cleaning.yes_no,
        "schedule": cleaning.text(200),
    },
    event=lambda row: {"organisation": row.organisation_id, "person": row.person_id, "employment": row.pk},
    happened=_happened,
    read={name: _by_id(name)[0] for name in _REFERENCES},
    write={name: _by_id(name)[1] for name in _REFERENCES},
)
ABSENCES: Kind[Absence] = Kind(
    model=Absence,
    cleaners={
        "employment": cleaning.guid,
        "kind": cleaning.text(60),
        "starts_on": cleaning.day(needed=True),
        "ends_on": cleaning.day(),
    },
    event=lambda row: {},
)


def take_employments(
    rows: Sequence[Incoming], *, source: Source, at: datetime, on: date, by: User | None = None
) -> list[Verdict]:
    """Fields: person, organisation, unit, position (GUIDs), kind (EmploymentKind), personnel_number, starts_on, ends_on
    (the last day, once dismissed), is_harmful, schedule. `on`: today, by which accounts learn who works here.

    A new row needs person, organisation and starts_on. Refused: a reference that is not known yet (`missing`), a unit
    of another organisation, a number that somebody else of the organisation works under, an end before the beginning, a
    place of work that would become another person's."""
    said = Said(source, at, by)
    with transaction.atomic():
        verdicts, works = take(
            EMPLOYMENTS, rows, said, prepare=_prepare, judge=_judge, required=("person", "organisation", "starts_on")
        )
        _in_own_units(works)
        _numbers_once(works)
        # who leaves a number goes before who takes it
        works.sort(key=lambda work: work.row.ends_on is None)
        save(EMPLOYMENTS, works, said)
        done = [work.row for work in works if work.verdict.what in ("added", "changed")]
        listing.relist(pk__in=[row.pk for row in done])
        if done:
            mark_employees([row.person_id for row in done], on=on)
    return verdicts


def _prepare(values: list[dict[str, Any]], verdicts: list[Verdict]) -> None:
    resolve(organisation=Organisation, unit=Unit, position=Position)(values, verdicts)
    guids = {one["person"] for one in values if one.get("person") is not None}
    people = dict(PersonKey.objects.filter(guid__in=guids).values_list("guid", "person_id"))
    for one, verdict in zip(values, verdicts, strict=True):
        guid = one.get("person")
        if guid is None or verdict.what == "refused":
            continue
        if guid not in people:
            verdict.missing = ("person", guid)
            verdict.refuse(_("What the row refers to is not known yet."), "person")
        else:
            one["person"] = people[guid]


def _judge(row: Employment, values: dict[str, Any], verdict: Verdict) -> None:
    if row.pk is not None and {"person", "organisation"} & set(verdict.changed):
        verdict.refuse(_("A place of work stays with its person and its organisation."), "person")
    elif row.ends_on is not None and row.ends_on < row.starts_on:
        verdict.refuse(_("The last day is before the first."), "ends_on")


def _in_own_units(works: Sequence[Work[Employment]]) -> None:
    units = {work.row.unit_id for work in works if work.row.unit_id is not None}
    of = dict(Unit.objects.filter(pk__in=units).values_list("pk", "organisation_id"))
    for work in works:
        unit = work.row.unit_id
        if unit is not None and work.verdict.what != "refused" and of.get(unit) != work.row.organisation_id:
            work.verdict.refuse(_("The unit belongs to another organisation."), "unit")


def _numbers_once(works: Sequence[Work[Employment]]) -> None:
    """Of those who work, a personnel number is one person's in its organisation."""
    works = [work for work in works if work.verdict.what != "refused"]
    asked = Q(pk__in=[])
    for organisation in {work.row.organisation_id for work in works}:
        numbers = {work.row.personnel_number for work in works if work.row.organisation_id == organisation}
        asked |= Q(organisation_id=organisation, personnel_number__in=numbers - {""})
    ours = {work.row.pk for work in works if work.row.pk is not None}
    kept = Employment.objects.filter(asked, ends_on__isnull=True).exclude(pk__in=ours)
    taken = set(kept.values_list("organisation_id", "personnel_number"))
    for work in works:
        key = (work.row.organisation_id, work.row.personnel_number)
        if work.row.ends_on is not None or not work.row.personnel_number:
            continue
        if key in taken:
            work.verdict.refuse(_("Somebody else works under this personnel number."), "personnel_number")
        taken.add(key)


def dismiss(pk: int, *, last_day: date, source: Source, at: datetime, on: date, by: User | None = None) -> Employment:
    """End a place of work (for an exchange that speaks of dismissals alone). He works on his last day. The same day
    again changes nothing. Raises Refused, Employment.DoesNotExist."""
    with transaction.atomic():
        row = Employment.objects.select_for_update(of=("self",)).get(pk=pk)
        said, verdict = Said(source, at, by), Verdict(row.guid, pk=pk)
        told = apply(EMPLOYMENTS, row, {"ends_on": cleaning.day(needed=True)(last_day, "ends_on")}, said, verdict)
        _judge(row, {}, verdict)
        if verdict.what == "refused":
            raise Refused(verdict.reason, verdict.about)
        if told:
            row.save(update_fields=["ends_on", "sources", "differs"])
            record(Happened.DISMISSED, said, told, **EMPLOYMENTS.event(row))
            listing.relist(pk__in=[row.pk])
            mark_employees([row.person_id], on=on)
    return row


def take_absences(rows: Sequence[Incoming], *, source: Source, at: datetime) -> list[Verdict]:
    """Fields: employment (GUID), kind (free text: why; read by HR and by rules alone), starts_on, ends_on (None: not
    known). What is no longer so is taken back by `drop_absences`. No line of history: it would tell why."""
    with transaction.atomic():
        verdicts = [Verdict(one.guid) for one in rows]
        values = [_cleaned(one, verdict) for one, verdict in zip(rows, verdicts, strict=True)]
        resolve(employment=Employment)(values, verdicts)
        there = {
            row.guid: row for row in Absence.objects.select_for_update().filter(guid__in=[one.guid for one in rows])
        }
        fresh: dict[Any, Absence] = {}
        for one, verdict in zip(values, verdicts, strict=True):
            if verdict.what == "refused":
                continue
            row = there.get(verdict.guid)
            state = {f"{name}_id" if name == "employment" else name: value for name, value in one.items()}
            if row is not None and all(getattr(row, name) == value for name, value in state.items()):
                continue
            verdict.what = "added" if row is None else "changed"
            row = row or Absence(guid=verdict.guid)
            for name, value in state.items():
                setattr(row, name, value)
            row.source = source.value
            lacking = [
                name for name in ("employment", "starts_on") if one.get(name) is None and verdict.guid not in there
            ]
            if lacking:
                verdict.refuse(_("This must not be empty."), lacking[0])
            elif row.ends_on is not None and row.ends_on < row.starts_on:
                verdict.refuse(_("The last day is before the first."), "ends_on")
            else:
                fresh[verdict.guid] = row
        Absence.objects.bulk_create([row for row in fresh.values() if row.pk is None])
        old = [row for row in fresh.values() if row.guid in there]
        Absence.objects.bulk_update(old, ["employment", "kind", "starts_on", "ends_on", "source"])
    return verdicts


def _cleaned(one: Incoming, verdict: Verdict) -> dict[str, Any]:
    values, found = clean(ABSENCES, one)
    verdict.what, verdict.reason, verdict.about = found.what, found.reason, found.about
    return values


def drop_absences(guids: Sequence[Any]) -> int:
    """Take back absences that are no longer so (a document undone in 1C). Returns how many there were."""
    return Absence.objects.filter(guid__in=guids).delete()[0]

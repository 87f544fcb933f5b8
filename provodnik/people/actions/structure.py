"""Organisations, positions and units: brought by an exchange, or made and moved by hand."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.people import cleaning
from provodnik.people.actions import listing
from provodnik.people.actions.taking import (
    Incoming,
    Kind,
    Said,
    Verdict,
    apply,
    known,
    record,
    resolve,
    save,
    take,
)
from provodnik.people.models import Employment, Organisation, Position, Unit
from provodnik.people.models.structure import MOST_DEEP
from provodnik.people.policies import may_keep
from provodnik.people.states import Happened, Source
from provodnik.people.trees import in_cycles, top_down

ORGANISATIONS: Kind[Organisation] = Kind(
    model=Organisation,
    cleaners={
        "name": cleaning.text(300, needed=True),
        "short_name": cleaning.text(100),
        "inn": cleaning.inn,
        "region": cleaning.text(3),
        "zone": cleaning.zone,
        "is_active": cleaning.yes_no,
    },
    event=lambda row: {"organisation": row.pk},
)
POSITIONS: Kind[Position] = Kind(
    model=Position, cleaners={"name": cleaning.text(300, needed=True)}, event=lambda row: {}
)
UNITS: Kind[Unit] = Kind(
    model=Unit,
    cleaners={
        "name": cleaning.text(300, needed=True),
        "is_active": cleaning.yes_no,
        "organisation": cleaning.guid,
        "parent": cleaning.guid,
    },
    event=lambda row: {"organisation": row.organisation_id, "unit": row.pk},
    read={"parent": lambda row: row.parent_id, "organisation": lambda row: row.organisation_id},
    write={
        "parent": lambda row, value: setattr(row, "parent_id", value),
        "organisation": lambda row, value: setattr(row, "organisation_id", value),
    },
)


def take_organisations(
    rows: Sequence[Incoming], *, source: Source, at: datetime, by: User | None = None
) -> list[Verdict]:
    """Fields: name, short_name, inn, region (code of the subject), zone (IANA), is_active."""
    said = Said(source, at, by)
    with transaction.atomic():
        verdicts, works = take(ORGANISATIONS, rows, said)
        save(ORGANISATIONS, works, said)
    return verdicts


def take_positions(rows: Sequence[Incoming], *, source: Source, at: datetime, by: User | None = None) -> list[Verdict]:
    """Fields: name. A renamed position is found by its new name at once."""
    said = Said(source, at, by)
    with transaction.atomic():
        verdicts, works = take(POSITIONS, rows, said)
        save(POSITIONS, works, said)
        renamed = [verdict.pk for verdict in verdicts if "name" in verdict.changed and verdict.what == "changed"]
        listing.relist(position_id__in=renamed)
    return verdicts


def take_units(rows: Sequence[Incoming], *, source: Source, at: datetime, by: User | None = None) -> list[Verdict]:
    """Fields: organisation (GUID, for a new one), parent (GUID; None: a top), name, is_active. Rows of one batch may
    come in any order, and may turn a branch upside down: the tree is judged as it will stand. Who would stand above
    himself is refused with everybody under him."""
    said = Said(source, at, by)
    with transaction.atomic():
        # first without their places: a parent may come later in the same batch
        flat = [Incoming(one.guid, {k: v for k, v in one.fields.items() if k != "parent"}) for one in rows]
        verdicts, works = take(
            UNITS,
            flat,
            said,
            prepare=resolve(organisation=Organisation),
            judge=_stays,
            required=("name", "organisation"),
        )
        save(UNITS, works, said)
        _place(rows, verdicts, said)
        renamed = [verdict.pk for verdict in verdicts if "name" in verdict.changed and verdict.what == "changed"]
        listing.relist(unit_id__in=renamed)
    return verdicts


def _stays(row: Unit, values: dict[str, Any], verdict: Verdict) -> None:
    if row.pk is not None and "organisation" in verdict.changed:
        verdict.refuse(_("A unit never changes its organisation."), "organisation")


def _place(rows: Sequence[Incoming], verdicts: Sequence[Verdict], said: Said) -> None:
    """Put the units of a batch under their parents."""
    asked: dict[int, tuple[int | None, Verdict]] = {}
    wanted = {
        one.guid: _parent(one, verdict) for one, verdict in zip(rows, verdicts, strict=True) if "parent" in one.fields
    }
    parents = known(Unit, {guid for guid in wanted.values() if guid is not None})
    for one, verdict in zip(rows, verdicts, strict=True):
        if verdict.what == "refused" or verdict.pk is None or one.guid not in wanted:
            continue
        guid = wanted[one.guid]
        if guid is not None and guid not in parents:
            verdict.missing = ("unit", guid)
            verdict.refuse(_("The unit above is not known yet."), "parent")
            continue
        asked[verdict.pk] = (parents[guid] if guid is not None else None, verdict)
    if asked:
        _put_up(asked, said)


def _parent(one: Incoming, verdict: Verdict) -> uuid.UUID | None:
    try:
        return cleaning.guid(one.fields["parent"], "parent")
    except Refused as error:
        verdict.refuse(error.reason, error.field)
        return None


def _put_up(asked: dict[int, tuple[int | None, Verdict]], said: Said) -> None:
    rows = {row.pk: row for row in Unit.objects.select_for_update(of=("self",)).filter(pk__in=asked).order_by("pk")}
    moved: dict[int, dict[str, Any]] = {}
    for pk, (parent, verdict) in asked.items():
        before = verdict.what
        told = apply(UNITS, rows[pk], {"parent": parent}, said, verdict)
        if before == "added":
            verdict.what = before
        if told or verdict.what != before:
            moved[pk] = told
    if not moved:
        return
    organisations: set[int] = {row.organisation_id for row in rows.values()}
    _stand_in_line(organisations)
    tree: dict[int, int | None] = dict(
        Unit.objects.filter(organisation_id__in=organisations).values_list("pk", "parent_id")
    )
    tree |= {pk: rows[pk].parent_id for pk in moved}
    bad = in_cycles(tree) | _strangers(moved, rows)
    for pk in bad & moved.keys():
        asked[pk][1].refuse(_("The unit would stand above itself, or under another organisation."), "parent")
        del moved[pk]
    # out of the way first: what turns a branch upside down must not meet itself half-way
    turned = [pk for pk in moved if moved[pk]]
    Unit.objects.filter(pk__in=turned, parent__isnull=False).update(parent=None)
    for pk in top_down(moved, {one: parent for one, parent in tree.items() if one not in bad}):
        row, verdict = rows[pk], asked[pk][1]
        with transaction.atomic():
            Unit.objects.filter(pk=pk).update(parent_id=row.parent_id, sources=row.sources)
        if moved[pk] and verdict.what != "added":
            record(Happened.MOVED, said, moved[pk], organisation=row.organisation_id, unit=pk)


def _strangers(moved: dict[int, Any], rows: dict[int, Unit]) -> set[int]:
    """Units whose parent is of another organisation."""
    above = {pk: parent for pk in moved if (parent := rows[pk].parent_id) is not None}
    of = dict(Unit.objects.filter(pk__in=above.values()).values_list("pk", "organisation_id"))
    return {pk for pk, parent in above.items() if of[parent] != rows[pk].organisation_id}


def _stand_in_line(organisations: set[int]) -> None:
    """The lock of the trigger that keeps the paths (migration 0002), taken before rows are: no embrace of two moves."""
    with connection.cursor() as cursor:
        for pk in sorted(organisations):
            cursor.execute("SELECT pg_advisory_xact_lock(7411, %s)", [pk % 2147483647])


def _kept(pk: int, by: User) -> Unit:
    """The unit, locked, for who keeps its organisation."""
    unit = Unit.objects.select_for_update(of=("self",)).get(pk=pk)
    require(may_keep(by, unit.organisation_id))
    return unit


def add_unit(organisation_id: int, name: str, parent: int | None, *, by: User, at: datetime) -> Unit:
    """A unit that 1C does not know. Raises Refused."""
    require(may_keep(by, organisation_id))
    said = Said(Source.HAND, at, by)
    with transaction.atomic():
        _stand_in_line({organisation_id})
        above = _above(organisation_id, parent)
        if above is not None and len(above.path) >= MOST_DEEP:
            raise Refused(_("The tree of units would become too deep."), "parent")
        unit = Unit(organisation_id=organisation_id)
        told = apply(UNITS, unit, {"name": UNITS.cleaners["name"](name, "name"), "parent": parent}, said, Verdict(None))
        unit.save()
        record(Happened.ADDED, said, told, organisation=organisation_id, unit=unit.pk)
    unit.refresh_from_db()
    return unit


def rename_unit(pk: int, name: str, *, by: User, at: datetime) -> Unit:
    """By hand: no exchange names it back. Raises Refused, Unit.DoesNotExist."""
    said = Said(Source.HAND, at, by)
    with transaction.atomic():
        unit = _kept(pk, by)
        wanted = UNITS.cleaners["name"](name, "name")
        told = apply(UNITS, unit, {"name": wanted}, said, Verdict(unit.guid)) if wanted != unit.name else {}
        if told:
            unit.save(update_fields=["name", "sources"])
            record(Happened.CHANGED, said, told, organisation=unit.organisation_id, unit=unit.pk)
            listing.relist(unit_id__in=[unit.pk])
    return unit


def close_unit(pk: int, *, by: User, at: datetime, on: date) -> Unit:
    """Disband a unit in which nobody works any more and under which nothing stands. Raises Refused,
    Unit.DoesNotExist."""
    said = Said(Source.HAND, at, by)
    with transaction.atomic():
        unit = _kept(pk, by)
        if Unit.objects.filter(parent=unit, is_active=True).exists():
            raise Refused(_("There are units under it: move or close them first."))
        if Employment.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), unit=unit).exists():
            raise Refused(_("People work here: 1C must transfer them first."))
        told = apply(UNITS, unit, {"is_active": False}, said, Verdict(unit.guid)) if unit.is_active else {}
        if told:
            unit.save(update_fields=["is_active", "sources"])
            record(Happened.CLOSED, said, told, organisation=unit.organisation_id, unit=unit.pk)
    return unit


def reopen_unit(pk: int, *, by: User, at: datetime) -> Unit:
    """Take a disbanding back. Raises Refused, Unit.DoesNotExist."""
    said = Said(Source.HAND, at, by)
    with transaction.atomic():
        unit = _kept(pk, by)
        if unit.parent is not None and not unit.parent.is_active:
            raise Refused(_("The unit above is disbanded: move this one first."), "parent")
        told = apply(UNITS, unit, {"is_active": True}, said, Verdict(unit.guid)) if not unit.is_active else {}
        if told:
            unit.save(update_fields=["is_active", "sources"])
            record(Happened.CHANGED, said, told, organisation=unit.organisation_id, unit=unit.pk)
    return unit


def _above(organisation_id: int, parent: int | None) -> Unit | None:
    """The unit to stand under. Raises Refused."""
    if parent is None:
        return None
    above = Unit.objects.filter(pk=parent, organisation_id=organisation_id, is_active=True).first()
    if above is None:
        raise Refused(_("There is no such unit in this organisation."), "parent")
    return above


def move_unit(pk: int, parent: int | None, *, by: User, at: datetime) -> Unit:
    """Put a unit, with all its branch, under another one of its organisation, or on top. By hand: no exchange moves it
    back, the difference is shown. Raises Refused, Unit.DoesNotExist."""
    with transaction.atomic():
        unit = Unit.objects.get(pk=pk)
        _stand_in_line({unit.organisation_id})
        unit = Unit.objects.select_for_update(of=("self",)).get(pk=pk)
        require(may_keep(by, unit.organisation_id))
        above = _above(unit.organisation_id, parent)
        if above is not None and unit.pk in above.path:
            raise Refused(_("A unit cannot stand under itself or under its own part."), "parent")
        if above is not None and len(above.path) + _height(unit) > MOST_DEEP:
            raise Refused(_("The tree of units would become too deep."), "parent")
        said = Said(Source.HAND, at, by)
        told = apply(UNITS, unit, {"parent": parent}, said, Verdict(unit.guid))
        if told:
            unit.save(update_fields=["parent", "sources"])
            record(Happened.MOVED, said, told, organisation=unit.organisation_id, unit=unit.pk)
    unit.refresh_from_db()
    return unit


def _height(unit: Unit) -> int:
    """How many storeys the branch has, its own included."""
    deepest = max(len(path) for path in Unit.objects.filter(path__contains=[unit.pk]).values_list("path", flat=True))
    return deepest - len(unit.path) + 1

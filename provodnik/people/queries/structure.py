"""The chart: branches that are read when they are opened, with how many people each has and who heads it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, QuerySet

from provodnik.accounts.models import User
from provodnik.people.models import Employment, Entry, Organisation, Unit, UnitHead
from provodnik.people.policies import current, open_ids, open_organisations, visible_entries, visible_units
from provodnik.people.presence import Away
from provodnik.people.queries.states import who_is_away

MOST_UNITS = 200  # of one branch that are shown at once


@dataclass(frozen=True, slots=True)
class Head:
    """Who heads a unit, for a reader who may see him."""

    person: int
    employment: int
    name: str
    position: str
    away: Away | None


@dataclass(frozen=True, slots=True)
class Node:
    """A unit of the chart. `people`: of the whole branch; `parts`: whether there are units under it."""

    pk: int
    name: str
    people: int
    parts: bool
    head: Head | None


@dataclass(frozen=True, slots=True)
class Tree:
    """An organisation with its top units."""

    organisation: Organisation
    people: int
    nodes: list[Node]


@dataclass(frozen=True, slots=True)
class Branch:
    """One unit with the way to it (from the top, without itself) and the units right under it."""

    unit: Unit
    way: list[Unit]
    node: Node
    parts: list[Node]
    organisation: Organisation = field(repr=False)


def trees(user: User, *, now: datetime, on: date) -> list[Tree]:
    """All organisations that the person sees, each with its top units."""
    open_to_him = list(open_organisations(user, on=on).order_by("name", "pk"))
    organisations, houses = [one for one in open_to_him if one.is_active][:30], [one.pk for one in open_to_him]
    tops = list(visible_units(user, on=on, houses=houses).filter(parent__isnull=True).order_by("name", "pk"))
    nodes = dict(zip([unit.pk for unit in tops], _nodes(user, tops, houses, now=now, on=on), strict=True))
    entries = visible_entries(user, on=on, houses=houses)
    counts = dict(entries.values_list("organisation_id").annotate(count=Count("pk")).order_by())
    return [
        Tree(one, counts.get(one.pk, 0), [nodes[unit.pk] for unit in tops if unit.organisation_id == one.pk])
        for one in organisations
    ]


def branch(user: User, pk: int, *, now: datetime, on: date) -> Branch:
    """Raises Unit.DoesNotExist for whom it is not there."""
    houses = open_ids(user, on=on)
    unit = visible_units(user, on=on, houses=houses).select_related("organisation").get(pk=pk)
    above = Unit.objects.in_bulk(unit.path[:-1])
    parts = list(visible_units(user, on=on, houses=houses).filter(parent_id=pk).order_by("name", "pk")[:MOST_UNITS])
    own, *under = _nodes(user, [unit, *parts], houses, now=now, on=on)
    return Branch(unit, [above[one] for one in unit.path[:-1]], own, under, unit.organisation)


def _nodes(user: User, units: Iterable[Unit], houses: Sequence[int], *, now: datetime, on: date) -> list[Node]:
    units = list(units)
    pks = [unit.pk for unit in units]
    counts = _counts(visible_entries(user, on=on, houses=houses), pks)
    with_parts = set(
        Unit.objects.filter(pk__in=pks)
        .filter(Exists(Unit.objects.filter(parent_id=OuterRef("pk"), is_active=True)))
        .values_list("pk", flat=True)
    )
    heads = _heads(user, pks, houses, now=now, on=on)
    return [
        Node(unit.pk, unit.name, counts.get(unit.pk, 0), unit.pk in with_parts, heads.get(unit.pk)) for unit in units
    ]


def _counts(entries: QuerySet[Entry], pks: Collection[int]) -> dict[int, int]:
    """Unit → people of its branch: each unit under them is counted once, then added up along its path."""
    if not pks:
        return {}
    under = Unit.objects.filter(path__overlap=list(pks))
    paths = dict(under.values_list("pk", "path"))
    own = entries.filter(unit_id__in=under.values("pk")).order_by().values_list("unit_id").annotate(count=Count("pk"))
    asked, found = set(pks), dict.fromkeys(pks, 0)
    for unit, count in own:
        for above in paths.get(unit or 0, ()):
            if above in asked:
                found[above] += count
    return found


def _heads(user: User, pks: Collection[int], houses: Sequence[int], *, now: datetime, on: date) -> dict[int, Head]:
    """Unit → its head of the day, as far as the reader sees him."""
    rows = list(
        UnitHead.objects.filter(
            current(on),
            Exists(visible_entries(user, on=on, houses=houses).filter(pk=OuterRef("employment_id"))),
            unit_id__in=pks,
        ).select_related("employment__person", "employment__position", "employment__organisation")
    )
    away = who_is_away({row.employment_id: row.employment.organisation.zone for row in rows}, now)
    return {row.unit_id: head_of(row.employment, away.get(row.employment_id)) for row in rows}


def head_of(employment: Employment, away: Away | None) -> Head:
    return Head(
        person=employment.person_id,
        employment=employment.pk,
        name=employment.person.full_name,
        position=employment.position.name if employment.position else "",
        away=away,
    )

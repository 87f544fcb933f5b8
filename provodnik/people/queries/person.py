"""A person's page: places of work with the way to the unit, the manager, who stands in; for personnel more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q

from provodnik.accounts.models import User
from provodnik.people.models import Deputy, Employment, ManagerLink, Person, Unit, UnitHead
from provodnik.people.policies import current, open_ids, personnel_of, visible_entries, visible_people
from provodnik.people.presence import Away
from provodnik.people.queries.states import day_in, who_is_away
from provodnik.people.queries.structure import Head, head_of


@dataclass(frozen=True, slots=True)
class Place:
    """A place of work as the reader sees it. `way`: units from the top to its own. `stands_in`: who decides for him."""

    employment: Employment
    way: list[Unit]
    is_current: bool
    away: Away | None
    manager: Head | None
    stands_in: list[Head]


@dataclass(frozen=True, slots=True)
class Shown:
    person: Person
    places: list[Place]


def person_of(user: User) -> Person | None:
    """Who the account is of."""
    return Person.objects.filter(user_id=user.pk).first()


def shown(user: User, pk: int, *, now: datetime, on: date) -> Shown:
    """Raises Person.DoesNotExist for whom he is not there."""
    person = visible_people(user, on=on).get(pk=pk)
    houses = open_ids(user, on=on)
    listed = Exists(visible_entries(user, on=on, houses=houses).filter(pk=OuterRef("pk")))
    ours = Q(organisation__in=personnel_of(user).values("organisation_id")) | Q(person__user_id=user.pk)
    rows = list(
        Employment.objects.filter(Q(listed) | ours, person_id=pk)
        .select_related("organisation", "unit", "position")
        .order_by("-ends_on", "kind", "-starts_on", "pk")
    )
    units = Unit.objects.in_bulk({above for row in rows if row.unit for above in row.unit.path})
    away = who_is_away({row.pk: row.organisation.zone for row in rows}, now)
    managers = managers_of(user, rows, houses, now=now, on=on)
    stands_in = _deputies(user, rows, houses, now=now, on=on)
    places = [
        Place(
            row,
            [units[above] for above in row.unit.path] if row.unit else [],
            row.is_current(day_in(row.organisation.zone, now)),
            away.get(row.pk),
            managers.get(row.pk),
            stands_in.get(row.pk, []),
        )
        for row in rows
    ]
    order = {"main": 0}
    places.sort(key=lambda place: (not place.is_current, order.get(place.employment.kind, 1)))
    return Shown(person, places)


def manager_ids(rows: Sequence[Employment], *, on: date) -> dict[int, int]:
    """Employment → the employment of its manager on a day: who was named for it, else the head of the nearest unit
    above that is not himself. Two statements for any number of rows (their units are read by the caller)."""
    named = dict(
        ManagerLink.objects.filter(
            current(on), current(on, "manager__"), employment_id__in=[row.pk for row in rows]
        ).values_list("employment_id", "manager_id")
    )
    ways = {row.pk: list(reversed(row.unit.path)) if row.unit else [] for row in rows}
    heads = dict(
        UnitHead.objects.filter(
            current(on), current(on, "employment__"), unit_id__in={unit for way in ways.values() for unit in way}
        ).values_list("unit_id", "employment_id")
    )
    found = {}
    for row in rows:
        above = (heads[unit] for unit in ways[row.pk] if unit in heads and heads[unit] != row.pk)
        manager = named.get(row.pk) or next(above, None)
        if manager is not None:
            found[row.pk] = manager
    return found


def managers_of(
    user: User, rows: Sequence[Employment], houses: Sequence[int], *, now: datetime, on: date
) -> dict[int, Head]:
    """The managers, as far as the reader sees them."""
    found = manager_ids(rows, on=on)
    heads = _seen(user, set(found.values()), houses, now=now, on=on)
    return {pk: heads[manager] for pk, manager in found.items() if manager in heads}


def _seen(user: User, pks: set[int], houses: Sequence[int], *, now: datetime, on: date) -> dict[int, Head]:
    if not pks:
        return {}
    rows = list(
        Employment.objects.filter(
            Exists(visible_entries(user, on=on, houses=houses).filter(pk=OuterRef("pk"))), pk__in=pks
        )
        .select_related("person", "position", "organisation")
        .order_by("pk")
    )
    away = who_is_away({row.pk: row.organisation.zone for row in rows}, now)
    return {row.pk: head_of(row, away.get(row.pk)) for row in rows}


def _deputies(
    user: User, rows: Sequence[Employment], houses: Sequence[int], *, now: datetime, on: date
) -> dict[int, list[Head]]:
    """Employment → who stands in for it today."""
    pairs = list(
        Deputy.objects.filter(current(on), current(on, "deputy__"), manager_id__in=[row.pk for row in rows])
        .order_by("pk")
        .values_list("manager_id", "deputy_id")
    )
    seen = _seen(user, {deputy for _manager, deputy in pairs}, houses, now=now, on=on)
    found: dict[int, list[Head]] = {}
    for manager, deputy in dict.fromkeys(pairs):
        if deputy in seen:
            found.setdefault(manager, []).append(seen[deputy])
    return found


def deputy_may(user_id: int, manager_employment: int, kind: str, *, on: date) -> bool:
    """Whether somebody decides of this kind for another on a day: for the parts above (leave, requests)."""
    return Deputy.objects.filter(
        current(on),
        current(on, "deputy__"),
        manager_id=manager_employment,
        deputy__person__user_id=user_id,
        kinds__contains=[kind],
    ).exists()


def places_of(user: User, *, on: date) -> list[Employment]:
    """Where the owner of an account works now: for the switch «Место работы». The main one first."""
    rows = Employment.objects.filter(current(on), person__user_id=user.pk)
    found = list(rows.select_related("organisation", "unit", "position").order_by("starts_on", "pk"))
    return sorted(found, key=lambda row: row.kind != "main")

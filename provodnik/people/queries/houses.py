"""Reads of an organisation's pages: its list, its overview, roles, units with their heads, deputies, holidays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from provodnik.accounts.models import User
from provodnik.people.models import (
    Deputy,
    Employment,
    Organisation,
    PeopleEvent,
    RegionalHoliday,
    StaffMember,
    Unit,
    UnitHead,
)
from provodnik.people.policies import current, kept_organisations
from provodnik.people.states import Source

SHOWN, EVENTS = 50, 20
MOST_UNITS = 2000


@dataclass(frozen=True, slots=True)
class Line:
    house: Organisation
    people: int
    hr: int
    payroll: int


def organisations(user: User, *, on: date) -> list[Line]:
    """Those whose page somebody opens, with how many work there and how many keep it. Three statements."""
    houses = list(kept_organisations(user).order_by("-is_active", "name", "pk")[:200])
    pks = [house.pk for house in houses]
    people = dict(
        Employment.objects.filter(current(on), organisation__in=pks)
        .values_list("organisation_id")
        .annotate(n=Count("pk"))
        .order_by()
    )
    staff = StaffMember.objects.filter(organisation__in=pks).values_list("organisation_id", "role")
    roles = {(pk, role): n for pk, role, n in staff.annotate(n=Count("pk")).order_by()}
    return [
        Line(house, people.get(house.pk, 0), roles.get((house.pk, "hr"), 0), roles.get((house.pk, "payroll"), 0))
        for house in houses
    ]


def events(organisation_id: int, before: int | None = None) -> tuple[list[PeopleEvent], int | None]:
    """What was done by hand with an organisation and its units, without its people: the latest first, by key. What 1C
    changes stands in the journal of the exchange."""
    ours = {"organisation_id": organisation_id, "person_id__isnull": True, "source": Source.HAND.value}
    rows = PeopleEvent.objects.filter(**ours).select_related("by")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: EVENTS + 1])
    return found[:EVENTS], found[EVENTS - 1].pk if len(found) > EVENTS else None


def staff(organisation_id: int) -> list[StaffMember]:
    """Who has which role, since when, given by whom."""
    rows = StaffMember.objects.filter(organisation_id=organisation_id).select_related("user", "given_by")
    return list(rows.order_by("role", "user__full_name", "pk")[:200])


@dataclass(frozen=True, slots=True)
class Kept:
    """A unit as who keeps it sees it. `depth`: 0 at the top."""

    unit: Unit
    depth: int
    head: str
    people: int


def units(organisation_id: int, *, on: date) -> list[Kept]:
    """All of them as a tree is read, disbanded ones too. Three statements."""
    rows = {row.pk: row for row in Unit.objects.filter(organisation_id=organisation_id).order_by("pk")[:MOST_UNITS]}
    headed = UnitHead.objects.filter(current(on), current(on, "employment__"), unit__organisation_id=organisation_id)
    names = {row.unit_id: row.employment.person.full_name for row in headed.select_related("employment__person")}
    counts = dict(
        Employment.objects.filter(current(on), organisation_id=organisation_id, unit__isnull=False)
        .values_list("unit_id")
        .annotate(n=Count("pk"))
        .order_by()
    )
    ordered = sorted(rows.values(), key=lambda row: [rows[pk].name if pk in rows else "" for pk in row.path])
    return [Kept(row, len(row.path) - 1, names.get(row.pk, ""), counts.get(row.pk, 0)) for row in ordered]


def parents(organisation_id: int, without: Unit | None = None) -> list[tuple[Unit, str]]:
    """Units under which something may be put, with an indent: not the unit itself, nothing under it."""
    rows = {row.pk: row for row in Unit.objects.filter(organisation_id=organisation_id, is_active=True)[:MOST_UNITS]}
    ordered = sorted(rows.values(), key=lambda row: [rows[pk].name if pk in rows else "" for pk in row.path])
    return [(row, "\u2003" * (len(row.path) - 1)) for row in ordered if without is None or without.pk not in row.path]


def heads(unit_id: int) -> list[UnitHead]:
    """Who heads and headed a unit, the latest first."""
    rows = UnitHead.objects.filter(unit_id=unit_id).select_related("employment__person", "employment__position")
    return list(rows.order_by("-starts_on", "-pk")[:SHOWN])


def _deputies(which: Q) -> QuerySet[Deputy]:
    return Deputy.objects.filter(which).select_related(
        "manager__person", "manager__organisation", "deputy__person", "deputy__position", "made_by"
    )


def deputies(organisation_id: int, *, on: date) -> list[Deputy]:
    """Of an organisation's people: those of today and to come, then the latest that are over."""
    ours = Q(manager__organisation_id=organisation_id)
    living = _deputies(ours & Q(ends_on__gte=on)).order_by("starts_on", "pk")[:200]
    over = _deputies(ours & Q(ends_on__lt=on)).order_by("-ends_on", "-pk")[:SHOWN]
    return [*living, *over]


def my_deputies(user: User, *, on: date) -> tuple[list[Deputy], list[Deputy]]:
    """Who stands in for somebody; for whom he stands in today and later."""
    mine = _deputies(Q(manager__person__user_id=user.pk)).order_by("-ends_on", "-pk")[:SHOWN]
    his = _deputies(Q(deputy__person__user_id=user.pk, ends_on__gte=on)).order_by("starts_on", "pk")[:SHOWN]
    return list(mine), list(his)


def holidays(house: Organisation, *, since: date) -> Sequence[RegionalHoliday]:
    """Holidays of its region from a day on: together with the production calendar they are its calendar."""
    if not house.region:
        return []
    return list(RegionalHoliday.objects.filter(region=house.region, date__gte=since)[:100])

"""Whose direct reports somebody may print slips for, where his organisation allows that."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q

from provodnik.accounts.models import User
from provodnik.entry import rules
from provodnik.people.models import Employment, ManagerLink, UnitHead
from provodnik.people.policies import current
from provodnik.people.queries.person import manager_ids

MOST = 500


def managed_by(user: User, *, on: date) -> list[Employment]:
    """His people of today: those named for him, and those of units that he heads, as far as nobody stands between."""
    if not user.is_employee or user.is_former:
        return []
    houses = rules.where_managers_print(on=on)
    if not houses:
        return []
    own = set(Employment.objects.filter(current(on), person__user_id=user.pk).values_list("pk", flat=True))
    heads = UnitHead.objects.filter(current(on), employment_id__in=own)
    units = list(heads.values_list("unit_id", flat=True))
    named = ManagerLink.objects.filter(current(on), manager_id__in=own, employment_id=OuterRef("pk"))
    if not own:
        return []
    rows = list(
        Employment.objects.filter(
            Exists(named) | Q(unit__path__overlap=units) if units else Exists(named),
            current(on),
            organisation_id__in=houses,
        )
        .exclude(pk__in=own)
        .select_related("person__user", "unit", "organisation")
        .order_by("entry__sort_key", "pk")[:MOST]
    )
    bosses = manager_ids(rows, on=on)
    return [row for row in rows if bosses.get(row.pk) in own]

"""For whom slips may be printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from provodnik.accounts import texting
from provodnik.entry import rules
from provodnik.entry.contacts import masked, reach_of
from provodnik.entry.policies import staff_among, why_no_slip
from provodnik.people.models import Employment, Organisation, Unit
from provodnik.people.names import words_in
from provodnik.people.policies import current

MOST = 200  # slips of one printing: 25 pages
MOST_UNITS = 2000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person at one place of work. `why_not`: "" when a slip may be printed."""

    employment: Employment
    has_account: bool
    has_left: bool
    why_not: str | Promise
    sent_to: str = ""  # where an invitation would go, with its middle hidden; "" for nowhere


def places(organisation: Organisation, *, on: date) -> QuerySet[Employment]:
    """Of who works here, or has left and still reads his own."""
    days = int(rules.value(rules.Code.FORMER_DAYS, organisation.pk, on=on))
    return (
        Employment.objects.filter(still(on, days), organisation=organisation)
        .select_related("person__user", "unit")
        .order_by("entry__sort_key", "pk")
    )


def still(on: date, days: int) -> Q:
    """A condition: a place of work of today, or one that ended so many days ago at most."""
    return current(on) | Q(ends_on__lt=on, ends_on__gte=on - timedelta(days=days))


def judged(organisation: Organisation, rows: Sequence[Employment], *, on: date) -> list[Candidate]:
    """One line for each person, whatever he works as."""
    fact = rules.second_fact(organisation.pk, on=on)
    staff = staff_among({row.person.user_id for row in rows if row.person.user_id is not None})
    by_phone = texting.is_on()
    first: dict[int, Employment] = {}
    for row in rows:
        first.setdefault(row.person_id, row)
    return [
        Candidate(
            row,
            row.person.user_id is not None,
            not row.is_current(on),
            why_no_slip(row.person, fact, staff=staff),
            masked(reach) if (reach := reach_of(row.person, by_phone=by_phone)) is not None else "",
        )
        for row in first.values()
    ]


def listed(organisation: Organisation, *, unit: Unit | None, typed: str, on: date) -> tuple[list[Candidate], bool]:
    """Those of a unit with all under it, or found by a piece of the name; whether there are more than are shown."""
    rows = places(organisation, on=on)
    if unit is not None:
        rows = rows.filter(current(on), unit__path__contains=[unit.pk])
    for word in words_in(typed[:100])[:5]:
        rows = rows.filter(entry__document__contains=f" {word}")
    found = list(rows[: MOST + 1])
    return judged(organisation, found[:MOST], on=on), len(found) > MOST


def units(organisation: Organisation) -> list[Unit]:
    """As a tree is read: each under the one above it."""
    rows = {row.pk: row for row in Unit.objects.filter(organisation=organisation, is_active=True)[:MOST_UNITS]}
    return sorted(rows.values(), key=lambda row: [rows[pk].name if pk in rows else "" for pk in row.path])

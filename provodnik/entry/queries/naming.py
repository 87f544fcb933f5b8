"""Who is meant by a personnel number, a phone or an e-mail, and who is not because two people have the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from provodnik.entry import rules
from provodnik.entry.names import fold_number, readings, spellings
from provodnik.entry.states import Name
from provodnik.people.models import Employment, Organisation, Person
from provodnik.people.policies import current

MOST_CLASHES = 200


def account_named(typed: str) -> int | None:
    """The account of the one person whom this names; None where there is nobody, or more than one."""
    on = timezone.localdate()
    found: set[int] = set()
    for name, value in readings(typed).items():
        found |= _people(name, value, on=on)
    one = (
        next(iter(found)) if len(found) == 1 else 0
    )  # asked in any case, so that nobody costs what somebody does (A51)
    return Person.objects.filter(pk=one).values_list("user_id", flat=True).first()


def _people(name: Name, value: str, *, on: date) -> set[int]:
    """Those who work now go before those who have left: a number is given anew after them."""
    houses = rules.signing_in_by(name, on=on)
    rows = Employment.objects.filter(organisation_id__in=houses)
    if name is Name.NUMBER:
        rows = rows.filter(personnel_number__in=spellings(value))
    else:
        rows = rows.filter(**{f"person__{name.value}": value})
    working: set[int] = set()
    left: set[int] = set()
    for person, user, starts_on, ends_on in rows.values_list("person_id", "person__user_id", "starts_on", "ends_on"):
        if starts_on <= on and (ends_on is None or on <= ends_on):
            working.add(person)
        elif user is not None:
            left.add(person)
    return working or left


@dataclass(frozen=True, slots=True)
class Clash:
    """People who cannot sign in by what they share. `others`: how many of them are not of the reader's organisation."""

    name: Name
    value: str
    people: list[Person]
    others: int


def clashes(organisation: Organisation, *, on: date) -> list[Clash]:
    """What people of an organisation share with each other or with somebody else's people."""
    found: list[Clash] = []
    ours = set(Employment.objects.filter(current(on), organisation=organisation).values_list("person_id", flat=True))
    for name in Name:
        houses = rules.signing_in_by(name, on=on)
        if organisation.pk in houses:
            found += _shared(name, houses, ours, on=on)
    return found[:MOST_CLASHES]


def _shared(name: Name, houses: Iterable[int], ours: set[int], *, on: date) -> list[Clash]:
    held: dict[str, set[int]] = defaultdict(set)
    for person, value in _held(name, houses, on=on):
        held[fold_number(value) if name is Name.NUMBER else value].add(person)
    shared = {value: people for value, people in held.items() if len(people) > 1 and people & ours}
    some = dict(sorted(shared.items())[:MOST_CLASHES])
    rows = Person.objects.in_bulk(set().union(*some.values()) & ours) if some else {}
    return [
        Clash(name, value, [rows[pk] for pk in sorted(people & ours)], len(people - ours))
        for value, people in some.items()
    ]


def _held(name: Name, houses: Iterable[int], *, on: date) -> Iterable[tuple[int, str]]:
    places = Employment.objects.filter(current(on), organisation_id__in=list(houses))
    if name is Name.NUMBER:
        return places.exclude(personnel_number="").values_list("person_id", "personnel_number").iterator()
    working: QuerySet[Person] = Person.objects.filter(Exists(places.filter(person_id=OuterRef("pk"))))
    field = name.value
    several = (
        working.filter(~Q(**{field: ""})).values(field).annotate(people=Count("pk")).filter(people__gt=1).values(field)
    )
    return working.filter(**{f"{field}__in": several}).values_list("pk", field).iterator()

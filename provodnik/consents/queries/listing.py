"""What personnel reads: who of an organisation has given a consent of one kind, who has not; a page by key."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from provodnik.accounts.models import User
from provodnik.consents.models import Consent, Edition, Marking
from provodnik.consents.states import About, Heard, Standing
from provodnik.people.models import Entry, Organisation, Person, Unit
from provodnik.people.names import words_in
from provodnik.people.policies import current

SHOWN = 50
MOST_WORDS = 5
# Of who works there today; of consents, whoever gave them.
OF_PEOPLE, OF_CONSENTS = ("missing", "older", "given"), ("withdrawn", "refused")
LISTS = (*OF_PEOPLE, *OF_CONSENTS)

_COUNTS = """
SELECT count(*), count(c.id), count(c.id) FILTER (WHERE c.edition_id IS DISTINCT FROM %(newest)s)
FROM (SELECT DISTINCT person_id FROM people_entry WHERE organisation_id = %(house)s AND starts_on <= %(on)s
      AND (ends_on IS NULL OR ends_on >= %(on)s)) p
LEFT JOIN consents_consent c ON c.person_id = p.person_id AND c.organisation_id = %(house)s AND c.about = %(about)s
    AND c.standing = 'given'
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A person, with what he gave, if anything. `is_own`: the reader himself."""

    person: int
    name: str
    number: str
    unit: str
    consent: Consent | None
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """`after`: the key of the next page."""

    lines: list[Line]
    after: int | None = None


def newest(house: Organisation, about: About, *, on: date) -> Edition | None:
    """The edition that is signed on this day."""
    return (
        Edition.objects.filter(organisation=house, about=about.value, since__lte=on).order_by("-since", "-pk").first()
    )


def editions(house: Organisation, about: About | None = None) -> list[Edition]:
    """The latest first."""
    rows = Edition.objects.filter(organisation=house).select_related("made_by")
    return list((rows.filter(about=about.value) if about else rows).order_by("about", "-since", "-pk")[:200])


def signed(rows: Sequence[Edition]) -> set[int]:
    """Those that somebody has signed: their words stay."""
    ids = [row.pk for row in rows]
    found = Edition.objects.filter(Exists(Consent.objects.filter(edition=OuterRef("pk"))), pk__in=ids)
    return set(found.values_list("pk", flat=True))


def counts(house: Organisation, about: About, edition: Edition | None, *, on: date) -> dict[str, int]:
    """How many stand in each list. Three statements, whatever the history."""
    values = {"house": house.pk, "about": about.value, "on": on, "newest": edition.pk if edition else None}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, values)
        people, given, older = cursor.fetchone()
    rows = Consent.objects.filter(organisation=house, about=about.value)
    return {
        "missing": people - given,
        "older": older,
        "given": given,
        "withdrawn": rows.filter(standing=Standing.WITHDRAWN.value).count(),
        "refused": rows.filter(heard=Heard.REFUSED.value).count(),
    }


def page(
    user: User,
    house: Organisation,
    about: About,
    which: str,
    edition: Edition | None,
    *,
    on: date,
    typed: str = "",
    unit: Unit | None = None,
    after: int | None = None,
) -> Page:
    """`which`: one of LISTS; people by name, consents the latest first."""
    own = Person.objects.filter(user_id=user.pk).values_list("pk", flat=True).first()
    if which in OF_CONSENTS:
        return _of_consents(house, about, which, typed, unit, after, own)
    return _of_people(house, about, which, edition, typed, unit, after, own, on)


def _sought(rows: QuerySet[Entry], typed: str, unit: Unit | None) -> QuerySet[Entry]:
    """By words of the name or position, or by the end of the personnel number."""
    if unit is not None:
        rows = rows.filter(unit__in=Unit.objects.filter(path__contains=[unit.pk]).values("pk"))
    for word in words_in(typed[:100])[:MOST_WORDS]:
        fits = Q(document__contains=f" {word}")
        if any(map(str.isdigit, word)):
            fits |= Q(employment__personnel_number__iendswith=word)
        rows = rows.filter(fits)
    return rows


def _of_people(
    house: Organisation,
    about: About,
    which: str,
    edition: Edition | None,
    typed: str,
    unit: Unit | None,
    after: int | None,
    own: int | None,
    on: date,
) -> Page:
    here = Entry.objects.filter(current(on), organisation=house)
    held = Consent.objects.filter(
        person_id=OuterRef("person_id"), organisation=house, about=about.value, standing=Standing.GIVEN.value
    )
    wanted = {"missing": ~Exists(held), "given": Exists(held)}
    other = held.exclude(edition=edition) if edition is not None else held
    rows = _sought(here, typed, unit).filter(wanted.get(which, Exists(other)))
    # one line for a person, whatever he works as here: that of the place of work which is the oldest row
    earlier = _sought(here, typed, unit).filter(person_id=OuterRef("person_id"), pk__lt=OuterRef("pk"))
    rows = rows.filter(~Exists(earlier))
    if after is not None:
        key = Entry.objects.filter(pk=after).values_list("sort_key", flat=True).first()
        if key is None:
            return Page([])
        rows = rows.filter(Q(sort_key__gt=key) | Q(sort_key=key, pk__gt=after), sort_key__gte=key)
    found = list(
        rows.order_by("sort_key", "pk").values_list(
            "pk", "person_id", "person__surname", "person__first_name", "person__patronymic",
            "employment__personnel_number", "unit__name",
        )[: SHOWN + 1]
    )  # fmt: skip
    shown = found[:SHOWN]
    consents = _in_force(house, about, [line[1] for line in shown])
    lines = [
        Line(person, " ".join(filter(None, names)), number, place or "", consents.get(person), person == own)
        for _pk, person, *names, number, place in shown
    ]
    return Page(lines, shown[-1][0] if len(found) > SHOWN else None)


def _in_force(house: Organisation, about: About, people: Sequence[int]) -> dict[int, Consent]:
    rows = Consent.objects.filter(
        organisation=house, about=about.value, standing=Standing.GIVEN.value, person_id__in=people
    )
    return {row.person_id: row for row in rows.select_related("edition")}


def _of_consents(
    house: Organisation, about: About, which: str, typed: str, unit: Unit | None, after: int | None, own: int | None
) -> Page:
    rows = Consent.objects.filter(organisation=house, about=about.value)
    if which == "refused":
        rows = rows.filter(heard=Heard.REFUSED.value)
    else:
        rows = rows.filter(standing=Standing.WITHDRAWN.value)
    if typed or unit is not None:
        entries = Entry.objects.filter(organisation=house, person_id=OuterRef("person_id"))
        rows = rows.filter(Exists(_sought(entries, typed, unit)))
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows.select_related("person", "edition").order_by("-pk")[: SHOWN + 1])
    shown = found[:SHOWN]
    places = _places(house, [row.person_id for row in shown])
    lines = [
        Line(row.person_id, row.person.full_name, *places.get(row.person_id, ("", "")), row, row.person_id == own)
        for row in shown
    ]
    return Page(lines, shown[-1].pk if len(found) > SHOWN else None)


def _places(house: Organisation, people: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Person → personnel number and unit."""
    rows = Entry.objects.filter(organisation=house, person_id__in=people).order_by("starts_on", "pk")
    found = rows.values_list("person_id", "employment__personnel_number", "unit__name")
    return {person: (number, unit or "") for person, number, unit in found}


def marking(key: uuid.UUID, houses: Sequence[Organisation]) -> Marking | None:
    rows = Marking.objects.filter(key=key, organisation__in=houses)
    return rows.select_related("edition", "organisation", "by").first()


def verdicts(row: Marking) -> list[Line]:
    """Each person of a marking with what became of him, by name; the verdict stands in the line's `unit`."""
    people = row.people.select_related("person").order_by("person__surname", "person__first_name", "pk")
    return [Line(one.person_id, one.person.full_name, "", one.verdict, None) for one in people]

"""What one person gave: for himself, and for the personnel of his organisations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from provodnik.accounts.models import User
from provodnik.consents.models import Consent, ConsentFile, ConsentStep, Edition
from provodnik.consents.policies import own_consents, visible_consents
from provodnik.consents.states import About, Standing
from provodnik.core import scanning
from provodnik.people.models import Employment, Organisation, Person


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of consent in an organisation: what is in force, what was before, what is signed today."""

    about: str
    held: Consent | None
    before: Sequence[Consent]
    newest: Edition | None

    @property
    def is_older(self) -> bool:
        return self.held is not None and self.newest is not None and self.held.edition_id != self.newest.pk


@dataclass(frozen=True, slots=True)
class Place:
    """`works`: whether he works there today."""

    house: Organisation
    works: bool
    subjects: Sequence[Subject]

    @property
    def is_bare(self) -> bool:
        """Nothing was signed, and there is nothing to sign."""
        return not any(one.held or one.before or (self.works and one.newest) for one in self.subjects)


def mine(user: User, person: Person, *, on: date) -> list[Place]:
    return _places(person, list(own_consents(user).select_related("edition", "organisation").order_by("-pk")), None, on)


def of_person(user: User, person: Person, houses: Sequence[Organisation], *, on: date) -> list[Place]:
    """As personnel of these organisations reads it."""
    rows = visible_consents(user).filter(person=person).select_related("edition", "organisation").order_by("-pk")
    return _places(person, list(rows), {house.pk for house in houses}, on)


def _places(person: Person, rows: Sequence[Consent], houses: set[int] | None, on: date) -> list[Place]:
    places = Employment.objects.filter(person=person).select_related("organisation").order_by("starts_on", "pk")
    found = {place.organisation_id: place.organisation for place in places} | {
        row.organisation_id: row.organisation for row in rows
    }
    working = {place.organisation_id for place in places if place.is_current(on)}
    chosen = {pk: house for pk, house in found.items() if houses is None or pk in houses}
    signed_now = _newest(list(chosen), on)
    return [
        Place(house, pk in working, [_subject(about.value, pk, rows, signed_now) for about in About])
        for pk, house in sorted(chosen.items(), key=lambda one: (one[0] not in working, one[1].name, one[0]))
    ]


def _subject(about: str, house: int, rows: Sequence[Consent], signed_now: dict[tuple[int, str], Edition]) -> Subject:
    theirs = [row for row in rows if row.organisation_id == house and row.about == about]
    held = next((row for row in theirs if row.standing == Standing.GIVEN.value), None)
    return Subject(about, held, [row for row in theirs if row is not held], signed_now.get((house, about)))


def _newest(houses: list[int], on: date) -> dict[tuple[int, str], Edition]:
    rows = Edition.objects.filter(organisation__in=houses, since__lte=on)
    latest = (
        rows.order_by("organisation_id", "about", "-since", "-pk").distinct("organisation_id", "about").defer("text")
    )
    return {(row.organisation_id, row.about): row for row in latest}


@dataclass(frozen=True, slots=True)
class Shown:
    row: Consent
    steps: Sequence[ConsentStep]
    files: Sequence[tuple[ConsentFile, scanning.Mark]]


def shown(row: Consent) -> Shown:
    files = [(file, scanning.mark(file.blob)) for file in row.files.select_related("blob").defer("blob__content")]
    return Shown(row, list(row.steps.select_related("by").order_by("pk")), files)

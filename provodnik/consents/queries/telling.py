"""What 1C has not heard of yet, as the contract tells it (Part.extra["exchange_gives"])."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from provodnik.consents import words
from provodnik.consents.models import Consent
from provodnik.consents.states import Standing
from provodnik.exchange.models import Thing
from provodnik.exchange.queries.requests import Given
from provodnik.people.models import Organisation, PersonKey

KIND = "consent"
MOST = 10_000  # of one base at once; the others follow as these are answered


def version_of(row: Consent) -> int:
    return int(row.changed_at.timestamp() * 1000)


def untold() -> Iterator[Given]:
    """The longest waiting first. Reads what waits and nothing of what 1C knows: an index holds just that. Whoever 1C
    does not know is known to personnel alone."""
    for base, houses in _listening().items():
        rows = _waiting(base, list(houses)).select_related("person", "edition")
        for row in rows.order_by("untold_since", "pk")[:MOST]:
            yield _given(row, houses[row.organisation_id])


def _listening() -> dict[int, dict[int, str]]:
    """Base → {organisation's id: what the base calls it}, of bases that hear us."""
    things = Thing.objects.filter(kind="organisation", base__is_active=True).exclude(base__gives="")
    told = dict(things.values_list("guid", "base_id"))
    found: dict[int, dict[int, str]] = {}
    for pk, guid in Organisation.objects.filter(guid__in=told).values_list("pk", "guid"):
        if guid is not None:
            found.setdefault(told[guid], {})[pk] = str(guid)
    return found


def _waiting(base: int, houses: list[int]) -> QuerySet[Consent]:
    here = Exists(Thing.objects.filter(kind="person", guid=OuterRef("guid"), base_id=base))
    keys = PersonKey.objects.filter(here, person_id=OuterRef("person_id")).order_by("guid")
    rows = Consent.objects.filter(organisation__in=houses, untold_since__isnull=False)
    return rows.annotate(called=Subquery(keys.values("guid")[:1])).filter(called__isnull=False)


def _given(row: Consent, house: str) -> Given:
    gone = row.standing == Standing.MISTAKE.value
    fields: dict[str, Any] = {
        "person": str(row.called),  # type: ignore[attr-defined]  # annotated above
        "organisation": house,
        "about": row.about,
        "edition": row.edition.name,
        "given_on": row.given_on.isoformat(),
        "withdrawn_on": row.ended_on.isoformat() if row.ended_on is not None else None,
    }
    return Given(
        guid=row.key,
        version=version_of(row),
        organisation=row.organisation_id,
        fields={} if gone else fields,
        title=f"{row.person.full_name}: {words.ABOUT[row.about]}",
        gone=gone,
    )

"""«Сверка портал ↔ ЗУП»: what the portal and 1C say differently, since when, and who should act. For personnel, of
their organisations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.exchange.models import Batch, Thing
from provodnik.exchange.states import State
from provodnik.people.actions.taking import UNTOLD
from provodnik.people.models import Employment, Person, Position, Unit
from provodnik.people.words import field_word
from provodnik.ui.text import full_day

SHOWN = 100
OF_PEOPLE = ("people", "places")  # sections that show what stands in fields of people
LOOK = "exchange.differences"  # a look that the person reads among all looks at him


@dataclass(frozen=True, slots=True)
class Row:
    """`person`: id of the page where it is settled, or None. `since` None: nobody wrote it down."""

    title: str
    person: int | None
    field: str
    kept: str
    offered: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    rows: list[Row]
    total: int
    after: int | None = None


def _people(houses: list[int]) -> QuerySet[Person]:
    ours = Employment.objects.filter(person_id=OuterRef("pk"), organisation__in=houses)
    return Person.objects.filter(Exists(ours)).exclude(differs={}).order_by("pk")


def _places(houses: list[int]) -> QuerySet[Employment]:
    return Employment.objects.filter(organisation__in=houses).exclude(differs={}).order_by("pk")


def _structure(houses: list[int]) -> QuerySet[Thing]:
    return Thing.objects.filter(organisation__in=houses).exclude(differs={}).order_by("pk")


def people(houses: list[int], after: int) -> Found:
    """Fields of people that a hand has corrected against 1C."""
    all_of_them = _people(houses)
    found = list(all_of_them.filter(pk__gt=after)[: SHOWN + 1])
    rows = [
        Row(person.full_name, person.pk, field_word(name), _kept(person, name), _said(name, told), _since(told))
        for person in found[:SHOWN]
        for name, told in person.differs.items()
    ]
    return Found(rows, all_of_them.count(), found[SHOWN - 1].pk if len(found) > SHOWN else None)


def _kept(row: Any, name: str) -> str:
    """Secrets stay dots here; the personnel card shows them, and writes the look down."""
    return "•" if name in UNTOLD else _text(getattr(row, name, ""))


def _said(name: str, told: Mapping[str, Any]) -> str:
    return "•" if name in UNTOLD else _text(told.get("offered"))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return full_day(value)
    if isinstance(value, str) and len(value) == 10 and (day := parse_date(value) if value[4] == "-" else None):
        return full_day(day)
    return str(value) if value not in (None, "") else "—"


def _since(told: Mapping[str, Any]) -> datetime | None:
    return parse_datetime(str(told.get("since", "")))


def places(houses: list[int], after: int) -> Found:
    """Fields of places of work that a hand has set against 1C."""
    all_of_them = _places(houses).select_related("person", "unit", "position")
    found = list(all_of_them.filter(pk__gt=after)[: SHOWN + 1])
    offered = _names([told for place in found for told in place.differs.items()])
    rows = []
    for place in found[:SHOWN]:
        for name, told in place.differs.items():
            said = offered.get((name, told.get("offered"))) or _said(name, told)
            rows.append(
                Row(place.person.full_name, place.person_id, field_word(name), _kept(place, name), said, _since(told))
            )
    return Found(rows, all_of_them.count(), found[SHOWN - 1].pk if len(found) > SHOWN else None)


def _names(differs: list[tuple[str, Mapping[str, Any]]]) -> dict[tuple[str, Any], str]:
    """Names of units and positions that are kept by their ids."""
    found: dict[tuple[str, Any], str] = {}
    for name, model in (("unit", Unit), ("position", Position), ("parent", Unit)):
        ids = [
            told[key]
            for field, told in differs
            for key in ("offered", "kept")
            if field == name and isinstance(told.get(key), int)
        ]
        if ids:
            rows: QuerySet[Any] = model.objects.filter(pk__in=ids)
            found |= {(name, pk): title for pk, title in rows.values_list("pk", "name")}
    return found


def structure(houses: list[int], after: int) -> Found:
    """Units and organisations that a hand has moved or renamed against 1C."""
    all_of_them = _structure(houses)
    found = list(all_of_them.filter(pk__gt=after)[: SHOWN + 1])
    names = _names([told for thing in found for told in thing.differs.items()])
    rows = [
        Row(
            thing.title,
            None,
            _("Unit above") if name == "parent" else field_word(name),
            names.get((name, told.get("kept"))) or _text(told.get("kept")),
            names.get((name, told.get("offered"))) or _text(told.get("offered")),
            _since(told),
        )
        for thing in found[:SHOWN]
        for name, told in thing.differs.items()
    ]
    return Found(rows, all_of_them.count(), found[SHOWN - 1].pk if len(found) > SHOWN else None)


def _last_full() -> dict[int, Batch]:
    rows = Batch.objects.filter(is_full=True, state=State.DONE.value).order_by("base_id", "-pk").distinct("base_id")
    return {batch.base_id: batch for batch in rows}


def _unheard(houses: list[int]) -> QuerySet[Employment]:
    """Places of work, open here, that the last full batch of their base did not name (nor anything after it)."""
    silent = Q(pk__in=[])
    for base, batch in _last_full().items():
        silent |= Q(base=base) & (Q(heard__isnull=True) | Q(heard__lt=batch.pk))
    things = Thing.objects.filter(silent, kind="employment", guid=OuterRef("guid"))
    return Employment.objects.filter(Exists(things), organisation__in=houses, ends_on__isnull=True).order_by("pk")


def unheard(houses: list[int], after: int) -> Found:
    all_of_them = _unheard(houses).select_related("person", "position")
    found = list(all_of_them.filter(pk__gt=after)[: SHOWN + 1])
    said = _("the last full exchange does not name this place of work")
    rows = [
        Row(
            place.person.full_name,
            place.person_id,
            _("Place of work"),
            _("works since %(day)s") % {"day": full_day(place.starts_on)},
            said,
            None,
        )
        for place in found[:SHOWN]
    ]
    return Found(rows, all_of_them.count(), found[SHOWN - 1].pk if len(found) > SHOWN else None)


_SHARED = """
SELECT DISTINCT p.id, p.surname || ' ' || p.first_name || ' ' || p.patronymic, f.name, o.id,
    o.surname || ' ' || o.first_name || ' ' || o.patronymic
FROM people_person p
JOIN people_employment e ON e.person_id = p.id AND e.ends_on IS NULL AND e.organisation_id = ANY (%(houses)s)
CROSS JOIN LATERAL (VALUES ('phone', p.phone), ('email', p.email)) f (name, value)
JOIN people_person o ON o.id > p.id AND f.value <> ''
    AND (f.name = 'phone' AND o.phone = f.value OR f.name = 'email' AND o.email = f.value)
JOIN people_employment x ON x.person_id = o.id AND x.ends_on IS NULL AND x.organisation_id = ANY (%(houses)s)
WHERE p.id > %(after)s ORDER BY p.id LIMIT %(limit)s
"""


def shared(houses: list[int], after: int) -> Found:
    """Two people with one own phone or e-mail: neither can be known by it."""
    with connection.cursor() as cursor:
        cursor.execute(_SHARED, {"houses": houses, "after": after, "limit": SHOWN + 1})
        found = cursor.fetchall()
    rows = [
        Row(str(who).strip(), pk, field_word(name), "", _("the same as of %(who)s") % {"who": str(other).strip()}, None)
        for pk, who, name, _other, other in found[:SHOWN]
    ]
    return Found(rows, len(found), found[SHOWN - 1][0] if len(found) > SHOWN else None)


SECTIONS: Mapping[str, Any] = {
    "people": people,
    "places": places,
    "structure": structure,
    "unheard": unheard,
    "shared": shared,
}


def others(rows: Sequence[Row], user: User) -> set[int]:
    """Whose fields the reader sees here, but for his own: they are told that somebody looked."""
    own = Person.objects.filter(user_id=user.pk).values_list("pk", flat=True).first()
    return {row.person for row in rows if row.person is not None and row.person != own}


def counts(houses: list[int]) -> dict[str, int]:
    """How many of each; of those who share a contact it is counted when it is looked at."""
    return {
        "people": _people(houses).count(),
        "places": _places(houses).count(),
        "structure": _structure(houses).count(),
        "unheard": _unheard(houses).count(),
    }

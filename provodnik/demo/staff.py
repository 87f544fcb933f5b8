"""The demo's people as 1C would tell of them: organisations, units, positions, places of work, who is away today."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from provodnik.demo import data
from provodnik.demo.people import ORGANISATIONS, Cast
from provodnik.desk.models import Contact
from provodnik.people.actions import employments, persons, standing, structure
from provodnik.people.actions.taking import Incoming, Verdict, known
from provodnik.people.models import Employment, Organisation, Person, StaffMember, Unit
from provodnik.people.states import Source, StaffRole

SEED = 21  # a chance of its own: the story of the requests does not depend on it
_SPACE = uuid.UUID("7d0d8f5e-1f7a-4b62-9d55-2f1f2c6f3a10")
AWAY = 0.06  # of all, today


def guid(*words: str) -> uuid.UUID:
    """The same for the same words, as references of 1C are."""
    return uuid.uuid5(_SPACE, "/".join(words))


@dataclass(slots=True)
class Crowd:
    """What is told of, collected before it is taken."""

    persons: list[Incoming] = field(default_factory=list)
    positions: dict[uuid.UUID, Incoming] = field(default_factory=dict)
    places: list[Incoming] = field(default_factory=list)
    heads: dict[uuid.UUID, tuple[int, uuid.UUID]] = field(default_factory=dict)
    contacts: dict[uuid.UUID, Contact] = field(default_factory=dict)


def hire(cast: Cast, now: datetime) -> None:
    """Make all contacts of the demo people of their organisations."""
    chance = random.Random(SEED)  # noqa: S311 - invented people, not secrets
    told = data.toml("staff")
    said: dict[str, Any] = {"source": Source.ONEC, "at": now}
    _must(structure.take_organisations(_organisations(told), **said))
    _must(structure.take_units(list(_units(told)), **said))
    crowd = Crowd()
    for place, contacts in cast.by_department.items():
        for contact in contacts:
            _tell(crowd, told, contact, place.split(":")[1], chance, now)
    for login, (organisation, department, position) in told["second"].items():
        if login in cast.contacts:
            _place(crowd, told, _key(cast.contacts[login]), organisation, department, position, "external", chance, now)
    on = timezone.localdate(now)
    _must(structure.take_positions(list(crowd.positions.values()), **said))
    found = _must(persons.take_persons(crowd.persons, **said))
    _must(employments.take_employments(crowd.places, **said, on=on))
    for verdict in found:
        contact = crowd.contacts[verdict.guid or uuid.UUID(int=0)]
        if contact.user is not None and verdict.pk is not None:
            persons.link_user(verdict.pk, contact.user, by=None, at=now, on=on)
    _heads(crowd, said)
    _away(crowd, chance, said, on)
    _staff(cast, now, on)


def _must(verdicts: list[Verdict]) -> list[Verdict]:
    wrong = [verdict for verdict in verdicts if verdict.what == "refused"]
    if wrong:
        raise ValueError(f"the demo tells something impossible: {wrong[0]}")
    return verdicts


def _organisations(told: dict[str, Any]) -> list[Incoming]:
    return [
        Incoming(
            guid(name),
            {
                "name": name,
                "short_name": told["regions"][name]["short"],
                "region": told["regions"][name]["region"],
                "zone": told["regions"][name]["zone"],
            },
        )
        for name in ORGANISATIONS
    ]


def _units(told: dict[str, Any]) -> Iterable[Incoming]:
    for organisation in ORGANISATIONS:
        house = guid(organisation)
        for block, departments in told["blocks"].items():
            top = guid(organisation, block)
            yield Incoming(top, {"name": block, "organisation": house, "parent": None})
            for department in departments:
                unit = told["units"][department]
                key = guid(organisation, department)
                yield Incoming(key, {"name": unit["name"], "organisation": house, "parent": top})
                for _word, name in unit["parts"]:
                    yield Incoming(
                        guid(organisation, department, name), {"name": name, "organisation": house, "parent": key}
                    )


def _key(contact: Contact) -> uuid.UUID:
    return guid("person", contact.email)


def _tell(
    crowd: Crowd, told: dict[str, Any], contact: Contact, department: str, chance: random.Random, now: datetime
) -> None:
    surname, first_name, patronymic = [*contact.name.split(), "", ""][:3]
    key = _key(contact)
    crowd.contacts[key] = contact
    crowd.persons.append(
        Incoming(
            key,
            {
                "surname": surname,
                "first_name": first_name,
                "patronymic": patronymic,
                "birth_date": date(chance.randint(1962, 2004), chance.randint(1, 12), chance.randint(1, 28)),
                "snils": _snils(chance),
                "work_phone": contact.phone,
                "work_email": contact.email,
                "room": str(chance.randint(101, 428)) if department not in ("crew", "pumps") else "",
            },
        )
    )
    _place(crowd, told, key, contact.organisation, department, contact.position, "main", chance, now)


def _place(
    crowd: Crowd,
    told: dict[str, Any],
    person: uuid.UUID,
    organisation: str,
    department: str,
    position: str,
    kind: str,
    chance: random.Random,
    now: datetime,
) -> None:
    parts = told["units"][department]["parts"]
    name = next((name for word, name in parts if word in position), None)
    unit = guid(organisation, department, name) if name else guid(organisation, department)
    named, key = guid("position", position), guid("place", str(person), organisation, kind)
    crowd.positions[named] = Incoming(named, {"name": position})
    rank = next((place for place, word in enumerate(told["heads"]) if position.startswith(word)), 99)
    if kind == "main" and (rank, key) < crowd.heads.get(unit, (99, key)):
        crowd.heads[unit] = (rank, key)
    crowd.places.append(
        Incoming(
            key,
            {
                "person": person,
                "organisation": guid(organisation),
                "unit": unit,
                "position": named,
                "kind": kind,
                "personnel_number": f"{len(crowd.places) + 1:05}",
                "starts_on": now.date() - timedelta(days=chance.randint(40, 6000)),
                "is_harmful": department in ("crew", "pumps"),
            },
        )
    )


def _snils(chance: random.Random) -> str:
    digits = [chance.randint(0, 9) for _digit in range(9)]
    total = sum(digit * weight for digit, weight in zip(digits, range(9, 0, -1), strict=True)) % 101 % 100
    return "".join(map(str, digits)) + f"{total:02}"


def _heads(crowd: Crowd, said: dict[str, Any]) -> None:
    units = known(Unit, set(crowd.heads))
    places = known(Employment, {place for _rank, place in crowd.heads.values()})
    for unit, (_rank, place) in crowd.heads.items():
        standing.set_head(units[unit], places[place], since=date(2024, 1, 1), **said)


def _away(crowd: Crowd, chance: random.Random, said: dict[str, Any], on: date) -> None:
    rows = []
    for place in crowd.places:
        if chance.random() < AWAY:
            starts = on - timedelta(days=chance.randint(0, 9))
            ends = on + timedelta(days=chance.randint(0, 18)) if chance.random() < 0.9 else None
            kind = chance.choice(["Отпуск основной", "Больничный", "Командировка"])
            fields = {"employment": place.guid, "kind": kind, "starts_on": starts, "ends_on": ends}
            rows.append(Incoming(guid("absence", str(place.guid)), fields))
    _must(employments.take_absences(rows, source=said["source"], at=said["at"]))


def _staff(cast: Cast, now: datetime, on: date) -> None:
    """Of each organisation a personnel officer and a payroll accountant who sign in; one neighbour keeps to itself; one
    phone is corrected by hand against 1C."""
    administrator = cast.desk["admin"]
    for organisation in Organisation.objects.all():
        for role, department in ((StaffRole.HR, "hr"), (StaffRole.PAYROLL, "finance")):
            customer = ORGANISATIONS[organisation.name][0]
            ours = (
                contact.user
                for contact in cast.by_department[f"{customer}:{department}"]
                if contact.organisation == organisation.name and contact.user is not None
            )
            user = next(ours, None)
            if user is not None:
                standing.give_role(user, organisation, role, by=administrator, at=now)
        if data.toml("staff")["regions"][organisation.name].get("alone"):
            Organisation.objects.filter(pk=organisation.pk).update(shares_directory=False)
    _correction(cast, now, on)


def _correction(cast: Cast, now: datetime, on: date) -> None:
    anna = cast.contacts["anna"]
    person = Person.objects.get(keys=_key(anna))
    hr = StaffMember.objects.filter(
        role=StaffRole.HR.value, organisation__name=anna.organisation, user__employee__isnull=False
    ).first()
    if hr is not None:
        persons.correct(person.pk, {"work_phone": f"{anna.phone}, доб. 2"}, by=hr.user, at=now, on=on)
        persons.take_persons([Incoming(_key(anna), {"work_phone": anna.phone})], source=Source.ONEC, at=now)

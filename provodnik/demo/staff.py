"""The demo's people as 1C would tell of them: organisations, units, positions, places of work, who is away today."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from provodnik.demo import data, zup
from provodnik.demo.people import ORGANISATIONS, Cast
from provodnik.desk.models import Contact
from provodnik.exchange.models import Batch, Thing
from provodnik.exchange.states import OPEN, State
from provodnik.people.actions import persons, standing
from provodnik.people.actions.taking import Incoming, known
from provodnik.people.models import Employment, Organisation, Person, PersonKey, StaffMember, Unit
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
    named: set[uuid.UUID] = field(default_factory=set)


def hire(cast: Cast, now: datetime) -> None:
    """Make all contacts of the demo people of their organisations."""
    chance = random.Random(SEED)  # noqa: S311 - invented people, not secrets
    told = data.toml("staff")
    said: dict[str, Any] = {"source": Source.ONEC, "at": now}
    crowd = Crowd()
    crowd.named = {_key(contact) for login, contact in cast.contacts.items() if "@" not in login}
    for place, contacts in cast.by_department.items():
        for contact in contacts:
            _tell(crowd, told, contact, place.split(":")[1], chance, now)
    for login, (organisation, department, position) in told["second"].items():
        if login in cast.contacts:
            _place(crowd, told, _key(cast.contacts[login]), organisation, department, position, "external", chance, now)
    on = timezone.localdate(now)
    rows = {
        "organisation": _organisations(told),
        "unit": list(_units(told)),
        "position": list(crowd.positions.values()),
        "person": crowd.persons,
        "employment": crowd.places,
        "absence": list(_away(crowd, chance, on)),
        "leave_balance": list(_balances(crowd, chance, on)),
    }
    objects = [zup.told(kind, row.guid, row.fields, now) for kind, found in rows.items() for row in found]
    _must(zup.send(objects, name="zup-full", at=now, full=True))
    keys = dict(PersonKey.objects.filter(guid__in=crowd.contacts).values_list("guid", "person_id"))
    for key, contact in crowd.contacts.items():
        if contact.user is not None:
            persons.link_user(keys[key], contact.user, by=None, at=now, on=on)
    _heads(crowd, said)
    _staff(cast, now, on)
    _night(cast, crowd, now)


def _must(batch: Batch) -> None:
    wrong = Thing.objects.filter(standing__in=OPEN).first()
    if batch.state != State.DONE.value or wrong is not None:
        raise ValueError(f"the demo tells something impossible: {batch.words} {wrong and wrong.reason}")


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
    days = chance.randint(40, 6000)
    if person in crowd.named:  # whom a visitor signs in as has a year of payslips behind him
        days = max(days, 1100)
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
                "starts_on": now.date() - timedelta(days=days),
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


def _away(crowd: Crowd, chance: random.Random, on: date) -> Iterable[Incoming]:
    for place in crowd.places:
        if chance.random() < AWAY:
            starts = on - timedelta(days=chance.randint(0, 9))
            ends = on + timedelta(days=chance.randint(0, 18)) if chance.random() < 0.9 else None
            kind = chance.choice(["Отпуск основной", "Больничный", "Командировка"])
            fields = {"employment": place.guid, "kind": kind, "starts_on": starts, "ends_on": ends}
            yield Incoming(guid("absence", str(place.guid)), fields)


def _balances(crowd: Crowd, chance: random.Random, on: date) -> Iterable[Incoming]:
    """As 1C would have computed them last night: hundredths, never rounded."""
    for place in crowd.places:
        rows = [{"name": "Основной", "days": f"{chance.randint(0, 40)}.{chance.choice(['00', '33', '67'])}"}]
        if place.fields["is_harmful"]:
            rows.append({"name": "За вредные условия", "days": f"{chance.randint(0, 7)}.00"})
        yield Incoming(place.guid, {"on": on - timedelta(days=1), "balances": rows})


def _night(cast: Cast, crowd: Crowd, now: datetime) -> None:
    """Last night's changes: a correction by hand that 1C contradicts, and what it tells that cannot be taken."""
    anna = cast.contacts["anna"]
    numbers = [str(place.fields["personnel_number"]) for place in crowd.places[:2]]
    place = crowd.places[1]
    stranger = guid("person", "not told of yet")
    born = {"surname": "Пустодатов", "first_name": "Илья", "birth_date": "0001-01-01"}
    hired = {"person": stranger, "organisation": place.fields["organisation"], "starts_on": now.date()}
    rows = [
        zup.told("person", _key(anna), {"work_phone": anna.phone}, now),
        zup.told("employment", place.guid, {**place.fields, "personnel_number": numbers[0]}, now),
        zup.told("person", guid("person", "without a birth date"), born, now),
        zup.told("employment", guid("place", "not told of yet"), hired, now),
    ]
    zup.send([{**row, "version": row["version"] + 1} for row in rows], name="zup-night", at=now)


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

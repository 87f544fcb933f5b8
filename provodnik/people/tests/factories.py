"""People for tests, made by the real actions."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from provodnik.accounts.models import User
from provodnik.desk.tests.factories import NOW, UserFactory
from provodnik.people.actions import employments, persons, structure
from provodnik.people.actions.taking import Incoming, Verdict
from provodnik.people.models import Employment, Organisation, Person, StaffMember, Unit
from provodnik.people.states import Source, StaffRole

TODAY = NOW.date()


def guid(number: int) -> uuid.UUID:
    return uuid.UUID(int=number)


@dataclass
class House:
    """An organisation that 1C has told of: `unit(name, under)`, `hire(name, unit)`."""

    name: str = "Чистая вода"
    source: Source = Source.ONEC
    pk: int = 0
    units: dict[str, Unit] = field(default_factory=dict)
    key: uuid.UUID = field(default_factory=uuid.uuid4)

    def __post_init__(self) -> None:
        fields = {"name": self.name, "zone": "Asia/Yekaterinburg", "region": "66"}
        (verdict,) = structure.take_organisations([Incoming(self.key, fields)], source=self.source, at=NOW)
        self.pk = verdict.pk or 0

    @property
    def organisation(self) -> Organisation:
        return Organisation.objects.get(pk=self.pk)

    def unit(self, name: str, under: Unit | None = None) -> Unit:
        above = under.guid if under is not None else None
        fields = {"name": name, "organisation": str(self.key), "parent": above}
        (verdict,) = structure.take_units([Incoming(uuid.uuid4(), fields)], source=self.source, at=NOW)
        assert verdict.what == "added", verdict
        return Unit.objects.get(pk=verdict.pk)

    def hire(self, name: str, unit: Unit | None = None, position: str = "", **fields: Any) -> Employment:
        """`name`: «Фамилия Имя Отчество»; fields of the person and of the place of work together."""
        surname, first, *rest = [*name.split(" "), "", ""]
        own = {k: fields.pop(k) for k in list(fields) if k in persons.PERSONS.cleaners}
        key = fields.pop("person", None)
        if key is None:
            key = uuid.uuid4()
            values = {"surname": surname, "first_name": first, "patronymic": rest[0], **own}
            must(persons.take_persons([Incoming(key, values)], source=self.source, at=NOW))
        if position:
            fields["position"] = uuid.uuid5(uuid.NAMESPACE_OID, position)
            structure.take_positions([Incoming(fields["position"], {"name": position})], source=self.source, at=NOW)
        values = {
            "person": key,
            "organisation": self.key,
            "unit": unit.guid if unit is not None else None,
            "starts_on": date(2020, 1, 9),
            **fields,
        }
        rows = [Incoming(uuid.uuid4(), values)]
        (verdict,) = must(employments.take_employments(rows, source=self.source, at=NOW, on=TODAY))
        return Employment.objects.select_related("person").get(pk=verdict.pk)

    def staff(self, role: StaffRole = StaffRole.HR) -> User:
        user: User = UserFactory.create(is_employee=True)
        StaffMember.objects.create(user=user, organisation_id=self.pk, role=role.value, since=NOW)
        return user


def must(verdicts: list[Verdict]) -> list[Verdict]:
    assert all(verdict.what != "refused" for verdict in verdicts), verdicts
    return verdicts


def account(employment: Employment) -> User:
    """Let somebody sign in."""
    user: User = UserFactory.create(full_name=employment.person.full_name)
    persons.link_user(employment.person_id, user, by=None, at=NOW, on=TODAY)
    user.refresh_from_db()
    return user


def key_of(person: Person) -> uuid.UUID:
    return person.keys.get().guid

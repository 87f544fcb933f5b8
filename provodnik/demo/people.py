"""Who there is in the demo: the desk, two customers and their people. Nobody of them exists."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password

from provodnik.accounts.models import User
from provodnik.accounts.roles import Role
from provodnik.channels.models import Mailbox, Security
from provodnik.demo import data
from provodnik.demo.words import latin, phrase
from provodnik.desk import calendars
from provodnik.desk.models import Calendar, Contact, Contract, Customer, ProductionDay, RetentionRule, Subsystem
from provodnik.desk.production_calendar import load as production_days

PASSWORD = "chistaya-voda"  # noqa: S105 - of invented people; the demo prints it
SUPPORT = "support@chv.example"
# Organisation → (customer, domain, people).
ORGANISATIONS = {
    "Чистая вода — Верхнереченск": ("chv", "chv.example", 112),
    "Чистая вода — Степногорье": ("chv", "chv.example", 72),
    "Чистая вода — Заозёрье": ("chv", "chv.example", 56),
    "Водоканал Озёрного края": ("ozerny", "ozerny-kray.example", 58),
}
ROLES = {
    "specialist": [Role.SPECIALIST.value],
    "lead": [Role.LEAD.value, Role.SPECIALIST.value],
    "administrator": [Role.ADMINISTRATOR.value],
}


@dataclass(slots=True)
class Cast:
    """Everybody by the names that the scenarios use."""

    desk: dict[str, User] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    by_department: dict[str, list[Contact]] = field(default_factory=lambda: defaultdict(list))
    customers: dict[str, Customer] = field(default_factory=dict)
    subsystems: dict[str, Subsystem] = field(default_factory=dict)
    mailbox: Mailbox = field(default_factory=Mailbox)

    @property
    def specialists(self) -> list[User]:
        return [user for user in self.desk.values() if user.is_desk]


def settle(today: date, chance: random.Random, *, small: bool) -> Cast:
    """Make customers, contracts, mailbox and people."""
    cast = Cast()
    cast.customers = _customers(today)
    cast.mailbox = Mailbox.objects.create(name=phrase("mailbox_name"), address=SUPPORT, smtp_security=Security.NONE)
    names = data.subsystems()
    made = Subsystem.objects.bulk_create(Subsystem(name=name, position=place) for place, name in enumerate(names))
    cast.subsystems = {one.name: one for one in made}
    password = make_password(PASSWORD)  # once: all the demo's people have the same one
    _accounts(cast, password)
    for organisation, (customer, domain, count) in ORGANISATIONS.items():
        _crowd(cast, organisation, customer, domain, 10 if small else count, password, chance)
    return cast


def _customers(today: date) -> dict[str, Customer]:
    ProductionDay.objects.bulk_create(
        [ProductionDay(date=day.date, kind=day.kind.value, note=day.note) for day in production_days()],
        ignore_conflicts=True,
    )
    week = {str(day): [["08:00", "12:00"], ["12:48", "17:00"]] for day in range(5)}
    office = Calendar.objects.create(name="Будни с 8 до 17, Екатеринбург", zone="Asia/Yekaterinburg", week=week)
    calendars.touch()
    water = Customer.objects.create(name="Группа «Чистая вода»", short_name="Чистая вода", domains=["chv.example"])
    lakes = Customer.objects.create(
        name="Водоканал Озёрного края", short_name="Озёрный край", domains=["ozerny-kray.example"]
    )
    # The contract year begins on 12 January; today lies in the last of three.
    year = today.year if today >= date(today.year, 1, 12) else today.year - 1
    for start, number, days in ((year - 2, "6-П", 5), (year - 1, "9-П", 7), (year, "14-П", 10)):
        Contract.objects.create(
            customer=water,
            number=number,
            signed_on=date(start, 1, 12),
            starts_on=date(start, 1, 12),
            ends_on=date(start + 1, 1, 11),
            reopen_days=days,
            low_allowance=timedelta(hours=120 if number == "6-П" else 96),
            target_share=90 if number == "6-П" else 95,
        )
    # Longer than the demo's history: its nights erase nothing.
    for contract in water.contracts.all():
        RetentionRule.objects.create(contract=contract, texts_months=60, files_months=48, letters_months=48)
    RetentionRule.objects.create(texts_months=60, strays_months=48, journal_months=24)
    Contract.objects.create(
        customer=lakes,
        number="3-В",
        signed_on=date(year - 1, 2, 24),
        starts_on=date(year - 1, 3, 1),
        calendar=office,
        reopen_days=7,
        medium_allowance=timedelta(hours=40),
        target_share=97,
    )
    return {"chv": water, "ozerny": lakes}


def _accounts(cast: Cast, password: str) -> None:
    """The people whom the demo knows by name."""
    for row in data.toml("people")["account"]:
        user = User.objects.create(
            login=row["login"],
            email=row["email"],
            full_name=row["name"],
            roles=ROLES.get(row["role"], []),
            password=password,
        )
        if row["role"] in ROLES:
            cast.desk[user.login] = user
            continue
        contact = Contact.objects.create(
            customer=cast.customers[row["customer"]],
            user=user,
            name=row["name"],
            email=row["email"],
            position=row["position"],
            organisation=row["organisation"],
            phone=f"{phrase('inside')} {len(cast.contacts) + 11}-0{len(cast.contacts) + 3}",
            is_coordinator=row["role"] == "coordinator",
        )
        cast.contacts[user.login] = contact
        cast.by_department[f"{row['customer']}:{row['department']}"].append(contact)


def _crowd(
    cast: Cast, organisation: str, customer: str, domain: str, count: int, password: str, chance: random.Random
) -> None:
    """The many; four of five sign in, the others write letters."""
    departments = data.toml("people")["departments"]
    weights = [departments[name]["weight"] for name in departments]
    users: list[User] = []
    contacts: list[Contact] = []
    places: list[str] = []
    for _number in range(count):
        department = chance.choices(list(departments), weights)[0]
        name = full_name(chance)
        local = _address(name, {one.email for one in contacts}, {one.email for one in cast.contacts.values()}, domain)
        user = None
        if chance.random() < 0.8:
            login = f"{local}.{customer}" if customer != "chv" else f"{local}.{latin(organisation.split()[-1])[:4]}"
            user = User(login=login, email=f"{local}@{domain}", full_name=name, password=password)
            users.append(user)
        contacts.append(
            Contact(
                customer=cast.customers[customer],
                user=user,
                name=name,
                email=f"{local}@{domain}",
                position=chance.choice(departments[department]["positions"]),
                organisation=organisation,
                phone=f"{phrase('inside')} {chance.randint(20, 89)}-{chance.randint(10, 99)}"
                if chance.random() < 0.6
                else "",
            )
        )
        places.append(f"{customer}:{department}")
    User.objects.bulk_create(users)
    for place, contact in zip(places, Contact.objects.bulk_create(contacts), strict=True):
        cast.by_department[place].append(contact)
        cast.contacts[contact.email] = contact


def full_name(chance: random.Random) -> str:
    """«Полевая-Луговая Софья Ростиславовна»: one of three has a double surname."""
    names = data.toml("people")["names"]
    sex = chance.randint(0, 1)
    surname = chance.choice(names["surnames"])[sex]
    if chance.random() < 0.35:
        other = chance.choice(names["surnames"])[sex]
        surname = f"{surname}-{other}" if other != surname else surname
    first: Sequence[str] = names["women"] if sex else names["men"]
    return f"{surname} {chance.choice(first)} {chance.choice(names['patronymics'])[sex]}"


def _address(name: str, near: set[str], far: set[str], domain: str) -> str:
    surname, first, _patronymic = name.split()
    plain = f"{latin(first)[:1]}.{latin(surname.split('-')[0])}"
    local, number = plain, 1
    while f"{local}@{domain}" in near or f"{local}@{domain}" in far:
        number += 1
        local = f"{plain}{number}"
    return local

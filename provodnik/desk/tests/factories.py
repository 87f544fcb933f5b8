"""Rows for tests of the desk, by the names of the demo's world."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import factory

from provodnik.accounts.models import User
from provodnik.accounts.roles import Role
from provodnik.channels.models import Channel, Mailbox
from provodnik.desk.actions.opening import NewTicket, open_ticket
from provodnik.desk.models import Calendar, Contact, Contract, Customer, Subsystem, Ticket
from provodnik.desk.states import Impact

# Monday 23 November 2026, 09:12 in Moscow.
NOW = datetime(2026, 11, 23, 6, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
PASSWORD = "правильный конь батарея"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    login = factory.Sequence(lambda n: f"user{n}")
    email = factory.LazyAttribute(lambda user: f"{user.login}@chv.example")
    full_name = factory.Sequence(lambda n: f"Полевая-Луговая Александра {n}")


class SpecialistFactory(UserFactory):
    full_name = "Верхоглядов-Заозёрский Иннокентий Мстиславович"
    roles = factory.LazyFunction(lambda: [Role.SPECIALIST.value])


class LeadFactory(UserFactory):
    roles = factory.LazyFunction(lambda: [Role.SPECIALIST.value, Role.LEAD.value])


class AdministratorFactory(UserFactory):
    roles = factory.LazyFunction(lambda: [Role.ADMINISTRATOR.value])


class CustomerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Customer

    name = factory.Sequence(lambda n: f"Чистая вода {n}")


class CalendarFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Calendar

    name = factory.Sequence(lambda n: f"Пятидневка {n}")
    week = factory.LazyFunction(lambda: {str(day): [["09:00", "18:00"]] for day in range(5)})
    follows_production = False


class ContractFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Contract

    customer = factory.SubFactory(CustomerFactory)
    number = factory.Sequence(lambda n: f"{n}-П")
    starts_on = date(2026, 1, 12)


class ContactFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Contact

    customer = factory.SubFactory(CustomerFactory)
    name = factory.Sequence(lambda n: f"Константинопольская-Рождественская Александра {n}")
    email = factory.Sequence(lambda n: f"contact{n}@chv.example")


class SignedInContactFactory(ContactFactory):
    """A contact with an account."""

    user = factory.SubFactory(UserFactory)


class SubsystemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Subsystem

    name = factory.Sequence(lambda n: f"Лаборатория {n}")


class MailboxFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Mailbox

    name = "Поддержка"
    address = factory.Sequence(lambda n: f"support{n}@desk.example")


def make_ticket(*, contact: Contact | None = None, at: datetime = NOW, by: User | None = None, **fields: Any) -> Ticket:
    """A request registered by the real action."""
    contact = contact or SignedInContactFactory.create()
    fields = {"text": "Показания пропадают после «Сохранить».", "impact": Impact.CANNOT_ENTER, **fields}
    new = NewTicket(channel=fields.pop("channel", Channel.PORTAL), customer=contact.customer, contact=contact, **fields)
    return open_ticket(new, key=uuid.uuid4(), by=by, at=at)

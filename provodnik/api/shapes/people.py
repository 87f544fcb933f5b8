"""People and customers, as the API tells of them."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from provodnik.accounts.models import ApiToken, User
from provodnik.desk.models import Contact, Contract, Customer, FieldDefinition, Subsystem
from provodnik.desk.states import Priority
from provodnik.notify.models import Notice


class Named(BaseModel):
    """Something with an id and a name."""

    id: int
    name: str


def named(thing: object) -> Named | None:
    """A row, as far as one needs to recognise it; None for none."""
    if thing is None:
        return None
    if isinstance(thing, Subsystem | Contact):
        return Named(id=thing.pk, name=thing.name)
    return Named(id=getattr(thing, "pk"), name=str(thing))  # noqa: B009 - any model


class ContactOf(BaseModel):
    """Whom the token's owner writes requests as."""

    id: int
    name: str
    customer: Named
    is_coordinator: bool


class Me(BaseModel):
    """The token's owner as he is at this moment."""

    id: int
    login: str
    name: str
    roles: list[str]
    contact: ContactOf | None
    token: str
    scopes: list[str]
    expires_at: datetime | None


def me(user: User, contact: Contact | None, token: ApiToken) -> Me:
    return Me(
        id=user.pk,
        login=user.login,
        name=user.full_name,
        roles=list(user.roles),
        contact=ContactOf(
            id=contact.pk,
            name=contact.name,
            customer=Named(id=contact.customer_id, name=str(contact.customer)),
            is_coordinator=contact.is_coordinator,
        )
        if contact is not None
        else None,
        token=token.name,
        scopes=list(token.scopes),
        expires_at=token.expires_at,
    )


class Person(BaseModel):
    """Somebody of the desk."""

    id: int
    name: str
    roles: list[str]


def person(user: User) -> Person:
    return Person(id=user.pk, name=str(user), roles=list(user.roles))


class CustomerOut(BaseModel):
    id: int
    name: str
    short_name: str
    domains: list[str]
    is_active: bool


def customer(row: Customer) -> CustomerOut:
    return CustomerOut(
        id=row.pk, name=row.name, short_name=row.short_name, domains=list(row.domains), is_active=row.is_active
    )


class ContactOut(BaseModel):
    id: int
    customer: Named
    name: str
    email: str
    phone: str
    position: str
    organisation: str
    is_coordinator: bool
    is_active: bool
    signs_in: bool


def contact(row: Contact) -> ContactOut:
    return ContactOut(
        id=row.pk,
        customer=Named(id=row.customer_id, name=str(row.customer)),
        name=row.name,
        email=row.email,
        phone=row.phone,
        position=row.position,
        organisation=row.organisation,
        is_coordinator=row.is_coordinator,
        is_active=row.is_active,
        signs_in=row.user_id is not None,
    )


class ContractOut(BaseModel):
    """Allowances in seconds of the contract's time, by priority."""

    id: int
    number: str
    starts_on: date
    ends_on: date | None
    calendar: Named | None
    allowances: dict[Priority, int]
    reopen_days: int


def contract(row: Contract) -> ContractOut:
    return ContractOut(
        id=row.pk,
        number=row.number,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        calendar=named(row.calendar),
        allowances={priority: int(span.total_seconds()) for priority, span in row.allowances().items()},
        reopen_days=row.reopen_days,
    )


class FieldOfContract(BaseModel):
    """A field that a contract asks of its requests. `asked`: the requester fills it in; else the desk alone does."""

    id: int
    label: str
    kind: str
    choices: list[str]
    required: bool
    asked: bool
    contract: Named


def own_field(row: FieldDefinition) -> FieldOfContract:
    return FieldOfContract(
        id=row.pk,
        label=row.label,
        kind=row.kind,
        choices=list(row.choices),
        required=row.required,
        asked=row.asked,
        contract=Named(id=row.contract_id, name=row.contract.number),
    )


class NoticeOut(BaseModel):
    id: int
    text: str
    url: str
    tone: str
    at: datetime
    read_at: datetime | None


def notice(row: Notice) -> NoticeOut:
    return NoticeOut(id=row.pk, text=row.text, url=row.url, tone=row.tone, at=row.at, read_at=row.read_at)

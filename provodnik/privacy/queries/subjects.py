"""One human being, wherever he is kept: accounts, cards of contacts, cards of employees that belong together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Func, Q, Value

from provodnik.accounts.models import User
from provodnik.desk.models import Contact
from provodnik.people.models import Employment, Person

SHORTEST = 3  # letters of what is searched for
MOST = 30  # people that one search shows
LEAST_DIGITS = 5
KINDS = ("user", "contact", "person")


@dataclass(frozen=True, slots=True)
class Subject:
    """Ids by kind. A person without an account may have one kind alone."""

    users: tuple[int, ...] = ()
    contacts: tuple[int, ...] = ()
    persons: tuple[int, ...] = ()

    def as_json(self) -> dict[str, list[int]]:
        return {"users": list(self.users), "contacts": list(self.contacts), "persons": list(self.persons)}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Subject:
        return cls(*(tuple(int(pk) for pk in kept.get(name, ())) for name in ("users", "contacts", "persons")))

    @property
    def address(self) -> tuple[str, int]:
        """(kind, id) by which its page is asked for."""
        for kind, ids in zip(KINDS, (self.users, self.contacts, self.persons), strict=True):
            if ids:
                return kind, ids[0]
        raise ValueError("nobody")


@dataclass(frozen=True, slots=True)
class Card:
    """A subject with what is told of it: `name`, `about` (where it is kept), e-mail addresses."""

    subject: Subject
    name: str
    about: tuple[str, ...]
    emails: tuple[str, ...]


def subject_of(kind: str, pk: int) -> Subject | None:
    """The whole of whom this row is a piece; None when there is no such row."""
    models: dict[str, tuple[Any, str]] = {
        "user": (User, "pk"),
        "contact": (Contact, "user_id"),
        "person": (Person, "user_id"),
    }
    model, column = models[kind]
    row = model.objects.filter(pk=pk).values_list(column, flat=True)
    found = list(row)
    if not found:
        return None
    if found[0] is None:
        return Subject(contacts=(pk,)) if kind == "contact" else Subject(persons=(pk,))
    return next(iter(_by_user([found[0]])))


def _by_user(users: Iterable[int]) -> list[Subject]:
    wanted = list(dict.fromkeys(users))
    contacts = dict(Contact.objects.filter(user__in=wanted).values_list("user_id", "pk"))
    persons = dict(Person.objects.filter(user__in=wanted).values_list("user_id", "pk"))
    return [
        Subject(
            (user,),
            (contacts[user],) if user in contacts else (),
            (persons[user],) if user in persons else (),
        )
        for user in wanted
    ]


def search(words: str) -> list[Card]:
    """By pieces of a name, a login, an address, a phone or a personnel number; bounded."""
    words = " ".join(words.replace("\x00", "").split())[:200]
    if len(words) < SHORTEST:
        return []
    found: list[Subject] = []
    users = list(_users(words))
    contacts = list(_contacts(words).values_list("pk", "user_id")[:MOST])
    persons = list(_persons(words).values_list("pk", "user_id")[:MOST])
    users += [user for _pk, user in (*contacts, *persons) if user is not None]
    found += _by_user(users)
    found += [Subject(contacts=(pk,)) for pk, user in contacts if user is None]
    found += [Subject(persons=(pk,)) for pk, user in persons if user is None]
    return cards(found[:MOST])


def _each(words: str, *fields: str) -> Q:
    """Every word is in one of the fields."""
    found = Q()
    for word in words.split()[:5]:
        some = Q()
        for field in fields:
            some |= Q(**{f"{field}__icontains": word})
        found &= some
    return found


def _digits(words: str) -> str:
    """The end of a phone number, without its country: «8 912 …» and «+7 912 …» are one."""
    if re.search(r"[^\d\s()+.-]", words):
        return ""
    digits = re.sub(r"\D", "", words)
    return digits[-10:] if len(digits) >= LEAST_DIGITS else ""


def _bare(field: str) -> Func:
    return Func(F(field), Value(r"\D"), Value(""), Value("g"), function="regexp_replace", output_field=CharField())


def _users(words: str) -> Iterable[int]:
    return User.objects.filter(_each(words, "full_name", "login", "email")).values_list("pk", flat=True)[:MOST]


def _contacts(words: str) -> Any:
    found = _each(words, "name", "email")
    rows = Contact.objects.alias(bare=_bare("phone"))
    if digits := _digits(words):
        found |= Q(bare__contains=digits)
    return rows.filter(found).order_by("pk")


def _persons(words: str) -> Any:
    found = _each(words, "surname", "first_name", "patronymic", "email", "work_email")
    rows = Person.objects.alias(bare=_bare("phone"), bare_work=_bare("work_phone"))
    if digits := _digits(words):
        found |= Q(bare__contains=digits) | Q(bare_work__contains=digits)
    numbered = Employment.objects.filter(personnel_number__iexact=words).values("person")
    return rows.filter(found | Q(pk__in=numbered)).order_by("pk")


def cards(subjects: list[Subject]) -> list[Card]:
    """Names and places for all of them by three statements."""
    users = User.objects.in_bulk([pk for one in subjects for pk in one.users])
    contacts = {
        row.pk: row
        for row in Contact.objects.select_related("customer").filter(
            pk__in=[pk for one in subjects for pk in one.contacts]
        )
    }
    persons = Person.objects.in_bulk([pk for one in subjects for pk in one.persons])
    told = []
    for one in subjects:
        rows: list[Any] = [
            *(users[pk] for pk in one.users if pk in users),
            *(contacts[pk] for pk in one.contacts if pk in contacts),
            *(persons[pk] for pk in one.persons if pk in persons),
        ]
        names = [str(row) for row in reversed(rows)]
        about = [user.login for user in rows if isinstance(user, User)]
        about += [str(row.customer) for row in rows if isinstance(row, Contact) and row.customer is not None]
        emails = [getattr(row, name, "") for row in rows for name in ("email", "work_email")]
        told.append(
            Card(
                one,
                next((name for name in names if name), "—"),
                tuple(about),
                tuple(dict.fromkeys(filter(None, emails))),
            )
        )
    return told

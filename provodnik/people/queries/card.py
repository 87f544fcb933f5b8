"""The card of a person: what the installation keeps, where each value came from, what an exchange says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from provodnik.core.secrets import Unreadable
from provodnik.people import words
from provodnik.people.models import PeopleEvent, Person
from provodnik.ui.text import full_day

FIELDS = (
    "surname",
    "first_name",
    "patronymic",
    "birth_date",
    "snils",
    "work_phone",
    "work_email",
    "room",
    "phone",
    "email",
)
FOLLOWED = ("surname", "first_name", "patronymic", "work_phone", "work_email", "room")  # may be given back at once
EVENTS = 20


@dataclass(frozen=True, slots=True)
class Fact:
    """A field as it is shown. `offered`: what an exchange says instead, since when; None: it says the same."""

    name: str
    value: str
    source: str
    offered: str | None = None
    offered_by: str = ""
    since: datetime | None = None
    may_follow: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    facts: list[Fact]
    events: list[PeopleEvent]


def card(person: Person) -> Card:
    events = (
        PeopleEvent.objects.filter(person_id__in=[person.pk, *person.was]).select_related("by").order_by("-pk")[:EVENTS]
    )
    return Card([_fact(person, name) for name in FIELDS], list(events))


def _fact(person: Person, name: str) -> Fact:
    differs = person.differs.get(name)
    value, source = _value(person, name), person.sources.get(name, "")
    if differs is None:
        return Fact(name, value, source)
    return Fact(
        name,
        value,
        source,
        offered=str(differs["offered"] or ""),
        offered_by=words.said_by(differs["source"]),
        since=datetime.fromisoformat(differs["since"]),
        may_follow=name in FOLLOWED,
    )


def _value(person: Person, name: str) -> str:
    if name == "snils":
        try:
            return words.masked_snils(person.snils)
        except Unreadable:
            return ""
    value: Any = getattr(person, name)
    return full_day(value) if isinstance(value, date) else str(value or "")

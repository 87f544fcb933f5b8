"""Where an invitation goes. Pure but for the row of a person."""

from __future__ import annotations

from dataclasses import dataclass

from provodnik.entry.states import Way
from provodnik.people.models import Person


@dataclass(frozen=True, slots=True)
class Reach:
    way: Way
    value: str


def reach_of(person: Person, *, by_phone: bool) -> Reach | None:
    """A letter where there is an address, it costs nothing; else a message where there are messages. A proved contact
    goes before one that 1C has told; a work address is better than none."""
    ways = [
        (Way.EMAIL, person.email if person.email_confirmed_at else ""),
        (Way.PHONE, person.phone if person.phone_confirmed_at and by_phone else ""),
        (Way.EMAIL, person.email),
        (Way.PHONE, person.phone if by_phone else ""),
        (Way.EMAIL, person.work_email),
    ]
    return next((Reach(way, value) for way, value in ways if value), None)


def masked(reach: Reach) -> str:
    """«a···a@utility.example», «+7912···89»: the register tells whom, not how to reach him."""
    if reach.way is Way.PHONE:
        return f"{reach.value[:5]}···{reach.value[-2:]}" if len(reach.value) > 8 else "···"
    name, _at, domain = reach.value.rpartition("@")
    return f"{name[:1]}···{name[-1:]}@{domain}"[:80]


def key_of(slip_id: int) -> str:
    """By which the fate of an invitation's letter or message is found."""
    return f"invitation:{slip_id}"

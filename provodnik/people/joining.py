"""Whether two cards are of one human. Pure rules over what is known of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from provodnik.core.decisions import YES, Decision, no
from provodnik.people.names import plain
from provodnik.people.states import Source

NAMES = ("surname", "first_name", "patronymic")


@dataclass(frozen=True, slots=True)
class Known:
    """`by_hand`: names of fields that a hand has corrected."""

    name: str
    birth_date: date | None
    snils: str
    by_hand: frozenset[str]
    signs_in: bool


def may_be_one(one: Known, other: Known) -> Decision:
    """Only 1C's own facts make two cards one: by a corrected name personnel could lay a stranger's payslips into
    somebody's hands."""
    if one.snils and other.snils and one.snils != other.snils:
        return no(_("Their SNILS differ: these are two people."))
    if one.signs_in and other.signs_in:
        return no(_("Both sign in. An administrator switches the account that is not needed off, then join them."))
    if one.snils and one.snils == other.snils:
        return YES
    if one.birth_date is None or one.birth_date != other.birth_date or plain(one.name) != plain(other.name):
        return no(_("Neither their SNILS nor their names and dates of birth are the same."))
    if (one.by_hand | other.by_hand) & {*NAMES, "birth_date"}:
        return no(_("One of the names was corrected by hand: join them when 1C says the same."))
    return YES


def by_hand(sources: dict[str, str]) -> frozenset[str]:
    return frozenset(name for name, source in sources.items() if source == Source.HAND.value)

"""What was typed as a name → how people's rows would hold it. Pure."""

from __future__ import annotations

import re
from contextlib import suppress

from provodnik.core.decisions import Refused
from provodnik.entry.states import Name
from provodnik.people import cleaning

LONGEST = 254
LONGEST_NUMBER = 30
_GAPS = re.compile(r"\s+")
_NOT_OF_PHONES = re.compile(r"[^\d\s()+\-–—.]")


def fold_number(text: str) -> str:
    """A personnel number without spaces, case and leading zeros: a man knows his as 712, 1C as 00712."""
    return _GAPS.sub("", text).lower().lstrip("0")


def readings(typed: str) -> dict[Name, str]:
    """What it may be. The kinds depend on the shape of the text alone, never on who there is."""
    typed = typed.strip()[:LONGEST]
    if not typed or "\0" in typed:
        return {}
    if "@" in typed:
        return {Name.EMAIL: typed.lower()}
    found: dict[Name, str] = {}
    number = fold_number(typed)
    if number and len(number) <= LONGEST_NUMBER:
        found[Name.NUMBER] = number
    if not _NOT_OF_PHONES.search(typed) and len(re.sub(r"\D", "", typed)) >= 10:
        with suppress(Refused):
            found[Name.PHONE] = cleaning.phone(typed, "")
    return found


def spellings(number: str) -> list[str]:
    """How a folded number may stand in 1C: in capitals or small, with zeros before it."""
    cased = {number, number.upper()}
    return [zeros * "0" + one for one in cased for zeros in range(LONGEST_NUMBER - len(one) + 1)]

"""Values as exchanges and forms bring them → values as the tables keep them, or a refusal in words. Pure rules."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

from provodnik.core.decisions import Refused
from provodnik.core.text import LONGEST_EMAIL, one_line, storable

Cleaner = Callable[[Any, str], Any]
EARLIEST_YEAR, LATEST_YEAR = 1900, 2200
_EMAIL = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@[^\s@<>\"(),:;\\\[\]]+\.[^\s@.<>\"(),:;\\\[\]]+")
_ZONES = available_timezones()


def text(limit: int, *, needed: bool = False) -> Cleaner:
    """One line of at most `limit` characters: a longer one is refused, never cut in silence."""

    def clean(value: Any, name: str) -> str:
        if value is None:
            value = ""
        if not isinstance(value, str):
            raise Refused(_("A text is expected here."), name)
        line = " ".join(one_line(storable(value), limit + 1).split())
        if len(line) > limit:
            raise Refused(_("The text is too long."), name)
        if needed and not line:
            raise Refused(_("This must not be empty."), name)
        return line

    return clean


def email(value: Any, name: str) -> str:
    line = str(text(LONGEST_EMAIL)(value, name)).lower()
    if line and not _EMAIL.fullmatch(line):
        raise Refused(_("This is no address of e-mail."), name)
    return line


def phone(value: Any, name: str) -> str:
    """A person's own phone as + and digits (E.164); «8 912 …» is +7 912 … ."""
    line = str(text(60)(value, name))
    found = re.sub(r"[^\d+]", "", line)
    if not line:
        return ""
    digits = found.lstrip("+")
    if len(digits) == 11 and digits[0] == "8" and not found.startswith("+"):
        digits = f"7{digits[1:]}"
    if len(digits) == 10 and not found.startswith("+"):
        digits = f"7{digits}"
    if "+" in digits or not 8 <= len(digits) <= 15:
        raise Refused(_("This is no phone number: it needs its code, like +7 912 345-67-89."), name)
    return f"+{digits}"


def day(*, needed: bool = False) -> Cleaner:
    """A day, given as such or as ISO 8601 text. 1C's empty date (year 1) is refused: no day is null."""

    def clean(value: Any, name: str) -> date | None:
        if value in (None, ""):
            if needed:
                raise Refused(_("This must not be empty."), name)
            return None
        found = _as_day(value)
        if found is None or not EARLIEST_YEAR <= found.year < LATEST_YEAR:
            raise Refused(_("This is no day between 1900 and 2199."), name)
        return found

    return clean


def _as_day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def yes_no(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise Refused(_("Yes or no is expected here."), name)
    return value


def one_of(words: type[StrEnum]) -> Cleaner:
    def clean(value: Any, name: str) -> str:
        if value not in [one.value for one in words]:
            raise Refused(_("This word is not known here."), name)
        return str(value)

    return clean


def zone(value: Any, name: str) -> str:
    if value not in _ZONES:
        raise Refused(_("This is no name of a time zone (IANA), like Asia/Yekaterinburg."), name)
    return str(value)


def inn(value: Any, name: str) -> str:
    found = str(text(20)(value, name))
    if found and not re.fullmatch(r"\d{10}|\d{12}", found):
        raise Refused(_("An INN is ten or twelve digits."), name)
    return found


def snils(value: Any, name: str) -> str:
    """Eleven digits whose last two are their check sum (ПФР's rule: weights 9…1, modulo 101), or "" for a foreigner
    without one."""
    found = re.sub(r"[\s-]", "", str(text(20)(value, name)))
    if not found:
        return ""
    if not re.fullmatch(r"\d{11}", found) or _snils_sum(found) != int(found[9:]):
        raise Refused(_("The SNILS does not add up: look at its digits again."), name)
    return found


def _snils_sum(found: str) -> int:
    return sum(int(digit) * weight for digit, weight in zip(found[:9], range(9, 0, -1), strict=True)) % 101 % 100


def guid(value: Any, name: str) -> uuid.UUID | None:
    """A reference of 1C; its empty one (all zeros) is None."""
    if value in (None, ""):
        return None
    try:
        found = value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
    except ValueError as error:
        raise Refused(_("This is no reference (GUID)."), name) from error
    return found if found.int else None

"""Values of a customer's own fields: what a person types, what is kept, what is shown. Plain functions, no database.

A kept value is a JSON value of its kind: text a string, number an integer or a float, date its ISO form, choice the
chosen string, yes or no a boolean. Nothing is kept as absence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Protocol

from django.utils.translation import gettext as _

from provodnik.core.text import one_line
from provodnik.ui.text import full_day, number

LONGEST_VALUE = 500
LARGEST_NUMBER = 10**12
DIGITS = 4  # after the point
Value = str | int | float | bool


class Definition(Protocol):
    """What of a definition a value is judged by."""

    kind: str
    choices: list[str]


class Wrong(ValueError):
    """What was typed is no value of this kind; the words say why."""


def read(definition: Definition, typed: object) -> Value | None:
    """The value that was typed; None for nothing. Raises Wrong."""
    if typed is None or (isinstance(typed, str) and not typed.strip()):
        return None
    return _READERS[definition.kind](definition.choices, typed)


def _text(_choices: Sequence[str], typed: object) -> str:
    text = one_line(str(typed), LONGEST_VALUE + 1)
    if len(text) > LONGEST_VALUE:
        raise Wrong(_("At most %(n)d characters.") % {"n": LONGEST_VALUE})
    return text


def _number(_choices: Sequence[str], typed: object) -> int | float:
    text = str(typed).strip()[:40].replace("\u00a0", "").replace(" ", "").replace(",", ".").replace("−", "-")
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise Wrong(_("A number, for example 12 or 4,5.")) from error
    if not value.is_finite() or abs(value) > LARGEST_NUMBER:
        raise Wrong(_("The number is too large."))
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent < -DIGITS:
        raise Wrong(_("At most %(n)d digits after the point.") % {"n": DIGITS})
    return int(value) if value == value.to_integral_value() else float(value)


def _date(_choices: Sequence[str], typed: object) -> str:
    if isinstance(typed, date):
        day = typed
    else:
        text = str(typed).strip()
        parts = text.split(".")
        if len(parts) == 3 and all(part.isascii() and part.isdigit() for part in parts):
            text = f"{parts[2]:0>4}-{parts[1]:0>2}-{parts[0]:0>2}"
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise Wrong(_("A date, for example 23.11.2026.")) from error
    if not 1900 <= day.year <= 2100:
        raise Wrong(_("A date between 1900 and 2100."))
    return day.isoformat()


def _choice(choices: Sequence[str], typed: object) -> str:
    if str(typed) not in choices:
        raise Wrong(_("Choose one of the list."))
    return str(typed)


_YES, _NO = frozenset({"true", "yes", "1", "on"}), frozenset({"false", "no", "0", "off"})


def _yes_no(_choices: Sequence[str], typed: object) -> bool:
    word = str(typed).strip().lower()
    if word not in _YES | _NO:
        raise Wrong(_("Yes or no."))
    return word in _YES


_READERS: Mapping[str, Callable[[Sequence[str], object], Value]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "choice": _choice,
    "yes_no": _yes_no,
}


def shown(kind: str, value: object) -> str:
    """A kept value in the reader's words."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if kind == "number" and isinstance(value, int | float):
        return number(value)
    if kind == "date":
        try:
            return full_day(date.fromisoformat(str(value)))
        except ValueError:
            return str(value)
    return str(value)

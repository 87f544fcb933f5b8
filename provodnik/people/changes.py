"""What a request to change one's data holds, by its kind: which fields, how they are judged (cabinet B9). Pure rules
over plain values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from provodnik.core.decisions import Refused
from provodnik.core.text import storable
from provodnik.people import cleaning
from provodnik.people.cleaning import Cleaner
from provodnik.people.states import ChangeKind

LONGEST_TEXT = 2000


def prose(limit: int = LONGEST_TEXT, *, needed: bool = True) -> Cleaner:
    """Text of several lines."""

    def clean(value: Any, name: str) -> str:
        text = storable(str(value or "")).replace("\r\n", "\n").strip()
        if needed and not text:
            raise Refused(_("This must not be empty."), name)
        if len(text) > limit:
            raise Refused(_("The text is too long."), name)
        return text

    return clean


def bik(value: Any, name: str) -> str:
    """БИК of a Russian bank: nine digits that begin with 04 (Bank of Russia, 762-П)."""
    found = re.sub(r"\s", "", str(cleaning.text(20)(value, name)))
    if not re.fullmatch(r"04[0-9]{7}", found):
        raise Refused(_("A BIK is nine digits and begins with 04."), name)
    return found


def account(value: Any, name: str) -> str:
    """Twenty digits of an account; whether they belong to the bank is judged together with its BIK."""
    found = re.sub(r"\s", "", str(cleaning.text(40)(value, name)))
    if not re.fullmatch(r"[0-9]{20}", found):
        raise Refused(_("An account is twenty digits."), name)
    if not found.startswith(("40817", "40820", "423", "426")):
        raise Refused(_("This is no account of a private person: those begin with 40817, 40820, 423 or 426."), name)
    return found


def fits(bik_: str, account_: str) -> bool:
    """The control key of an account: the bank's last three digits and the account, weights 7, 1, 3, modulo 10 (Bank of
    Russia, order of counting the control key, 08.09.1997 № 515)."""
    weights = (7, 1, 3) * 8
    return sum(int(digit) * weight for digit, weight in zip(f"{bik_[-3:]}{account_}", weights, strict=False)) % 10 == 0


FIELDS: Mapping[ChangeKind, Mapping[str, Cleaner]] = {
    ChangeKind.PHONE: {"phone": cleaning.phone},
    ChangeKind.EMAIL: {"email": cleaning.email},
    ChangeKind.NAME: {
        "surname": cleaning.text(100, needed=True),
        "first_name": cleaning.text(100),
        "patronymic": cleaning.text(100),
    },
    ChangeKind.DOCUMENT: {
        "number": cleaning.text(40, needed=True),
        "issued_by": cleaning.text(300, needed=True),
        "issued_on": cleaning.day(needed=True),
        "unit_code": cleaning.text(10),
    },
    ChangeKind.ADDRESS: {"registered": cleaning.text(300, needed=True), "lives": cleaning.text(300)},
    ChangeKind.FAMILY: {"text": prose()},
    ChangeKind.BANK: {"bik": bik, "account": account, "bank": cleaning.text(200, needed=True)},
    ChangeKind.OTHER: {"text": prose()},
}


def cleaned(kind: ChangeKind, values: Mapping[str, Any]) -> dict[str, str]:
    """What is asked for, as text by field. Raises Refused with the field."""
    found: dict[str, str] = {}
    for name, clean in FIELDS[kind].items():
        value = clean(values.get(name), name)
        found[name] = value.isoformat() if hasattr(value, "isoformat") else str(value or "")
    if kind in (ChangeKind.PHONE, ChangeKind.EMAIL) and not found[kind.value]:
        raise Refused(_("This must not be empty."), kind.value)
    if kind is ChangeKind.BANK and not fits(found["bik"], found["account"]):
        raise Refused(_("The account does not belong to this bank: a digit is wrong in one of them."), "account")
    return found


def masked(name: str, value: str) -> str:
    """As the worker sees it afterwards: of an account the last four digits, of a document the last three signs."""
    if name == "account":
        return f"•••• {value[-4:]}"
    return f"•••• {value[-3:]}" if name == "number" else value

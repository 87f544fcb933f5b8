"""The pure rules of slips: signs of a code, second facts, when a slip is dead. Plain values, no Django."""

from __future__ import annotations

import hmac
import re
from datetime import date, datetime, timedelta
from enum import StrEnum

# Latin capitals that look and are typed alike on a Russian keyboard, and figures that look like none of them (no O and
# 0, I and 1, 8 beside B, 5 beside S): whatever somebody types on an old phone, it is the same code.
ALPHABET = "ABEKMHPCTYX234679"
LENGTH = 12  # 17 ** 12: 49 bits, with five tries and a second fact besides
_SAME = str.maketrans("АВЕКМНРСТУХЗЧ8", "ABEKMHPCTYX34B")
_BETWEEN = re.compile(r"[\s\-–—.]+")
LONGEST_TYPED = 60

LASTS = timedelta(days=14)
TRIES = 5
PROVED_LASTS = timedelta(minutes=10)  # between the code and the password


class Fact(StrEnum):
    """What somebody tells of himself besides the code."""

    BIRTH = "birth"
    SNILS = "snils"


class Name(StrEnum):
    """By what an organisation lets its people sign in, besides the account's own login."""

    NUMBER = "number"
    PHONE = "phone"
    EMAIL = "email"


class Why(StrEnum):
    """Why a slip is void."""

    NEWER = "newer"
    TRIES = "tries"
    HAND = "hand"
    UNSENT = "unsent"


class Way(StrEnum):
    """How a slip reaches its person: on paper, or as a link in a letter or a message."""

    PAPER = "paper"
    EMAIL = "email"
    PHONE = "phone"


class Delivery(StrEnum):
    """Of an invitation: still to be handed over, handed over to the channel, or not sent at all."""

    NONE = ""
    WAITING = "waiting"
    QUEUED = "queued"
    FAILED = "failed"


class Standing(StrEnum):
    """What has become of a slip."""

    LIVING = "living"
    USED = "used"
    VOID = "void"
    EXPIRED = "expired"


def read_code(typed: str) -> str:
    """The code that was typed in whatever case, layout and grouping; "" for what is none."""
    found = _BETWEEN.sub("", typed[:LONGEST_TYPED]).upper().translate(_SAME)
    return found if len(found) == LENGTH and all(sign in ALPHABET for sign in found) else ""


def grouped(code: str) -> str:
    """As it is printed: three groups of four."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _day(typed: str) -> str:
    """Eight digits, day first, of «7.3.1985», «07031985» or «1985-03-07»; "" for what is no day."""
    pieces = re.findall(r"[0-9]+", typed)
    if len(pieces) == 1 and len(pieces[0]) == 8:
        pieces = [pieces[0][:2], pieces[0][2:4], pieces[0][4:]]
    if len(pieces) != 3:
        return ""
    if len(pieces[0]) == 4:
        pieces.reverse()
    day, month, year = pieces
    return f"{day:0>2}{month:0>2}{year}" if len(day) <= 2 and len(month) <= 2 and len(year) == 4 else ""


def is_fact(typed: str, fact: str, *, birth_date: date | None, snils: str) -> bool:
    """Whether what was typed is the person's second fact. What he has not got equals nothing (CVE-2026-24038)."""
    typed = typed[:LONGEST_TYPED]
    if fact == Fact.BIRTH:
        known, told = f"{birth_date:%d%m%Y}" if birth_date else "", _day(typed)
    elif fact == Fact.SNILS:
        told = "".join(re.findall(r"[0-9]", typed))
        known = snils[-4:] if len(snils) == 11 and len(told) == 4 else ""
    else:
        return False
    return bool(known) and bool(told) and hmac.compare_digest(known, told)


def standing(*, used_at: datetime | None, voided_at: datetime | None, expires_at: datetime, now: datetime) -> Standing:
    if used_at is not None:
        return Standing.USED
    if voided_at is not None:
        return Standing.VOID
    return Standing.LIVING if now < expires_at else Standing.EXPIRED

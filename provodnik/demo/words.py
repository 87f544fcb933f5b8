"""Russian odds and ends of the demo's texts."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.utils import timezone

from provodnik.demo.data import toml


def phrase(name: str) -> str:
    """A single phrase of the data."""
    found: str = toml("phrases")[name]
    return found


def phrases(name: str) -> list[str]:
    """Phrases to choose from."""
    found: list[str] = toml("phrases")[name]
    return found


def latin(text: str) -> str:
    """For addresses and logins, letter by letter; what is neither Russian nor plain Latin goes."""
    table = toml("phrases")["latin"]
    return "".join(table.get(one, one if one.isascii() and one.isalnum() else "") for one in text.lower())


def day_of(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{local.day} {phrases('months_of')[local.month - 1]}"


def blanks(moment: datetime, chance: random.Random, *, other: int, colleague: str) -> dict[str, str]:
    """What the blanks of a scenario are filled with."""
    before = timezone.localtime(moment) - timedelta(days=chance.randint(1, 5))
    month = timezone.localtime(moment).month - 2
    return {
        "n": str(chance.randint(3, 17)),
        "n2": str(chance.randint(18, 46)),
        "day": day_of(before),
        "month": phrases("months")[month],
        "time": f"{chance.randint(6, 17):02}:{chance.choice(['05', '10', '20', '30', '40', '45'])}",
        "street": chance.choice(phrases("streets")),
        "other": str(other),
        "colleague": colleague,
    }


def short(name: str) -> str:
    """«Полевая С. Р.», with spaces that do not break."""
    surname, *rest = name.split()
    return "\u00a0".join([surname, *(f"{part[0]}." for part in rest if part)])


def quoted(text: str, author: str, address: str, at: datetime) -> str:
    """How a mail program puts the letter that is answered under the answer."""
    local = timezone.localtime(at)
    head = f"{local:%d.%m.%Y} {local:%H:%M}, {author} <{address}> {phrase('wrote')}:"
    return "\n".join([head, *(f"> {line}" if line else ">" for line in text.splitlines())])

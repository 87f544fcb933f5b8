"""Names and words of the directory as search and order see them. Pure rules over plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from provodnik.core.slips import other_layout
from provodnik.core.text import storable

_YO = str.maketrans("ёЁ", "еЕ")
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_DIGITS = re.compile(r"\D+")
_KEYS_WITHIN = re.compile(r"[\[\];'`,.]")
MOST_WORDS = 6
LONGEST_QUERY = 100
LONGEST_WORD = 40
LONGEST_DOCUMENT = 1000


def plain(text: str) -> str:
    """Small letters, Ё as Е (people type either)."""
    return storable(text).lower().translate(_YO)


def sort_key(surname: str, first_name: str, patronymic: str) -> str:
    """By which a person stands in a list: words without hyphens' and letters' variants, parted by one space."""
    return " ".join(_WORD.findall(plain(f"{surname} {first_name} {patronymic}")))[:300]


def digits(phone: str) -> str:
    """The digits of a phone; +7 and 8 are one beginning (the Russian numbering plan)."""
    found = _DIGITS.sub("", phone)
    return f"7{found[1:]}" if len(found) == 11 and found[0] == "8" else found


def words_in(text: str) -> list[str]:
    return [word[:LONGEST_WORD] for word in _WORD.findall(plain(text))]


def document(texts: Iterable[str], phones: Iterable[str] = ()) -> str:
    """What a place of work is found by: its words, each behind a space, then its phones as digits behind a #."""
    words = dict.fromkeys(word for text in texts for word in words_in(text))
    numbers = [f"#{found}" for phone in phones if (found := digits(phone))]
    return f" {' '.join([*words, *numbers])}"[:LONGEST_DOCUMENT]


def is_phone(typed: str) -> bool:
    """Whether somebody types a number: digits with what stands between them, no letters."""
    return len(digits(typed)) >= 2 and not re.search(r"[^\d\s()+\-–—.,/]", typed)


def readings(typed: str) -> list[list[str]]:
    """The ways to read what was typed, the likeliest first: as it is, and in the other keyboard layout, where keys of
    punctuation are letters too («;ehfdktd» is «журавлев»)."""
    typed = storable(typed[:LONGEST_QUERY])
    found = [words_in(typed)[:MOST_WORDS]]
    pieces = typed.split()
    turned = [other_layout(piece) or piece for piece in pieces]
    if turned != pieces:
        found.append(words_in(" ".join(turned))[:MOST_WORDS])
        if any(_KEYS_WITHIN.search(piece) for piece in pieces):
            found.reverse()
    return [words for words in found if words]


def like(word: str) -> str:
    """A pattern of LIKE for a word's beginning; words hold letters and digits alone, so nothing is to be escaped."""
    return f"% {word}%"

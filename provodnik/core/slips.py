"""Slips of the finger: a word typed in the other keyboard layout, letters missed, doubled or swapped. Pure rules."""

from __future__ import annotations

_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_RUSSIAN = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_TO_RUSSIAN = str.maketrans(dict(zip(_LATIN, _RUSSIAN, strict=True)) | {"{": "х", "}": "ъ", ":": "ж", '"': "э", "<": "б", ">": "ю", "~": "ё"})  # fmt: skip  # noqa: E501
_TO_LATIN = str.maketrans(dict(zip(_RUSSIAN, _LATIN, strict=True)))
LONGEST = 40  # letters of a word that are compared


def other_layout(text: str) -> str:
    """What the same keys give in the other layout («ghbdtn» → «привет», «мзт» → «vpn»); "" for a mixture of both."""
    lower = text.lower()
    has_latin = any("a" <= one <= "z" for one in lower)
    has_russian = any("а" <= one <= "я" or one == "ё" for one in lower)
    if has_latin == has_russian:
        return ""
    return lower.translate(_TO_RUSSIAN if has_latin else _TO_LATIN)


def forgiven(length: int) -> int:
    """How many slips are forgiven in a word of so many letters."""
    return 0 if length < 4 else 1 if length < 6 else 2


def distance(one: str, other: str, most: int) -> int:
    """Slips between two words: a letter missed, added, replaced, or two neighbours swapped (optimal string
    alignment). More than `most` is told as `most + 1`."""
    one, other = one[:LONGEST], other[:LONGEST]
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        now = [i] + [0] * len(other)
        for j, right in enumerate(other, start=1):
            now[j] = min(last[j] + 1, now[j - 1] + 1, last[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                now[j] = min(now[j], before[j - 2] + 1)
        if min(now) > most:
            return most + 1
        before, last = last, now
    return min(last[-1], most + 1)


def nearest(stem: str, known: list[tuple[str, str]]) -> str:
    """The word of `known` (stem, how it is written; the likeliest first) that was probably meant; "" for none. What
    goes on where the typed word ends counts as one slip."""
    allowed = forgiven(len(stem))
    best, found = allowed + 1, ""
    for other, shown in known:
        far = distance(stem, other, allowed)
        if far > 1 and len(stem) >= 3 and other.startswith(stem):
            far = 1
        if far < best:
            best, found = far, shown
    return found

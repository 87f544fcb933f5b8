"""A sentence without the values in it: only words that stand in our own catalogue may leave.

Doctor's findings are made of the catalogue's sentences and of values (addresses, names of bases, what a server said).
Values are told apart by finding the sentence again: what is not its own is left out, unless it is a plain number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

LEFT_OUT = "…"
_PLACE = re.compile(r"%\(\w+\)[-+ 0#]*\d*(?:\.\d+)?[a-zA-Z]|%%")
_NUMBER = re.compile(r"\d{1,12}(?:[.,]\d{1,6}){0,2}|\d{4}-\d\d-\d\d")
LEAST_WORDS = 8  # letters a sentence must have of its own, or it would fit anything


class OwnWords:
    """`sentences`: translated texts of the catalogue."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.plain, self.open = set[str](), list[str]()
        for sentence in sentences:
            if _PLACE.search(sentence):
                self.open.append(sentence)
            else:
                self.plain.add(sentence)

    @cached_property
    def patterns(self) -> list[tuple[re.Pattern[str], str]]:
        """Those with the most words of their own first: they say most, and fit least by accident."""

        def own(sentence: str) -> int:
            return sum(letter.isalpha() for letter in _PLACE.sub("", sentence))

        found = []
        for sentence in sorted(self.open, key=own, reverse=True):
            if own(sentence) < LEAST_WORDS:
                break
            pieces = [re.escape(piece) for piece in _PLACE.split(sentence)]
            found.append((re.compile("(.*?)".join(pieces), re.DOTALL), sentence))
        return found

    def of(self, text: str) -> str:
        """The text with its values left out; "…" when it is no sentence of ours."""
        if text in self.plain:
            return text
        for pattern, sentence in self.patterns:
            if found := pattern.fullmatch(text):
                pieces = _PLACE.split(sentence)
                shown = [self._shown(value) for value in found.groups()]
                return "".join(piece + value for piece, value in zip(pieces, [*shown, ""], strict=True))
        return LEFT_OUT

    @staticmethod
    def _shown(value: str) -> str:
        return value if _NUMBER.fullmatch(value.replace("\xa0", "")) else LEFT_OUT

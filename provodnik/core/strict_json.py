"""JSON of one meaning (safety A62, A67): what comes from outside is read as every other program would read it, or not.

Python's reader takes NaN, keeps the last of two equal names, turns 1e400 into infinity and counts as far as memory
goes. Two programs that read the same bytes differently are how a check is passed by one and something else done by the
other. Pure; who reads says in his own words what is wrong.
"""

from __future__ import annotations

import json
import math
import re
from enum import Enum
from typing import Any

IMPOSSIBLE = re.compile("[\x00\ud800-\udfff]")  # what PostgreSQL or UTF-8 does not keep


class Fault(Enum):
    TWICE = "a name stands twice in one object"
    CONSTANT = "NaN or Infinity"
    FRACTION = "a number with a fraction where none may be"
    LARGE = "a number that is too large"
    DEEP = "nested too deeply"
    IMPOSSIBLE = "a character that cannot be kept"
    NOT_UTF8 = "not UTF-8"
    NOT_JSON = "no JSON"


class NotStrict(Exception):
    """Bytes without a single meaning, and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class Reader:
    """`deepest`: levels of nesting; `digits`: characters of a whole number, its sign among them, and `largest` its
    bound either way; `fractions`: whether numbers may have them."""

    def __init__(self, *, deepest: int, digits: int, largest: int, fractions: bool) -> None:
        self.deepest, self.digits, self.largest, self.fractions = deepest, digits, largest, fractions
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_object, parse_constant=_constant, parse_float=self._float, parse_int=self._int
        )

    def read(self, content: bytes) -> Any:
        """One value. Raises NotStrict."""
        try:
            value = self._decoder.decode(content.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise NotStrict(Fault.NOT_UTF8) from error
        except RecursionError as error:
            raise NotStrict(Fault.DEEP) from error
        except ValueError as error:
            raise NotStrict(Fault.NOT_JSON) from error
        self._judge(value, 1)
        return value

    def _float(self, text: str) -> float:
        if not self.fractions:
            raise NotStrict(Fault.FRACTION)
        number = float(text)
        if not math.isfinite(number):
            raise NotStrict(Fault.LARGE)
        return number

    def _int(self, text: str) -> int:
        if len(text) > self.digits or abs(int(text)) > self.largest:
            raise NotStrict(Fault.LARGE)
        return int(text)

    def _judge(self, value: Any, depth: int) -> None:
        if depth > self.deepest:
            raise NotStrict(Fault.DEEP)
        if isinstance(value, str):
            if IMPOSSIBLE.search(value):
                raise NotStrict(Fault.IMPOSSIBLE)
        elif isinstance(value, dict):
            for name, one in value.items():
                self._judge(name, depth)
                self._judge(one, depth + 1)
        elif isinstance(value, list):
            for one in value:
                self._judge(one, depth + 1)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict(Fault.TWICE)
    return found


def _constant(text: str) -> Any:
    raise NotStrict(Fault.CONSTANT)

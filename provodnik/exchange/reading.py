"""Bytes from outside → JSON values of one meaning, or a refusal that names the line. Pure (safety A62, A67).

Two programs that read the same bytes differently are how a check is passed by one and something else taken by the
other: so no NaN, no name twice, no number that cannot be held, no byte order mark, nothing nested beyond what the
contract needs. There is no XML in this exchange at all (A61).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import IO, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DEEPEST = 6
_IMPOSSIBLE = re.compile("[\x00\ud800-\udfff]")
Words = str | Promise


class Unreadable(Exception):
    """The bytes have no single meaning. `line`: of the file, from 1; 0 where there are no lines."""

    def __init__(self, words: Words, line: int = 0) -> None:
        super().__init__(words)
        self.words, self.line = words, line


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable(_("A name stands twice in one object."))
    return found


def _constant(text: str) -> Any:
    raise Unreadable(_("NaN and Infinity are no JSON."))


def _float(text: str) -> Any:
    raise Unreadable(_('A number with a fraction must stand in quotation marks: "18.67".'))


def _int(text: str) -> int:
    if len(text) > 17:
        raise Unreadable(_("A number is too large."))
    return int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_int, strict=True
)


def _judge(value: Any, depth: int = 1) -> None:
    if depth > DEEPEST:
        raise Unreadable(_("It is nested too deeply."))
    if isinstance(value, str):
        if _IMPOSSIBLE.search(value):
            raise Unreadable(_("It holds a character that cannot be kept."))
    elif isinstance(value, dict):
        for name, one in value.items():
            _judge(name, depth)
            _judge(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            _judge(one, depth + 1)


def value_of(content: bytes) -> Any:
    """One JSON value. Raises Unreadable."""
    if content.startswith(b"\xef\xbb\xbf"):
        raise Unreadable(_("The file begins with a byte order mark (BOM): save it as UTF-8 without one."))
    try:
        value = _DECODER.decode(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Unreadable(_("This is not UTF-8. 1C writes cp1251 by default: choose UTF-8.")) from error
    except RecursionError as error:
        raise Unreadable(_("It is nested too deeply.")) from error
    except ValueError as error:
        raise Unreadable(_("This is no JSON.")) from error
    _judge(value)
    return value


def lines(file: IO[bytes], *, longest: int) -> Iterator[tuple[int, Any]]:
    """(number, value) of each line of a JSON lines file; empty lines are passed over. Never more than one line in
    memory. Raises Unreadable."""
    number = 0
    while True:
        content = file.readline(longest + 2)
        if not content:
            return
        number += 1
        if len(content.rstrip(b"\r\n")) > longest:
            raise Unreadable(_("The line is longer than %(limit)d KB.") % {"limit": longest // 1024}, number)
        if not content.strip():
            continue
        try:
            yield number, value_of(content.strip(b" \t\r\n"))
        except Unreadable as error:
            error.line = number
            raise

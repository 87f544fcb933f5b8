"""Bytes from outside → JSON values of one meaning (core/strict_json.py), or a refusal that names the line. Pure (A62).

There is no XML in this exchange at all (A61), no byte order mark, and no number with a fraction, which two programs
round differently.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provodnik.core.strict_json import Fault, NotStrict, Reader

DEEPEST = 6
Words = str | Promise
_reader = Reader(deepest=DEEPEST, digits=17, largest=10**17, fractions=False)
_WORDS: dict[Fault, Words] = {
    Fault.TWICE: _("A name stands twice in one object."),
    Fault.CONSTANT: _("NaN and Infinity are no JSON."),
    Fault.FRACTION: _('A number with a fraction must stand in quotation marks: "18.67".'),
    Fault.LARGE: _("A number is too large."),
    Fault.DEEP: _("It is nested too deeply."),
    Fault.IMPOSSIBLE: _("It holds a character that cannot be kept."),
    Fault.NOT_UTF8: _("This is not UTF-8. 1C writes cp1251 by default: choose UTF-8."),
    Fault.NOT_JSON: _("This is no JSON."),
}


class Unreadable(Exception):
    """The bytes have no single meaning. `line`: of the file, from 1; 0 where there are no lines."""

    def __init__(self, words: Words, line: int = 0) -> None:
        super().__init__(words)
        self.words, self.line = words, line


def value_of(content: bytes) -> Any:
    """One JSON value. Raises Unreadable."""
    if content.startswith(b"\xef\xbb\xbf"):
        raise Unreadable(_("The file begins with a byte order mark (BOM): save it as UTF-8 without one."))
    try:
        return _reader.read(content)
    except NotStrict as error:
        raise Unreadable(_WORDS[error.fault]) from error


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

"""Small rules about text that came from outside."""

from __future__ import annotations

import re
from typing import Any

LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3 less its brackets

# PostgreSQL refuses NUL in text; lone surrogates cannot be encoded as UTF-8 at all.
_IMPOSSIBLE = re.compile("[\x00\ud800-\udfff]")
# Controls, and marks that nobody sees: zero-width, joiners, direction, soft hyphens, language tags (Unicode Cc, Cf).
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_LINE_BREAKS = re.compile(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")


def storable(text: str) -> str:
    """The text without what PostgreSQL cannot store."""
    return _IMPOSSIBLE.sub("\ufffd", text)


def storable_json(value: Any) -> Any:
    """A JSON value with every text in it storable: jsonb refuses what text columns refuse."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(name)): storable_json(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(one) for one in value]
    return value


def without_unseen(text: str) -> str:
    """The text without characters that hide what it is: «.htaccess» behind a zero-width space, «gpj.exe» turned round
    (safety A11, A21). Judge a name after this, never before it."""
    return _UNSEEN.sub("", text)


def one_line(text: str, limit: int) -> str:
    """The text on one line, at most `limit` characters, with an ellipsis where it was cut."""
    line = _LINE_BREAKS.sub(" ", storable(text)).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


# What a spreadsheet takes for the beginning of a formula, with its full-width twins, behind whatever it skips (A63).
_FORMULA = re.compile(r"^[\s\u200b\ufeff\u00a0]*[=+\-@\t\r＝＋－＠|%]")


def formula_safe(text: str) -> str:
    """For a cell of CSV, which has no types: an apostrophe before what would be read as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text

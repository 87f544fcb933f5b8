"""Whom a note names: @login. A plain function over text."""

from __future__ import annotations

import re

MOST = 20  # people of one note
# bounded pieces: no text makes the search slow; a login may be an e-mail address
_MENTION = re.compile(r"(?<![\w@.])@([\w.+-]{1,150}(?:@[\w.-]{1,150})?)")


def logins_in(text: str) -> list[str]:
    """Logins in the order they are named, in lower case, each once; with and without the dots at the end of one, which
    may be those of the sentence."""
    found: dict[str, None] = {}
    for match in _MENTION.finditer(text):
        word = match[1].lower()
        found.setdefault(word)
        found.setdefault(word.rstrip(".-+"))
        if len(found) >= 2 * MOST:
            break
    return [login for login in found if login]

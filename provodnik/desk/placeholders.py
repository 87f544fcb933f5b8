"""Placeholders of prepared answers: a closed list of words in braces, put in by plain substitution.

No template engine and no second pass: a value that itself looks like a placeholder stays what it is (safety A64).
`{{` and `}}` are a brace as such. A placeholder without a value stays in the text, for its writer to see.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provodnik.core.text import one_line

# name → how it is written between braces, and what it becomes
PLACEHOLDERS: Mapping[str, tuple[Promise, Promise]] = {
    "number": (_("request number"), _("the request's number")),
    "subject": (_("request subject"), _("what the request is about")),
    "name": (_("requester name"), _("the requester's full name")),
    "first": (_("requester first name"), _("the requester's first name and patronymic")),
    "customer": (_("customer name"), _("the customer's name")),
    "status": (_("request status"), _("where the request stands")),
    "priority": (_("request priority"), _("its priority")),
    "due": (_("request deadline"), _("until when it will be done")),
    "subsystem": (_("request section"), _("the section of the portal")),
    "assignee": (_("request specialist"), _("who works on the request")),
    "me": (_("own name"), _("the name of whoever answers")),
    "link": (_("request link"), _("the address of the request, for who can sign in")),
}
LONGEST_VALUE = 300
_BRACES = re.compile(r"\{\{|\}\}|\{([^{}\n]{1,60})\}")


def _names() -> dict[str, str]:
    """How each is written, in small letters, → its name."""
    return {_plain(str(written)): name for name, (written, _meaning) in PLACEHOLDERS.items()}


def _plain(written: str) -> str:
    return " ".join(written.replace("\u00a0", " ").casefold().split())


def unknown(text: str) -> list[str]:
    """What stands in braces and is no placeholder, as it is written, each once."""
    names = _names()
    found = [match[0] for match in _BRACES.finditer(text) if match[1] is not None and _plain(match[1]) not in names]
    return list(dict.fromkeys(found))


def left_in(text: str) -> list[str]:
    """Placeholders that are still in a text, as they are written."""
    names = _names()
    found = [match[0] for match in _BRACES.finditer(text) if match[1] is not None and _plain(match[1]) in names]
    return list(dict.fromkeys(found))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with the values in their places. `values`: by the names of PLACEHOLDERS; an empty one is left out."""
    names = _names()

    def put(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][0]
        value = values.get(names.get(_plain(match[1]), ""), "")
        return one_line(value, LONGEST_VALUE) or match[0]

    return _BRACES.sub(put, text)


def first_names(full_name: str) -> str:
    """«Александра Вячеславовна» of «Константинопольская-Рождественская Александра Вячеславовна»; a name of one word
    as it is."""
    words = full_name.split()
    return " ".join(words[1:3]) if len(words) > 1 else full_name.strip()


def explained() -> list[tuple[str, str]]:
    """Each as it is written in a text, and what it becomes."""
    return [(f"{{{written}}}", str(meaning)) for written, meaning in PLACEHOLDERS.values()]

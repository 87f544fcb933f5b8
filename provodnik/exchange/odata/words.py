"""What became of a set, in words: for the administrator's page, the journal and doctor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from provodnik.exchange.odata.sets import SETS, choice_of

TROUBLES: Mapping[str, Any] = {
    # of the whole base
    "address": _("This is no address that can be asked."),
    "forbidden": _("This address is never asked: it belongs to the machine itself, not to a service."),
    "no_such_host": _("There is no host of this name."),
    "no_connection": _("Nobody answers at this address."),
    "tls": _("The certificate is not trusted: give the authority that has signed it, or look at its name and date."),
    "elsewhere": _("1C sends to another address: write down the one where it is published."),
    "password": _("1C did not accept the user or the password."),
    "sealed": _("The password cannot be read any more: type it once more."),
    "overtime": _("There was not enough time for everything."),
    "nothing": _("Something answers, but it is no OData of 1C: look at the address."),
    "empty_reading": _("1C has told nothing that could be taken."),
    "gave_up": _("The reading was broken off, and another one was begun."),
    # of one set
    "closed": _("not opened in 1C"),
    "absent": _("not opened in 1C"),
    "rights": _("the user may not read it"),
    "fields": _("its fields are called otherwise in this release"),
    "server": _("1C broke down over it"),
    "answer": _("1C gave an unknown answer"),
    "late": _("no answer in time"),
    "broken": _("the connection broke"),
    "too_large": _("a page is larger than 16 MB"),
    "unreadable": _("the answer is no JSON of OData"),
    "repeats": _("1C repeats the same page"),
    "endless": _("there is no end to its pages"),
    "half": _("it came in part: the rows are fewer than 1C has counted"),
    "not_asked": _("not asked any more"),
    "empty": _("it is empty: perhaps the user may not see the rows"),
}


def trouble(code: str) -> str:
    return str(TROUBLES.get(code, TROUBLES["answer"]))


def set_title(name: str) -> tuple[str, str]:
    """(what it is for people, what it is called in 1C)."""
    return (str(choice_of(name)), SETS[name].name) if name in SETS else (str(_("Objects")), "")


def note_of(note: Mapping[str, Any]) -> str:
    """A line of `Batch.notes` in words: {"set", "code", "rows"}."""
    if note["code"] == "passed":
        rows = int(note["rows"])
        return ngettext(
            "%(rows)d row says nothing that could be taken: a reference is empty, or two values contradict.",
            "%(rows)d rows say nothing that could be taken: a reference is empty, or two values contradict.",
            rows,
        ) % {"rows": rows}
    return trouble(str(note["code"]))


def is_lack(note: Mapping[str, Any]) -> bool:
    """Whether a whole set is missing, not some of its rows."""
    return bool(note["code"] != "passed")


def notes_of(notes: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """(what, its name in 1C, what became of it) for the journal; sets that are missing first."""
    rows = sorted(notes, key=lambda note: not is_lack(note))
    return [(*set_title(str(note["set"])), note_of(note)) for note in rows]

"""An act of erasure as the order of Roskomnadzor No. 179 of 28.10.2022 asks for it: the act (points 2 and 3), and the
extract of the journal of events beside it (point 5: whose data, which categories, of which system, why, when). Nothing
here is on paper carriers, so no sheets are counted. Both are kept for three years (point 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from provodnik.core.models import ErasureAct
from provodnik.desk import act_words
from provodnik.ui.text import full_day, full_moment

MOST_LINES = 300  # of the extract on paper; the table has all


def categories(act: ErasureAct) -> list[str]:
    """Categories of data that went, by what was counted."""
    counts = act.counts
    found = []
    if counts.get("person"):
        found.append(_("Card and account: name, login, e-mail, phone, position, organisation, sessions and devices"))
    if counts.get("requests"):
        found.append(_("Names, addresses and letters in requests: %(count)d") % {"count": counts["requests"]})
    if counts.get("messages"):
        found.append(_("Texts of messages: %(count)d") % {"count": counts["messages"]})
    if counts.get("files"):
        found.append(_("Attached files: %(count)d") % {"count": counts["files"]})
    letters = sum(counts.get(name, 0) for name in ("letters", "sent", "strays"))
    if letters:
        found.append(_("Letters in and out: %(count)d") % {"count": letters})
    if counts.get("journal"):
        found.append(_("Lines of the journal of events: %(count)d") % {"count": counts["journal"]})
    return found or [_("Nothing was found to erase.")]


def paper(act: ErasureAct, typed: Mapping[str, Any], *, system: str) -> dict[str, Any]:
    """What the template sets. `typed`: the fields of forms.ActForm."""
    whom = str(typed["person"]) or _("card of a contact No. %(number)s") % {"number": act.asked.get("contact", "—")}
    ended = act.ended_at or act.begun_at
    title = _("Act No. %(number)d of destroying personal data") % {"number": act.pk}
    reason = act.reason or act_words.heading(act)
    of_both: Sequence[tuple[str, str]] = [
        (_("Whose data"), whom),
        (_("Information system"), system),
        (_("Reason of destroying"), f"{act_words.heading(act)}. {reason}" if act.reason else reason),
        (_("Date of destroying"), full_day(ended)),
    ]
    processor = [(_("Processed for the operator by"), str(typed["processor"]))] if typed["processor"] else []
    facts: Sequence[tuple[str, str]] = [
        (_("Operator"), str(typed["operator"])),
        (_("Address of the operator"), str(typed["address"])),
        *processor,
        *of_both,
        (_("Begun and ended"), f"{full_moment(act.begun_at)} — {full_moment(ended)}"),
        (
            _("Way of destroying"),
            _("Overwritten and removed in the database, files removed from the disk, by the program"),
        ),
    ]
    lines, more = _lines(act)
    return {
        "title": title,
        "facts": [list(one) for one in facts],
        "extract": [list(one) for one in of_both],
        "categories": categories(act),
        "responsible": list(typed["responsible"]),
        "lines": lines,
        "more": more,
        "words": {
            "categories": _("Categories of data destroyed"),
            "copies": _(
                "Backups made before hold the data until they are removed by their rotation; after a restore of one "
                "of them the erasure is repeated by this act. The act and the extract are kept for three years."
            ),
            "signature": _("signature"),
            "journal": _("Extract of the journal of events of the information system"),
            "columns": [_("Date and time"), _("Record"), _("Categories"), _("How many")],
        },
    }


def _lines(act: ErasureAct) -> tuple[list[list[str]], str]:
    found: list[list[str]] = []
    for at, kept in act.steps.order_by("pk").values_list("at", "lines").iterator(chunk_size=50):
        for line in act_words.lines(act, kept):
            if len(found) == MOST_LINES:
                return found, _("The first %(count)d lines; the table of the act has all.") % {"count": MOST_LINES}
            found.append([full_moment(at), line.number or "—", line.what, line.counts])
    return found or [["—", "—", _("Nothing was found to erase."), ""]], ""

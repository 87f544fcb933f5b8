"""Slips on paper: eight on a page, with cut lines."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.core import paper
from provodnik.entry.actions.slips import Printed
from provodnik.entry.states import LASTS, Fact, grouped
from provodnik.people.models import Organisation
from provodnik.ui.text import full_day

TEMPLATE = Path(__file__).parent / "papers" / "slips.typ"


def _qr(address: str) -> bytes:
    kept = io.BytesIO()
    segno.make(address, error="m", micro=False).save(kept, kind="svg", border=0, xmldecl=False)
    return kept.getvalue()


def _asked(fact: str) -> str:
    if fact == Fact.SNILS:
        return _("Type the last four digits of your SNILS.")
    return _("Type your date of birth.")


def slips(organisation: Organisation, printed: Sequence[Printed], *, at: datetime) -> bytes:
    """A PDF."""
    short = settings.BASE_URL + reverse("entry:start")
    rows, pictures = [], {}
    for number, one in enumerate(printed):
        who, place = one.employment.person, one.employment
        pictures[f"q{number}.svg"] = _qr(settings.BASE_URL + reverse("entry:start_with", args=[one.code]))
        number_words = _("Personnel number %(number)s") % {"number": place.personnel_number}
        rows.append(
            {
                "picture": f"q{number}.svg",
                "name": who.full_name,
                "place": [number_words] if place.personnel_number else [],
                "unit": str(place.unit or ""),
                "code": grouped(one.code),
                "steps": [
                    _("Point the phone's camera at the picture, or open %(address)s and type the code.")
                    % {"address": short.split("://", 1)[-1].rstrip("/")},
                    _asked(one.fact),
                    _("Think up a password: you are in."),
                ],
            }
        )
    data = {
        "title": _("Slips of entry"),
        "heading": _("Entry to the employee's cabinet"),
        "organisation": str(organisation),
        "until": _("Good until %(day)s, once. Give it to nobody: whoever has it may get in for you.")
        % {"day": full_day(at + LASTS)},
        "rows": rows,
    }
    return paper.render(TEMPLATE, data, at=at, pictures=pictures)

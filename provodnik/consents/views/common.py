"""What these pages share."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from provodnik.consents.states import About
from provodnik.people.forms import number
from provodnik.people.models import Organisation
from provodnik.people.policies import houses_of
from provodnik.people.views.common import clock, frame_of, me, personnel

# Looks of the journal that a person reads among all looks at him.
PERSON, SCAN = "consents.person", "consents.scan"
__all__ = ["PERSON", "SCAN", "about_of", "chosen_house", "clock", "me", "page", "personnel"]


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    now, on = clock()
    return render(request, template, context | {"frame": frame_of(me(request)), "now": now, "on": on}, status=status)


def chosen_house(request: HttpRequest, given: str | None) -> tuple[Organisation, list[Organisation]]:
    """The organisation that was asked for, else his first; and all of his."""
    mine = list(houses_of(me(request)))
    if not given:
        return next((one for one in mine if one.is_active), mine[0]), mine
    found = next((one for one in mine if one.pk == number(given)), None)
    if found is None:
        raise Http404
    return found, mine


def about_of(given: str | None) -> About:
    return About(given) if given in list(About) else About.DATA

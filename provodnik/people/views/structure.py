"""The chart: organisations, branches that load when they are opened, a page for each unit."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from provodnik.people.forms import number
from provodnik.people.models import Unit
from provodnik.people.policies import may_keep
from provodnik.people.queries import directory, structure
from provodnik.people.views.common import clock, frame_of, looking, me


@looking
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user = me(request)
    now, on = clock()
    trees = structure.trees(user, now=now, on=on)
    return render(request, "people/structure.html", {"trees": trees, "frame": frame_of(user), "now": now})


@looking
@require_safe
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    """A unit with its people and the units under it."""
    return _shown(request, pk, "people/unit.html")


@looking
@require_safe
def branch(request: HttpRequest, pk: int) -> HttpResponse:
    """What opens under a unit of the chart. Without htmx it is the unit's page."""
    return _shown(request, pk, "people/_branch.html" if request.htmx else "people/unit.html")  # type: ignore[attr-defined]


def _shown(request: HttpRequest, pk: int, template: str) -> HttpResponse:
    user, after = me(request), number(request.GET.get("after"))
    now, on = clock()
    try:
        found = structure.branch(user, pk, now=now, on=on)
    except Unit.DoesNotExist as error:
        raise Http404 from error
    page = directory.people_of(user, pk, now=now, on=on, after=after)
    context = {"branch": found, "page": page, "frame": frame_of(user), "now": now, "later": after is not None}
    if template == "people/unit.html":
        context["may_keep"] = bool(may_keep(user, found.unit.organisation_id))
    return render(request, template, context)

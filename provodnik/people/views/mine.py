"""One's own: the way to one's page, the place of work one acts for, who looked at one's data."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from provodnik.people.forms import number
from provodnik.people.models import Person
from provodnik.people.places import choose
from provodnik.people.queries import looks as queries
from provodnik.people.queries.person import person_of
from provodnik.people.views.common import clock, frame_of, me


def _own(request: HttpRequest) -> Person:
    person = person_of(me(request))
    if person is None:
        raise Http404
    return person


@login_required
@require_safe
def me_page(request: HttpRequest) -> HttpResponse:
    return redirect("people:person", _own(request).pk)


@login_required
@require_safe
def looks(request: HttpRequest) -> HttpResponse:
    """Who looked at my data."""
    page = queries.page(_own(request), number(request.GET.get("before")))
    return render(
        request,
        "people/looks.html",
        {"page": page, "frame": frame_of(me(request)), "now": clock()[0], "later": "before" in request.GET},
    )


@login_required
@require_POST
def place(request: HttpRequest) -> HttpResponse:
    """Act for another of one's places of work."""
    _own(request)
    if not choose(request, number(request.POST.get("place")), on=clock()[1]):
        raise Http404
    return redirect("people:me")

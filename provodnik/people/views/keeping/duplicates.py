"""One human, two cards: who may have been written down twice, both cards side by side, joining them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from provodnik.accounts import journal
from provodnik.core.decisions import Refused
from provodnik.people import joining
from provodnik.people.actions import joining as actions
from provodnik.people.forms import number
from provodnik.people.models import Employment, Person
from provodnik.people.policies import may_join, personnel_of
from provodnik.people.queries import card as cards
from provodnik.people.queries import duplicates as queries
from provodnik.people.queries import looks
from provodnik.people.views.common import clock, me
from provodnik.people.views.keeping.common import page
from provodnik.people.views.keeping.requests import personnel


@personnel
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    houses = list(personnel_of(me(request)).values_list("organisation_id", flat=True))
    found = queries.pairs(houses, number(request.GET.get("after")) or 0)
    return page(request, "people/keeping/duplicates.html", None, {"found": found})


@personnel
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """`other` is joined into `pk`. Both cards are shown before: each look is told."""
    user = me(request)
    now, on = clock()
    people = Person.objects.select_related("user").in_bulk([pk, other])
    if len(people) < 2 or not may_join(user, people[pk], people[other], on=on):
        raise Http404
    if request.method == "POST":
        try:
            kept = actions.join(pk, other, by=user, at=now, on=on)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("people:join", pk, other)
        messages.success(request, _("The two cards are one now."))
        return redirect("people:card", kept.pk)
    sides = []
    for one in (people[pk], people[other]):
        if one.user_id != user.pk and request.method == "GET":
            journal.looked(user, looks.CARD, one.pk, at=now)
        places = Employment.objects.filter(person=one).select_related("organisation", "unit", "position")
        sides.append((one, cards.card(one), list(places.order_by("-starts_on", "pk")[:20])))
    decision = joining.may_be_one(actions.known(people[pk]), actions.known(people[other]))
    context = {"sides": sides, "decision": decision, "keep": people[pk], "drop": people[other]}
    return page(request, "people/keeping/join.html", None, context)

"""A person's page, and the card behind it that only he and his personnel see."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.accounts import journal
from provodnik.core.decisions import Refused
from provodnik.core.parts import parts
from provodnik.people.actions import persons
from provodnik.people.forms import CorrectForm
from provodnik.people.models import Person
from provodnik.people.places import current_place
from provodnik.people.policies import may_correct, may_see_card, works_here
from provodnik.people.queries import card as cards
from provodnik.people.queries import looks
from provodnik.people.queries import person as queries
from provodnik.people.queries.leave import leave_of
from provodnik.people.queries.person import places_of
from provodnik.people.queries.states import worst
from provodnik.people.views.common import clock, frame_of, me


def _shown(request: HttpRequest, pk: int) -> queries.Shown:
    now, on = clock()
    try:
        return queries.shown(me(request), pk, now=now, on=on)
    except Person.DoesNotExist as error:
        raise Http404 from error


def _beside(slot: str, *asked: object) -> list[tuple[str, str, str, str]]:
    """Ways to what higher parts keep of a person: (words, hint, address, icon)."""
    return [way for part in parts() if slot in part.extra for way in part.extra[slot](*asked)]


@login_required
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    found, user = _shown(request, pk), me(request)
    now, on = clock()
    context = {
        "shown": found,
        "who": found.person,
        "is_me": found.person.user_id == user.pk,
        "may_see_card": may_see_card(user, found.person, on=on),
        "several": len(found.places) > 1,
        "now_away": worst(place.away for place in found.places if place.is_current),
        "frame": frame_of(user),
        "now": now,
    }
    if found.person.user_id == user.pk:
        context |= {"switch": places_of(user, on=on), "here": current_place(request, on=on)}
        here = [place.employment for place in found.places if place.is_current]
        days = leave_of(here, on=on)
        context["leave"] = [(place, days[place.pk]) for place in here]
        context["beside"] = _beside("beside_me", user)
    elif context["may_see_card"]:
        context["beside"] = _beside("beside_person", user, found.person.pk)
    return render(request, "people/person.html", context)


@login_required
@require_safe
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """What the installation knows of a person. A look of personnel is written down and told to him."""
    found, user = _shown(request, pk), me(request)
    now, on = clock()
    if not may_see_card(user, found.person, on=on):
        raise Http404
    is_me = found.person.user_id == user.pk
    if not is_me and request.method == "GET":
        journal.looked(user, looks.CARD, found.person.pk, at=now)
    context = {
        "shown": found,
        "who": found.person,
        "card": cards.card(found.person),
        "is_me": is_me,
        "may_correct": may_correct(user, found.person, on=on),
        "works_here": is_me and works_here(user),
        "frame": frame_of(user),
        "now": now,
    }
    return render(request, "people/card.html", context)


def _theirs(request: HttpRequest, pk: int) -> Person:
    """Somebody whom the asker may correct."""
    found = _shown(request, pk).person
    if not may_correct(me(request), found, on=clock()[1]):
        raise Http404
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    who, user = _theirs(request, pk), me(request)
    now, on = clock()
    form = CorrectForm(request.POST) if request.method == "POST" else CorrectForm.of(who)
    if request.method == "POST" and form.is_valid():
        try:
            verdict = persons.correct(who.pk, form.values(), by=user, at=now, on=on)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            if verdict.changed:
                messages.success(request, _("Corrected. No exchange will change it back by itself."))
            return redirect("people:card", who.pk)
    context = {"who": who, "form": form, "frame": frame_of(user), "now": now}
    return render(request, "people/correct.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def follow(request: HttpRequest, pk: int, field: str) -> HttpResponse:
    """Give a corrected field back to the exchange."""
    who = _theirs(request, pk)
    now, on = clock()
    try:
        persons.follow_exchange(who.pk, field, by=me(request), at=now, on=on)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("people:card", who.pk)

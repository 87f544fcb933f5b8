"""Personnel: who has given, who has not, ticks and a day; one person with his scan."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.consents import words
from provodnik.consents.actions import marking as actions
from provodnik.consents.forms import MarkForm, ticked
from provodnik.consents.policies import may_mark, visible_people
from provodnik.consents.queries import listing
from provodnik.consents.states import About
from provodnik.consents.views.common import about_of, chosen_house, clock, me, page, personnel
from provodnik.consents.words import LISTS
from provodnik.core.decisions import Refused
from provodnik.entry.queries.candidates import units
from provodnik.people.forms import number
from provodnik.people.models import Employment, Organisation, Unit
from provodnik.people.policies import houses_of


@personnel
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return _listed(request)


def _listed(request: HttpRequest, wrong: MarkForm | None = None) -> HttpResponse:
    """The list that the address asks for; after a wrong form the same, with what was ticked."""
    given = request.POST if request.method == "POST" else request.GET
    house, mine = chosen_house(request, given.get("organisation"))
    about, on = about_of(given.get("about")), clock()[1]
    which = given.get("list", "")
    which = which if which in listing.LISTS else "missing"
    typed = " ".join(given.get("q", "").replace("\0", " ")[:100].split())
    unit = Unit.objects.filter(organisation=house, pk=number(given.get("unit")) or 0).first()
    edition = listing.newest(house, about, on=on)
    found = listing.page(
        me(request), house, about, which, edition, on=on, typed=typed, unit=unit, after=number(given.get("after"))
    )
    kept = {"organisation": house.pk, "about": about.value, "list": which, "q": typed, "unit": unit.pk if unit else ""}
    kept = {name: value for name, value in kept.items() if value}
    texts = listing.editions(house, about)
    form = wrong or MarkForm(texts, initial={"edition": edition.pk if edition else None, "given_on": on})
    numbers = listing.counts(house, about, edition, on=on)
    context = {
        "found": found, "house": house, "houses": mine, "which": which, "about": about.value, "edition": edition,
        "texts": texts, "form": form, "kept": kept, "typed": typed, "unit": unit, "is_marking": which in ("missing",
        "older") and bool(texts), "ticks": set(ticked(request)) if wrong else set(),
        "units": [(one, "\u2003" * (len(one.path) - 1)) for one in units(house)],
        "kinds": [(one.value, words.SHORT[one.value]) for one in About],
        "chips": [(name, label, numbers[name]) for name, label in LISTS],
        "base": urlencode({"organisation": house.pk, "about": about.value}),
        "more": f"?{urlencode(kept | {'after': found.after})}" if found.after else "",
        "hint": words.HINTS[about.value], "norm": words.NORMS[about.value],
    }  # fmt: skip
    return page(request, "consents/index.html", context, status=422 if wrong else 200)


@personnel
@require_POST
def mark_many(request: HttpRequest) -> HttpResponse:
    house, _mine = chosen_house(request, request.POST.get("organisation"))
    form = MarkForm(listing.editions(house, about_of(request.POST.get("about"))), request.POST)
    if not form.is_valid():
        return _listed(request, form)
    now, on = clock()
    try:
        row = actions.mark_many(
            form.cleaned_data["edition"], form.cleaned_data["given_on"], ticked(request),
            key=form.cleaned_data["key"], by=me(request), at=now, on=on,
        )  # fmt: skip
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return _listed(request, form)
    kept = {name: request.POST.get(name, "") for name in ("organisation", "about", "list", "q", "unit")}
    return redirect(f"{reverse('consents:marked', args=[row.key])}?{urlencode(kept)}")


@personnel
@require_safe
def marked(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """What became of each who was ticked."""
    row = listing.marking(key, list(houses_of(me(request))))
    if row is None:
        raise Http404
    names = ("organisation", "about", "list", "q", "unit")
    kept = {name: value for name in names if (value := request.GET.get(name, "")[:100])}
    back = kept or {"organisation": str(row.organisation_id), "about": row.edition.about}
    context = {"row": row, "lines": listing.verdicts(row), "back": urlencode(back)}
    return page(request, "consents/marked.html", context)


@personnel
@require_http_methods(["GET", "HEAD", "POST"])
def mark_one(request: HttpRequest, pk: int) -> HttpResponse:
    """One person, with the scan."""
    user, given = me(request), request.POST if request.method == "POST" else request.GET
    who = visible_people(user).filter(pk=pk).first()
    if who is None:
        raise Http404
    theirs = _theirs(request, pk)
    house = next((one for one in theirs if one.pk == number(given.get("organisation"))), theirs[0])
    about = about_of(given.get("about"))
    texts, (now, on) = listing.editions(house, about), clock()
    edition = listing.newest(house, about, on=on)
    judged = may_mark(user, who, house.pk)
    form = MarkForm(texts, scans=True, initial={"edition": edition.pk if edition else None, "given_on": on})
    if request.method == "POST":
        form = MarkForm(texts, request.POST, request.FILES, scans=True)
        if form.is_valid():
            data = form.cleaned_data
            try:
                row = actions.mark(
                    who.pk, data["edition"], data["given_on"], data["files"], key=data["key"], by=user, at=now, on=on
                )
                return redirect("consents:show", row.pk)
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, str(refused))
    context = {
        "who": who, "house": house, "about": about.value, "form": form, "texts": texts, "judged": judged,
        "what": words.ABOUT[about.value],
    }  # fmt: skip
    return page(request, "consents/mark.html", context, status=422 if form.is_bound else 200)


def _theirs(request: HttpRequest, person: int) -> list[Organisation]:
    """Organisations of the reader where the person works or worked, those of today first."""
    on = clock()[1]
    rows = Employment.objects.filter(person_id=person, organisation__in=houses_of(me(request)))
    places = sorted(rows.select_related("organisation"), key=lambda place: (not place.is_current(on), place.pk))
    return list({place.organisation_id: place.organisation for place in places}.values())

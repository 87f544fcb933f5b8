"""Texts that people sign: read by who signs them, kept by personnel."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.consents import words
from provodnik.consents.actions import editions as actions
from provodnik.consents.forms import EditionForm, MendForm
from provodnik.consents.models import Edition
from provodnik.consents.policies import kept_editions, readable_editions
from provodnik.consents.queries import listing
from provodnik.consents.states import About
from provodnik.consents.views.common import about_of, chosen_house, clock, me, page, personnel
from provodnik.core.decisions import Refused


@login_required
@require_safe
def text(request: HttpRequest, pk: int) -> HttpResponse:
    row = readable_editions(me(request)).select_related("organisation").filter(pk=pk).first()
    if row is None:
        raise Http404
    context = {"row": row, "what": words.ABOUT[row.about], "keeps": kept_editions(me(request)).filter(pk=pk).exists()}
    return page(request, "consents/text.html", context)


@personnel
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    house, mine = chosen_house(request, request.GET.get("organisation"))
    rows = listing.editions(house)
    signed, on = listing.signed(rows), clock()[1]
    groups = []
    for about in About:
        of = [row for row in rows if row.about == about.value]
        now = next((row.pk for row in of if row.since <= on), None)
        groups.append((about.value, [(row, row.pk == now, row.pk in signed) for row in of]))
    return page(request, "consents/editions.html", {"house": house, "houses": mine, "groups": groups})


def _form(request: HttpRequest, form: EditionForm, row: Edition | None, house: int) -> HttpResponse:
    context = {"form": form, "row": row, "house": house}
    return page(request, "consents/edition.html", context, status=422 if form.is_bound else 200)


@personnel
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    house, _mine = chosen_house(request, given.get("organisation"))
    now, on = clock()
    if request.method != "POST":
        initial = {"about": about_of(given.get("about")).value, "since": on}
        return _form(request, EditionForm(initial=initial), None, house.pk)
    form = EditionForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            actions.make_edition(
                house.pk, About(data["about"]), data["name"], data["text"], data["since"], key=data["key"],
                by=me(request), at=now,
            )  # fmt: skip
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("The edition is kept. Employees read it in the cabinet."))
            return redirect(f"{reverse('consents:editions')}?organisation={house.pk}")
    return _form(request, form, None, house.pk)


def _kept(request: HttpRequest, pk: int) -> Edition:
    row = kept_editions(me(request)).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@personnel
@require_http_methods(["GET", "HEAD", "POST"])
def mend(request: HttpRequest, pk: int) -> HttpResponse:
    row = _kept(request, pk)
    if request.method != "POST":
        if listing.signed([row]):
            return redirect("consents:text", row.pk)
        return _form(request, MendForm(initial={"name": row.name, "since": row.since, "text": row.text}), row,
                     row.organisation_id)  # fmt: skip
    form = MendForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            actions.mend_edition(row.pk, data["name"], data["text"], data["since"], by=me(request), at=clock()[0])
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{reverse('consents:editions')}?organisation={row.organisation_id}")
    return _form(request, form, row, row.organisation_id)


@personnel
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    row = _kept(request, pk)
    try:
        actions.remove_edition(row.pk, by=me(request), at=clock()[0])
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The edition is removed."))
    return redirect(f"{reverse('consents:editions')}?organisation={row.organisation_id}")

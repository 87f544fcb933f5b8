"""Reconciliation and thresholds for personnel, bases for administrators, the published schema."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.accounts.journal import looked_at_each
from provodnik.core.decisions import Refused
from provodnik.exchange import contract, policies
from provodnik.exchange.actions import deciding
from provodnik.exchange.actions.receiving import folder_of
from provodnik.exchange.forms import BaseForm, LimitForm
from provodnik.exchange.models import Base, Limit
from provodnik.exchange.models.bases import GIVES
from provodnik.exchange.queries import journal, reconcile
from provodnik.exchange.views.common import administrators, me, number, page, personnel
from provodnik.people.models import Organisation

SECTIONS: dict[str, tuple[Any, Any]] = {
    "people": (
        gettext_lazy("People"),
        gettext_lazy("Personnel: give the field back to the exchange on the card, or set 1C right."),
    ),
    "places": (
        gettext_lazy("Places of work"),
        gettext_lazy("Personnel: set 1C right; the portal keeps what a hand has written."),
    ),
    "structure": (gettext_lazy("Structure"), gettext_lazy("Personnel: move or rename it in 1C, too.")),
    "unheard": (
        gettext_lazy("1C is silent about them"),
        gettext_lazy("Who keeps the payroll base: is it a dismissal that was not sent? Silence dismisses nobody."),
    ),
    "shared": (
        gettext_lazy("One phone or e-mail for two"),
        gettext_lazy("Personnel: ask them; spouses may share a phone, but nobody signs in by it."),
    ),
}


@personnel
@require_safe
def differences(request: HttpRequest) -> HttpResponse:
    """«Сверка портал ↔ ЗУП»."""
    houses = policies.houses(me(request))
    what = request.GET.get("what", "")
    what = what if what in SECTIONS else "people"
    counts = reconcile.counts(houses)
    found = reconcile.SECTIONS[what](houses, number(request, "after") or 0)
    if what in reconcile.OF_PEOPLE and request.method == "GET":
        seen = reconcile.others(found.rows, me(request))
        looked_at_each(me(request), reconcile.LOOK, seen, at=timezone.now())
    chips = [
        (name, label, counts.get(name, found.total if name == what else "")) for name, (label, _who) in SECTIONS.items()
    ]
    context = {"found": found, "what": what, "chips": chips, "who": SECTIONS[what][1]}
    return page(request, "exchange/differences.html", context)


@personnel
@require_safe
def limits(request: HttpRequest) -> HttpResponse:
    return _limits(request)


def _limits(request: HttpRequest, bound: LimitForm | None = None) -> HttpResponse:
    houses = Organisation.objects.filter(pk__in=policies.houses(me(request)))
    kept = {limit.organisation_id: limit for limit in Limit.objects.filter(organisation__in=houses)}
    rows = []
    for house in houses:
        limit = kept.get(house.pk) or Limit(organisation=house)
        prefix = str(house.pk)
        form = bound if bound is not None and bound.prefix == prefix else LimitForm(instance=limit, prefix=prefix)
        rows.append((house, form, limit))
    return page(request, "exchange/limits.html", {"rows": rows}, status=422 if bound is not None else 200)


@personnel
@require_POST
def limit(request: HttpRequest, pk: int) -> HttpResponse:
    """The thresholds of one organisation."""
    user = me(request)
    house = get_object_or_404(Organisation, pk=pk)
    if not policies.may_limit(user, house.pk):
        raise Http404
    form = LimitForm(request.POST, instance=Limit(organisation=house), prefix=str(pk))
    if not form.is_valid():
        return _limits(request, form)
    deciding.set_limit(house, **form.cleaned_data, by=user, at=timezone.now())
    messages.success(request, _("Saved."))
    return redirect("exchange:limits")


@administrators
@require_http_methods(["GET", "HEAD", "POST"])
def bases(request: HttpRequest) -> HttpResponse:
    """Bases of 1C; a key that was just made is shown in this very answer, once."""
    user, key = me(request), ""
    form = BaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            base, key = deciding.make_base(**form.cleaned_data, by=user, at=timezone.now())
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            folder_of(base).mkdir(parents=True, exist_ok=True)
            return _bases(request, BaseForm(), key=key, made=base)
    return _bases(request, form, status=422 if form.is_bound and form.errors else 200)


def _bases(
    request: HttpRequest, form: BaseForm, *, key: str = "", made: Base | None = None, status: int = 200
) -> HttpResponse:
    rows = [(base, last, str(folder_of(base))) for base, last in journal.bases(me(request))]
    context = {"form": form, "rows": rows, "key": key, "made": made, "ways": GIVES}
    return page(request, "exchange/bases.html", context, status=status)


@administrators
@require_POST
def new_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Another key for a base; the old one is worth nothing from now on."""
    found = get_object_or_404(Base, pk=pk)
    base, key = deciding.new_key(found.pk, by=me(request), at=timezone.now())
    return _bases(request, BaseForm(), key=key, made=base)


@administrators
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Base, pk=pk)
    deciding.switch(found.pk, on=request.POST.get("on") == "1", by=me(request), at=timezone.now())
    return redirect("exchange:bases")


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """The contract as JSON Schema: for programs, without sign-in; it holds no word about anybody. `way=told`: what the
    portal tells 1C."""
    told = request.GET.get("way") == "told"
    found = contract.schema(contract.TOLD, "told") if told else contract.schema()
    answer = JsonResponse(found, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Type"] = "application/schema+json; charset=utf-8"
    return answer

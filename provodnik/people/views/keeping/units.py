"""Units kept by hand: the tree, one unit with everything that may be done to it, its heads."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.core.decisions import Refused
from provodnik.people.actions import standing, structure
from provodnik.people.forms import HeadForm, UnitForm, number
from provodnik.people.models import Employment, Organisation, Unit
from provodnik.people.policies import may_keep
from provodnik.people.queries import directory
from provodnik.people.queries import houses as queries
from provodnik.people.states import Source
from provodnik.people.views.common import clock, me
from provodnik.people.views.keeping.common import house_of, keepers, page, typed_of

FOUND = 10


@keepers
@require_safe
def units(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole tree with heads."""
    return _units(request, house_of(request, pk), UnitForm())


def _units(request: HttpRequest, house: Organisation, form: UnitForm) -> HttpResponse:
    context = {
        "form": form,
        "rows": queries.units(house.pk, on=clock()[1]),
        "parents": queries.parents(house.pk),
        "may": bool(may_keep(me(request), house.pk)),
    }
    return page(request, "people/keeping/units.html", house, context, status=422 if form.errors else 200)


@keepers
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """A unit that 1C does not know."""
    house = house_of(request, pk, personnel=True)
    form = UnitForm(request.POST)
    if not form.is_valid():
        return _units(request, house, form)
    told = form.cleaned_data
    try:
        made = structure.add_unit(house.pk, told["name"], number(told["parent"]), by=me(request), at=clock()[0])
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return _units(request, house, form)
    messages.success(request, _("The unit is there. 1C does not know of it: tell it there, too."))
    return redirect("people:keep_unit", made.pk)


def _unit(request: HttpRequest, pk: int) -> Unit:
    unit = Unit.objects.select_related("organisation", "parent").filter(pk=pk).first()
    if unit is None or not may_keep(me(request), unit.organisation_id):
        raise Http404
    return unit


@keepers
@require_http_methods(["GET", "HEAD", "POST"])
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    """One unit: what it is called, where it stands, who heads it, whether it is there."""
    found, user = _unit(request, pk), me(request)
    now, on = clock()
    wrong = ""
    if request.method == "POST":
        steps: dict[str, Callable[[], object]] = {
            "rename": lambda: structure.rename_unit(found.pk, request.POST.get("name", ""), by=user, at=now),
            "move": lambda: structure.move_unit(found.pk, number(request.POST.get("parent")), by=user, at=now),
            "close": lambda: structure.close_unit(found.pk, by=user, at=now, on=on),
            "open": lambda: structure.reopen_unit(found.pk, by=user, at=now),
            "head": lambda: _head(request, found),
        }
        step = steps.get(request.POST.get("what", ""))
        try:
            if step is None:
                raise Refused(_("Say what is to be done."))
            step()
        except Refused as refused:
            wrong = str(refused)
        except Employment.DoesNotExist as error:
            raise Http404 from error
        else:
            messages.success(request, _("Done."))
            return redirect("people:keep_unit", found.pk)
        found = _unit(request, pk)
    typed = typed_of(request)
    house = found.organisation
    rows = directory.page(user, now=now, on=on, typed=typed, organisation=house.pk).rows[:FOUND] if typed else []
    context = {
        "unit": found,
        "parents": queries.parents(house.pk, without=found),
        "heads": queries.heads(found.pk),
        "head_form": HeadForm(initial={"since": on}),
        "wrong": wrong,
        "typed": typed,
        "found": rows,
    }
    return page(request, "people/keeping/unit.html", house, context, status=422 if wrong else 200)


def _head(request: HttpRequest, unit: Unit) -> None:
    form = HeadForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say from which day."), "since")
    employment = form.cleaned_data["employment"]
    if employment is None and request.POST.get("nobody") != "1":
        raise Refused(_("Choose who heads it."))
    since = form.cleaned_data["since"]
    standing.set_head(unit.pk, employment, since=since, source=Source.HAND, at=clock()[0], by=me(request))

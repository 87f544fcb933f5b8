"""Organisations: the list, the overview, the settings, the holidays of the region, the history."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.core.decisions import Refused
from provodnik.core.parts import parts
from provodnik.people.actions import houses as actions
from provodnik.people.forms import HolidayForm, HouseForm, number
from provodnik.people.models import RegionalHoliday, StaffMember
from provodnik.people.policies import may_give_roles, may_keep
from provodnik.people.queries import houses as queries
from provodnik.people.views.common import clock, me
from provodnik.people.views.keeping.common import house_of, keepers, page
from provodnik.ui import zones


@keepers
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    rows = queries.organisations(me(request), on=clock()[1])
    return page(request, "people/keeping/index.html", None, {"rows": rows})


@keepers
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """What is set, and the ways to everything that is kept of it."""
    house, user = house_of(request, pk), me(request)
    history, before = queries.events(house.pk, number(request.GET.get("before")))
    asked = [part.extra["beside_organisation"] for part in parts() if "beside_organisation" in part.extra]
    context = {
        "zone": zones.told(house.zone),
        "is_personnel": bool(may_keep(user, house.pk)),
        "gives_roles": bool(may_give_roles(user)),
        "nobody": not StaffMember.objects.filter(organisation=house).exists(),
        "ways": [way for tell in asked for way in tell(user, house.pk)],
        "history": history,
        "before": before,
    }
    return page(request, "people/keeping/organisation.html", house, context)


@keepers
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, pk: int) -> HttpResponse:
    house, user = house_of(request, pk), me(request)
    form = HouseForm.of(house, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_up(house.pk, form.cleaned_data, by=user, at=clock()[0])
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("Saved."))
            return redirect("people:organisation", house.pk)
    return page(request, "people/keeping/settings.html", house, {"form": form}, status=422 if form.errors else 200)


@keepers
@require_http_methods(["GET", "HEAD", "POST"])
def holidays(request: HttpRequest, pk: int) -> HttpResponse:
    """The region's own holidays; the production calendar is the installation's."""
    house, user = house_of(request, pk), me(request)
    now, on = clock()
    form = HolidayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            actions.add_holiday(house.pk, day=told["date"], name=told["name"], by=user, at=now)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            return redirect("people:holidays", house.pk)
    context = {"form": form, "rows": queries.holidays(house, since=on.replace(month=1, day=1))}
    return page(request, "people/keeping/holidays.html", house, context, status=422 if form.errors else 200)


@keepers
@require_POST
def remove_holiday(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    house = house_of(request, pk)
    try:
        actions.remove_holiday(house.pk, row, by=me(request), at=clock()[0])
    except RegionalHoliday.DoesNotExist as error:
        raise Http404 from error
    return redirect("people:holidays", house.pk)

"""Who is on duty, and who is away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.core.decisions import Refused
from provodnik.desk.actions.administration import teams as actions
from provodnik.desk.forms.administration.calendars import DAYS
from provodnik.desk.forms.administration.cycles import CycleForm
from provodnik.desk.forms.administration.teams import AbsenceForm, DutyDayForm, ShiftForm
from provodnik.desk.models import Absence, DutyCycle, DutyDay, DutyShift, Team
from provodnik.desk.queries import teams as queries
from provodnik.desk.views.administration.common import do, handle, me, organisers_only, paged, put

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@organisers_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The first team's duties; without teams, what to do first."""
    first = Team.objects.filter(is_active=True).first()
    if first is None:
        return render(request, "desk/assignment/duties.html", {"team": None, "teams": []})
    return redirect("assignment:duties_of", pk=first.pk)


@organisers_only
@require_safe
def team(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Team, pk=pk)
    rota = queries.rota(found, now=timezone.now())
    context = {
        "team": found,
        "teams": list(Team.objects.filter(is_active=True)),
        "rota": rota,
        "week": [(DAYS[weekday], shifts) for weekday, shifts in rota.week],
        "weekly": any(shifts for _weekday, shifts in rota.week),
        "any": rota.cycles or any(shifts for _weekday, shifts in rota.week),
        "own_days": [day for day in rota.days if day.own],
    }
    return render(request, "desk/assignment/duties.html", context)


def _back(pk: int) -> str:
    return reverse("assignment:duties_of", args=[pk])


@organisers_only
@form_methods
def add_shifts(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Team, pk=pk)
    form = ShiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            added = actions.add_shifts(found, **typed, by=me(request), at=timezone.now())
        except Refused as refused:
            put(form, refused)
        else:
            if added:
                messages.success(request, _("The duties are written down."))
            else:
                messages.info(request, _("All of that is written down already."))
            return redirect(_back(pk))
    context = {"form": form, "team": found}
    return render(request, "desk/assignment/shift.html", context, status=422 if form.errors else 200)


@organisers_only
@require_POST
def remove_shift(request: HttpRequest, pk: int) -> HttpResponse:
    shift = get_object_or_404(DutyShift.objects.select_related("team"), pk=pk)
    return do(
        request,
        lambda: actions.remove_shift(shift, by=me(request), at=timezone.now()),
        told=_("The duty is removed."),
        to=_back(shift.team_id),
    )


@organisers_only
@form_methods
def add_cycle(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Team, pk=pk)
    return _cycle(request, DutyCycle(team=found), None)


@organisers_only
@form_methods
def edit_cycle(request: HttpRequest, pk: int) -> HttpResponse:
    rows = DutyCycle.objects.select_related("team", "user")
    return _cycle(request, get_object_or_404(rows, pk=pk), get_object_or_404(rows, pk=pk))


def _cycle(request: HttpRequest, cycle: DutyCycle, shown: DutyCycle | None) -> HttpResponse:
    form = CycleForm(request.POST or None, instance=cycle)
    return handle(
        request,
        form,
        "desk/assignment/cycle.html",
        save=lambda: actions.save_cycle(form.instance, by=me(request), at=timezone.now()),
        told=_("The shift pattern is written down."),
        to=_back(cycle.team_id),
        team=cycle.team,
        cycle=shown,
    )


@organisers_only
@require_POST
def remove_cycle(request: HttpRequest, pk: int) -> HttpResponse:
    cycle = get_object_or_404(DutyCycle.objects.select_related("team", "user"), pk=pk)
    return do(
        request,
        lambda: actions.remove_cycle(cycle, by=me(request), at=timezone.now()),
        told=_("The shift pattern is removed."),
        to=_back(cycle.team_id),
    )


@organisers_only
@form_methods
def add_day(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Team, pk=pk)
    form = DutyDayForm(request.POST or None, instance=DutyDay(team=found))
    return handle(
        request,
        form,
        "desk/assignment/duty_day.html",
        save=lambda: actions.save_duty_day(form.instance, by=me(request), at=timezone.now()),
        told=_("The day is written down."),
        to=_back(pk),
        team=found,
    )


@organisers_only
@require_POST
def remove_day(request: HttpRequest, pk: int) -> HttpResponse:
    day = get_object_or_404(DutyDay.objects.select_related("team"), pk=pk)
    return do(
        request,
        lambda: actions.remove_duty_day(day, by=me(request), at=timezone.now()),
        told=_("The line of that day is removed."),
        to=_back(day.team_id),
    )


@organisers_only
@require_safe
def absences(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    kind = "past" if request.GET.get("kind") == "past" else ""
    rows = queries.absences(kind, today=today).annotate(substitute_away=queries.substitutes_away())
    context = {"page": paged(request, rows), "kind": kind, "today": today}
    return render(request, "desk/assignment/absences.html", context)


@organisers_only
@form_methods
def add_absence(request: HttpRequest) -> HttpResponse:
    return _absence(request, Absence(), None)


@organisers_only
@form_methods
def edit_absence(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Absence.objects.select_related("user")
    return _absence(request, get_object_or_404(rows, pk=pk), get_object_or_404(rows, pk=pk))


def _absence(request: HttpRequest, absence: Absence, shown: Absence | None) -> HttpResponse:
    form = AbsenceForm(request.POST or None, instance=absence)
    return handle(
        request,
        form,
        "desk/assignment/absence.html",
        save=lambda: actions.save_absence(form.instance, by=me(request), at=timezone.now()),
        told=_("The absence is written down."),
        to=reverse("assignment:absences"),
        absence=shown,
    )


@organisers_only
@require_POST
def remove_absence(request: HttpRequest, pk: int) -> HttpResponse:
    absence = get_object_or_404(Absence.objects.select_related("user"), pk=pk)
    return do(
        request,
        lambda: actions.remove_absence(absence, by=me(request), at=timezone.now()),
        told=_("The absence is removed."),
        to=reverse("assignment:absences"),
    )

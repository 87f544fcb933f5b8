"""Teams: who works together, who leads, when a request is carried to the lead."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.core.decisions import Refused
from provodnik.desk.actions.administration import teams as actions
from provodnik.desk.forms.administration.teams import EscalationForm, TeamForm
from provodnik.desk.models import Escalation, Team
from provodnik.desk.queries import teams as queries
from provodnik.desk.views.administration.common import do, me, organisers_only, put

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@organisers_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/assignment/teams.html", {"teams": list(queries.teams()[:200])})


@organisers_only
@form_methods
def add(request: HttpRequest) -> HttpResponse:
    return _team(request, Team(), None)


@organisers_only
@form_methods
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _team(request, get_object_or_404(Team, pk=pk), get_object_or_404(Team, pk=pk))


def _team(request: HttpRequest, team: Team, shown: Team | None) -> HttpResponse:
    """The team and its escalation are one form to the eye."""
    known = Escalation.objects.filter(team=shown).first() if shown is not None else None
    form = TeamForm(request.POST or None, instance=team)
    escalation = EscalationForm(request.POST or None, instance=known or Escalation(), prefix="lead")
    if request.method == "POST" and form.is_valid() and escalation.is_valid():
        now = timezone.now()
        try:
            saved = actions.save_team(form.instance, members=form.cleaned_data["members"], by=me(request), at=now)
            escalation.instance.team = saved
            actions.save_escalation(escalation.instance, by=me(request), at=now)
        except Refused as refused:
            put(form, refused)
        else:
            return redirect("assignment:teams")
    context = {
        "form": form,
        "escalation": escalation,
        "team": shown,
        "removable": shown is not None and not queries.is_used(shown),
        "rota": queries.rota(shown, now=timezone.now()) if shown is not None and shown.is_active else None,
    }
    status = 422 if form.errors or escalation.errors else 200
    return render(request, "desk/assignment/team.html", context, status=status)


@organisers_only
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    team = get_object_or_404(Team, pk=pk)
    return do(
        request,
        lambda: actions.remove_team(team, by=me(request), at=timezone.now()),
        told=_("The team is removed."),
        to=reverse("assignment:teams"),
    )

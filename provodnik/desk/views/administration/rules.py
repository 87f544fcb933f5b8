"""«Назначение»: which requests go to whom, when they are carried to a lead, and what would have been last month."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.desk import rule_words
from provodnik.desk.actions import dry_run as dry_runs
from provodnik.desk.actions.administration import teams as actions
from provodnik.desk.forms.administration.teams import DryRunForm, EscalationForm, RuleForm
from provodnik.desk.models import AssignmentRule, DryRun, Escalation, Team
from provodnik.desk.queries.dry_run import last_month
from provodnik.desk.views.administration.common import do, handle, me, organisers_only

form_methods = require_http_methods(["GET", "HEAD", "POST"])
RUNS_SHOWN = 5


def _rows() -> Any:
    return AssignmentRule.objects.select_related("subsystem", "customer", "team")


@organisers_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    rules = list(_rows())
    escalations = {one.team_id: one for one in Escalation.objects.all()}
    since, _until = last_month(timezone.now())
    context = {
        "rules": [(rule, rule_words.conditions(rule)) for rule in rules],
        "any_team": Team.objects.filter(is_active=True).exists(),
        "without_team": escalations.get(None),
        "escalations": [(team, escalations.get(team.pk)) for team in Team.objects.filter(is_active=True)],
        "form": DryRunForm(),
        "month": since.date(),
        "runs": list(DryRun.objects.select_related("asked_by")[:RUNS_SHOWN]),
    }
    return render(request, "desk/assignment/rules.html", context)


@organisers_only
@form_methods
def add(request: HttpRequest) -> HttpResponse:
    return _rule(request, AssignmentRule(), None, _("The rule is added, as the last one."))


@organisers_only
@form_methods
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _rule(request, get_object_or_404(_rows(), pk=pk), get_object_or_404(_rows(), pk=pk), _("The rule is saved."))


def _rule(request: HttpRequest, rule: AssignmentRule, shown: AssignmentRule | None, told: str) -> HttpResponse:
    form = RuleForm(request.POST or None, instance=rule)
    return handle(
        request,
        form,
        "desk/assignment/rule.html",
        save=lambda: actions.save_rule(form.instance, by=me(request), at=timezone.now()),
        told=told,
        to=reverse("assignment:rules"),
        rule=shown,
    )


@organisers_only
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    rule = get_object_or_404(_rows(), pk=pk)
    up = request.POST.get("up") == "1"
    return do(
        request,
        lambda: actions.move_rule(rule, up=up, by=me(request), at=timezone.now()),
        told=_("The order is changed."),
        to=reverse("assignment:rules"),
    )


@organisers_only
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    rule = get_object_or_404(_rows(), pk=pk)
    return do(
        request,
        lambda: actions.remove_rule(rule, by=me(request), at=timezone.now()),
        told=_("The rule is removed."),
        to=reverse("assignment:rules"),
    )


@organisers_only
@form_methods
def escalation(request: HttpRequest) -> HttpResponse:
    """Of requests without a team."""
    form = EscalationForm(request.POST or None, instance=Escalation.objects.filter(team=None).first() or Escalation())
    return handle(
        request,
        form,
        "desk/assignment/escalation.html",
        save=lambda: actions.save_escalation(form.instance, by=me(request), at=timezone.now()),
        told=_("Saved."),
        to=reverse("assignment:rules"),
    )


@organisers_only
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a dry run over last month."""
    form = DryRunForm(request.POST)
    if not form.is_valid():
        return redirect("assignment:rules")
    run = dry_runs.ask(key=form.cleaned_data["key"], by=me(request), at=timezone.now())
    return redirect("assignment:dry_run", pk=run.pk)


@organisers_only
@require_safe
def dry_run(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, and then what came of it. Asked by the page itself, only the moving part."""
    run = get_object_or_404(DryRun.objects.select_related("asked_by"), pk=pk)
    report = run.report
    context: dict[str, Any] = {"run": run, "last": run.until - timedelta(days=1), "report": report}
    if report:
        context |= {
            "matched": (run.total or 0) - report["unmatched"],
            "never": [rule for rule in report["rules"] if not rule["count"]],
            "examples": [{**one, "at": parse_datetime(one["at"])} for one in report["examples"]],
        }
    template = "_dry_run" if request.headers.get("HX-Request") else "dry_run"
    return render(request, f"desk/assignment/{template}.html", context)

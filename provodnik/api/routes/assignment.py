"""Rules of assignment, escalation of requests without a team, and what would have been last month."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from provodnik.api.once import Made
from provodnik.api.paging import Page
from provodnik.api.routes.common import Removed, cleaned, doing, given_of, reading
from provodnik.api.routes.teams.base import READ, WRITE, EscalationBody, first_values, organisers_only
from provodnik.api.security import me
from provodnik.api.shapes import teams as shapes
from provodnik.api.shapes.fields import Empty, In, Number, Whole, Yes
from provodnik.api.shapes.teams import DryRunOut, EscalationOut, RuleOut
from provodnik.desk.actions import dry_run
from provodnik.desk.actions.administration import teams as actions
from provodnik.desk.assignment import Way
from provodnik.desk.forms.administration.teams import EscalationForm, RuleForm
from provodnik.desk.models import AssignmentRule, DryRun, Escalation
from provodnik.desk.states import Priority, TicketType

router = Router(tags=["assignment"])
RUNS = 20


def _rows() -> QuerySet[AssignmentRule]:
    return AssignmentRule.objects.select_related("subsystem", "customer", "team")


@reading(router, "/desk/rules", Page[RuleOut], _("Rules of assignment, in their order"), scope=READ)
def rules(request: HttpRequest) -> Page[RuleOut]:
    organisers_only(request)
    return Page[RuleOut](items=[shapes.rule(one) for one in _rows()[: actions.MOST_RULES]])


class RuleBody(In):
    """What is not sent stays as it is. null and an empty text: any."""

    subsystem: Annotated[Whole | None, Field(description=_("One of /subsystems."))] = None
    customer: Annotated[Whole | None, Field(description=_("One of /customers."))] = None
    type: TicketType | Literal[""] = ""
    priority: Priority | Literal[""] = ""
    team: Annotated[Whole | None, Field(description=_("One of /desk/teams."))] = None
    way: Annotated[Way, Field(description=_("nobody, load, duty or turn: who of the team gets it."))] = Way.NOBODY
    is_active: Yes = True


class NewRule(RuleBody):
    team: Annotated[Whole, Field(description=_("One of /desk/teams."))]


def _save(request: HttpRequest, row: AssignmentRule, data: RuleBody) -> RuleOut:
    form = cleaned(RuleForm({**first_values(RuleForm, row), **given_of(data)}, instance=row))
    saved = actions.save_rule(form.instance, by=me(request), at=timezone.now())
    return shapes.rule(_rows().get(pk=saved.pk))


@doing(router, "/desk/rules", RuleOut, _("Add a rule"), scope=WRITE, status=201, more=_("It stands last."))
def add_rule(request: HttpRequest, data: NewRule) -> Made:
    organisers_only(request)
    return Made(_save(request, AssignmentRule(), data), status=201)


@doing(router, "/desk/rules/{number}", RuleOut, _("Change a rule"), scope=WRITE)
def change_rule(request: HttpRequest, number: Number, data: RuleBody) -> Made:
    organisers_only(request)
    return Made(_save(request, _rows().get(pk=number), data))


class Moving(In):
    up: Annotated[Yes, Field(description=_("One place up; false: down."))]


@doing(router, "/desk/rules/{number}/move", Page[RuleOut], _("Move a rule by one place"), scope=WRITE)
def move_rule(request: HttpRequest, number: Number, data: Moving) -> Made:
    organisers_only(request)
    actions.move_rule(_rows().get(pk=number), up=data.up, by=me(request), at=timezone.now())
    return Made(rules(request))


@doing(router, "/desk/rules/{number}/remove", Removed, _("Remove a rule"), scope=WRITE)
def remove_rule(request: HttpRequest, number: Number, data: Empty) -> Made:
    organisers_only(request)
    actions.remove_rule(_rows().get(pk=number), by=me(request), at=timezone.now())
    return Made(Removed())


def _without_team() -> Escalation | None:
    return Escalation.objects.filter(team=None).first()


@reading(
    router,
    "/desk/escalation",
    EscalationOut,
    _("When requests without a team are carried to the leads"),
    scope=READ,
    more=_("That of a team is told with the team."),
)
def escalation(request: HttpRequest) -> EscalationOut:
    organisers_only(request)
    return shapes.escalation(_without_team())


@doing(
    router,
    "/desk/escalation",
    EscalationOut,
    _("Say when requests without a team are carried to the leads"),
    scope=WRITE,
)
def change_escalation(request: HttpRequest, data: EscalationBody) -> Made:
    organisers_only(request)
    row = _without_team() or Escalation()
    form = cleaned(EscalationForm({**first_values(EscalationForm, row), **given_of(data)}, instance=row))
    actions.save_escalation(form.instance, by=me(request), at=timezone.now())
    return Made(shapes.escalation(_without_team()))


@reading(router, "/desk/dry-runs", Page[DryRunOut], _("What would have been: the last reports"), scope=READ)
def dry_runs(request: HttpRequest) -> Page[DryRunOut]:
    organisers_only(request)
    return Page[DryRunOut](items=[shapes.dry_run(one) for one in DryRun.objects.all()[:RUNS]])


@doing(
    router,
    "/desk/dry-runs",
    DryRunOut,
    _("Put last month through the rules as they are now"),
    scope=WRITE,
    status=202,
    more=_("Done in the background, changes nothing. Ask /desk/dry-runs/{number} how far it is."),
)
def ask_dry_run(request: HttpRequest, data: Empty) -> Made:
    organisers_only(request)
    made = dry_run.ask(key=uuid.uuid4(), by=me(request), at=timezone.now())
    return Made(shapes.dry_run(made), status=202, Location=reverse("api:v1:dry_run_of", args=[made.pk]))


@reading(router, "/desk/dry-runs/{number}", DryRunOut, _("One report, or how far it is"), scope=READ)
def dry_run_of(request: HttpRequest, number: Number) -> DryRunOut:
    organisers_only(request)
    return shapes.dry_run(DryRun.objects.get(pk=number))

"""Teams: who works together, who leads, when a request is carried to the lead."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from provodnik.accounts.scopes import Scope
from provodnik.api.once import Made
from provodnik.api.paging import Page
from provodnik.api.routes.common import Removed, cleaned, desk_only, doing, given_of, reading
from provodnik.api.routes.teams.base import READ, WRITE, EscalationBody, Weight, first_values, organisers_only
from provodnik.api.security import me
from provodnik.api.shapes import teams as shapes
from provodnik.api.shapes.fields import Empty, In, Number, Whole, Yes
from provodnik.api.shapes.teams import TeamOut, TeamTold
from provodnik.desk.actions.administration import teams as actions
from provodnik.desk.forms.administration.teams import EscalationForm, TeamForm
from provodnik.desk.models import Escalation, Team
from provodnik.desk.queries import teams as queries

router = Router(tags=["teams"])


@reading(router, "/desk/teams", Page[TeamOut], _("Teams of the desk"), scope=Scope.DESK_READ)
def teams_of_desk(request: HttpRequest) -> Page[TeamOut]:
    desk_only(request)
    rows: Any = queries.teams()[:500]  # with the two counts that the query puts in
    return Page[TeamOut](
        items=[
            TeamOut(id=one.pk, name=one.name, is_active=one.is_active, people=one.people, waiting=one.waiting)
            for one in rows
        ]
    )


def _team(number: int) -> TeamTold:
    row = Team.objects.select_related("lead").get(pk=number)
    return shapes.team(row, Escalation.objects.filter(team=row).first())


@reading(router, "/desk/teams/{number}", TeamTold, _("One team with its people"), scope=READ)
def team_of_desk(request: HttpRequest, number: Number) -> TeamTold:
    organisers_only(request)
    return _team(number)


class TeamBody(In):
    """What is not sent stays as it is."""

    name: Annotated[str, Field(strict=True, min_length=1, max_length=100)] = "—"
    lead: Annotated[Whole | None, Field(description=_("One of /desk/people."))] = None
    members: Annotated[list[Whole], Field(max_length=500, description=_("Exactly these, of /desk/people."))] = []
    zone: Annotated[str, Field(strict=True, min_length=1, max_length=64, examples=["Europe/Moscow"])] = "Europe/Moscow"
    urgent_weight: Weight = 8
    high_weight: Weight = 4
    medium_weight: Weight = 2
    low_weight: Weight = 1
    is_active: Yes = True
    escalation: EscalationBody | None = None


class NewTeam(TeamBody):
    name: Annotated[str, Field(strict=True, min_length=1, max_length=100, examples=["Первая линия"])]


def _save_team(request: HttpRequest, row: Team, data: TeamBody) -> int:
    """The team and its escalation are one form to the eye, and one body."""
    given, now = given_of(data), timezone.now()
    wanted = given.pop("escalation", None)
    people = [one.pk for one in row.members.all()] if row.pk else []
    form = cleaned(TeamForm({**first_values(TeamForm, row), "members": people, **given}, instance=row))
    known = Escalation.objects.filter(team=row).first() if row.pk else None
    carried = None
    if wanted is not None:
        carried = known or Escalation()
        names = {name: f"escalation.{name}" for name in EscalationForm.Meta.fields}
        carried = cleaned(
            EscalationForm({**first_values(EscalationForm, carried), **wanted}, instance=carried), names
        ).instance
    saved = actions.save_team(form.instance, members=form.cleaned_data["members"], by=me(request), at=now)
    if carried is not None:
        carried.team = saved
        actions.save_escalation(carried, by=me(request), at=now)
    return saved.pk


@doing(router, "/desk/teams", TeamTold, _("Make a team"), scope=WRITE, status=201)
def make_team(request: HttpRequest, data: NewTeam) -> Made:
    organisers_only(request)
    number = _save_team(request, Team(), data)
    return Made(_team(number), status=201, Location=reverse("api:v1:team_of_desk", args=[number]))


@doing(router, "/desk/teams/{number}", TeamTold, _("Change a team"), scope=WRITE)
def change_team_of_desk(request: HttpRequest, number: Number, data: TeamBody) -> Made:
    organisers_only(request)
    return Made(_team(_save_team(request, Team.objects.get(pk=number), data)))


@doing(
    router,
    "/desk/teams/{number}/remove",
    Removed,
    _("Remove a team"),
    scope=WRITE,
    more=_("Only one that no request and no rule names; another is switched off."),
)
def remove_team(request: HttpRequest, number: Number, data: Empty) -> Made:
    organisers_only(request)
    actions.remove_team(Team.objects.get(pk=number), by=me(request), at=timezone.now())
    return Made(Removed())

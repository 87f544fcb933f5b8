"""Teams, duties and absences: what a lead writes down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from django.forms.models import model_to_dict
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from provodnik.accounts.scopes import Scope
from provodnik.api import paging
from provodnik.api.once import Made
from provodnik.api.paging import Page
from provodnik.api.routes.common import Removed, cleaned, desk_only, doing, given_of, reading
from provodnik.api.security import me
from provodnik.api.shapes import teams as shapes
from provodnik.api.shapes.fields import Cursor, Day, Empty, Hour, In, Number, Whole, Yes
from provodnik.api.shapes.teams import AbsenceOut, DutyDayOut, RotaOut, ShiftOut, TeamOut, TeamTold
from provodnik.desk.actions.administration import teams as actions
from provodnik.desk.forms.administration.teams import AbsenceForm, DutyDayForm, EscalationForm, ShiftForm, TeamForm
from provodnik.desk.models import Absence, DutyDay, DutyShift, Escalation, Team
from provodnik.desk.policies import may_organise
from provodnik.desk.queries import teams as queries

router = Router(tags=["teams"])
WRITE = Scope.DESK_MANAGE
READ = (Scope.DESK_READ, WRITE)


def organisers_only(request: HttpRequest) -> None:
    """Leads and administrators; for anybody else it does not exist."""
    if not may_organise(me(request)):
        raise Http404


# --- teams


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


Weight = Annotated[int, Field(strict=True, ge=0, le=100)]


class EscalationBody(In):
    """When a request is carried to the lead; null: is not done."""

    percent: Annotated[Annotated[int, Field(strict=True, ge=1, le=99)] | None, Field()] = None
    untaken_minutes: Annotated[Annotated[int, Field(strict=True, ge=1, le=10080)] | None, Field()] = None
    urgent_at_once: Yes = True


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


def first_values(form: type[Any], row: Any) -> dict[str, Any]:
    """The values of a row as its form is given them."""
    return model_to_dict(row, fields=form._meta.fields)


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


# --- duties


@reading(
    router, "/desk/teams/{number}/duties", RotaOut, _("Who is on duty: now, by the week, two weeks ahead"), scope=READ
)
def duties_of_team(request: HttpRequest, number: Number) -> RotaOut:
    organisers_only(request)
    return shapes.rota(queries.rota(Team.objects.get(pk=number), now=timezone.now()))


class NewShifts(In):
    user: Annotated[Whole, Field(description=_("One of /desk/people."))]
    weekdays: Annotated[
        list[Annotated[int, Field(strict=True, ge=0, le=6)]],
        Field(min_length=1, max_length=7, description=_("On which days it begins; 0 is Monday.")),
    ]
    starts: Hour
    ends: Annotated[Hour, Field(description=_("Not later than the beginning: on the next day."))]


class ShiftsOut(Page[ShiftOut]):
    """The team's duties of every week. `added`: how many were not there yet."""

    added: int


@doing(router, "/desk/teams/{number}/shifts", ShiftsOut, _("Write duties of every week down"), scope=WRITE, status=201)
def add_shifts(request: HttpRequest, number: Number, data: NewShifts) -> Made:
    organisers_only(request)
    found = Team.objects.get(pk=number)
    form = cleaned(ShiftForm(data.model_dump()))
    added = actions.add_shifts(found, **form.cleaned_data, by=me(request), at=timezone.now())
    rows = DutyShift.objects.filter(team=found).select_related("user")
    return Made(ShiftsOut(items=[shapes.shift(one) for one in rows], added=added), status=201)


@doing(router, "/desk/shifts/{number}/remove", Removed, _("Remove a duty of every week"), scope=WRITE)
def remove_shift(request: HttpRequest, number: Number, data: Empty) -> Made:
    organisers_only(request)
    actions.remove_shift(DutyShift.objects.select_related("team").get(pk=number), by=me(request), at=timezone.now())
    return Made(Removed())


class NewDutyDay(In):
    date: Day
    user: Annotated[Whole | None, Field(description=_("One of /desk/people; null: nobody is on duty."))] = None
    starts: Hour | None = None
    ends: Hour | None = None
    note: Annotated[str, Field(strict=True, max_length=200)] = ""


@doing(
    router,
    "/desk/teams/{number}/days",
    DutyDayOut,
    _("Write a day of its own down"),
    scope=WRITE,
    status=201,
    more=_("All lines of a date together replace its weekday's."),
)
def add_duty_day(request: HttpRequest, number: Number, data: NewDutyDay) -> Made:
    organisers_only(request)
    found = Team.objects.get(pk=number)
    form = cleaned(DutyDayForm(data.model_dump(), instance=DutyDay(team=found)))
    saved = actions.save_duty_day(form.instance, by=me(request), at=timezone.now())
    return Made(shapes.duty_day(saved), status=201)


@doing(router, "/desk/days/{number}/remove", Removed, _("Remove a line of such a day"), scope=WRITE)
def remove_duty_day(request: HttpRequest, number: Number, data: Empty) -> Made:
    organisers_only(request)
    actions.remove_duty_day(DutyDay.objects.select_related("team").get(pk=number), by=me(request), at=timezone.now())
    return Made(Removed())


# --- absences


@reading(router, "/desk/absences", Page[AbsenceOut], _("Absences that last or come; past=true: those over"), scope=READ)
def absences(request: HttpRequest, past: bool = False, cursor: Cursor = None) -> Page[AbsenceOut]:
    organisers_only(request)
    rows = queries.absences("past" if past else "", today=timezone.localdate())
    found, after = paging.by_key(request, rows, cursor, newest=past)
    return Page[AbsenceOut](items=[shapes.absence(one) for one in found], next=after)


class AbsenceBody(In):
    """What is not sent stays as it is."""

    user: Annotated[Whole | None, Field(description=_("One of /desk/people."))] = None
    starts_on: Day | None = None
    ends_on: Annotated[Day | None, Field(description=_("This day included."))] = None
    substitute: Annotated[Whole | None, Field(description=_("Who stands in."))] = None
    note: Annotated[str, Field(strict=True, max_length=200, description=_("No diagnoses, please."))] = ""


class NewAbsence(AbsenceBody):
    user: Annotated[Whole, Field(description=_("One of /desk/people."))]
    starts_on: Day
    ends_on: Day


def _save_absence(request: HttpRequest, row: Absence, data: AbsenceBody) -> Absence:
    first: Mapping[str, Any] = first_values(AbsenceForm, row) if row.pk else {}
    form = cleaned(AbsenceForm({**first, **given_of(data)}, instance=row))
    return actions.save_absence(form.instance, by=me(request), at=timezone.now())


@doing(router, "/desk/absences", AbsenceOut, _("Write an absence down"), scope=WRITE, status=201)
def add_absence(request: HttpRequest, data: NewAbsence) -> Made:
    organisers_only(request)
    return Made(shapes.absence(_save_absence(request, Absence(), data)), status=201)


@doing(router, "/desk/absences/{number}", AbsenceOut, _("Change an absence"), scope=WRITE)
def change_absence(request: HttpRequest, number: Number, data: AbsenceBody) -> Made:
    organisers_only(request)
    row = Absence.objects.select_related("user").get(pk=number)
    return Made(shapes.absence(_save_absence(request, row, data)))


@doing(router, "/desk/absences/{number}/remove", Removed, _("Remove an absence"), scope=WRITE)
def remove_absence(request: HttpRequest, number: Number, data: Empty) -> Made:
    organisers_only(request)
    actions.remove_absence(Absence.objects.select_related("user").get(pk=number), by=me(request), at=timezone.now())
    return Made(Removed())

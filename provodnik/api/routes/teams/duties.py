"""Who is on duty: by the week, by shift patterns, on dates of their own."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from provodnik.api.once import Made
from provodnik.api.paging import Page
from provodnik.api.routes.common import Removed, cleaned, doing, given_of, reading
from provodnik.api.routes.teams.base import READ, WRITE, first_values, organisers_only
from provodnik.api.security import me
from provodnik.api.shapes import teams as shapes
from provodnik.api.shapes.fields import Day, Empty, Hour, In, Number, Whole
from provodnik.api.shapes.teams import CycleOut, DutyDayOut, RotaOut, ShiftOut
from provodnik.desk.actions.administration import teams as actions
from provodnik.desk.forms.administration.cycles import OWN, CycleForm
from provodnik.desk.forms.administration.teams import DutyDayForm, ShiftForm
from provodnik.desk.models import DutyCycle, DutyDay, DutyShift, Team
from provodnik.desk.queries import teams as queries

router = Router(tags=["teams"])


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


Turns = Annotated[
    str,
    Field(
        strict=True,
        pattern=r"^[DNA-]{1,56}$",
        description=_("A letter a day: D a day duty, N a night one, A round the clock, - a day off."),
        examples=["DD--", "A---"],
    ),
]


class CycleBody(In):
    """What is not sent stays as it is."""

    user: Annotated[Whole | None, Field(description=_("One of /desk/people."))] = None
    turns: Turns = "DD--"
    starts_on: Annotated[Day | None, Field(description=_("The date of the first letter."))] = None
    ends_on: Annotated[Day | None, Field(description=_("This day included; null: without an end."))] = None
    day_starts: Hour = "08:00"
    day_ends: Annotated[Hour | None, Field(description=_("Later than day_starts; not asked where all is A."))] = None


class NewCycle(CycleBody):
    user: Annotated[Whole, Field(description=_("One of /desk/people."))]
    turns: Turns
    starts_on: Annotated[Day, Field(description=_("The date of the first letter."))]


def _save_cycle(request: HttpRequest, row: DutyCycle, data: CycleBody) -> DutyCycle:
    first = {**first_values(CycleForm, row), "turns": row.turns} if row.pk else data.model_dump()
    typed = {**first, **given_of(data)}
    form = CycleForm({**typed, "pattern": OWN, "own": typed["turns"]}, instance=row)
    saved = cleaned(form, {"own": "turns", "pattern": "turns"})
    return actions.save_cycle(saved.instance, by=me(request), at=timezone.now())


@doing(
    router,
    "/desk/teams/{number}/patterns",
    CycleOut,
    _("Write a shift pattern down"),
    scope=WRITE,
    status=201,
    more=_("“Two days on, two off” and the like: it repeats from its first date on, over holidays too."),
)
def add_pattern(request: HttpRequest, number: Number, data: NewCycle) -> Made:
    organisers_only(request)
    row = DutyCycle(team=Team.objects.get(pk=number))
    return Made(shapes.cycle(_save_cycle(request, row, data)), status=201)


@doing(router, "/desk/patterns/{number}", CycleOut, _("Change a shift pattern, or end it"), scope=WRITE)
def change_pattern(request: HttpRequest, number: Number, data: CycleBody) -> Made:
    organisers_only(request)
    row = DutyCycle.objects.select_related("team", "user").get(pk=number)
    return Made(shapes.cycle(_save_cycle(request, row, data)))


@doing(router, "/desk/patterns/{number}/remove", Removed, _("Remove a shift pattern"), scope=WRITE)
def remove_pattern(request: HttpRequest, number: Number, data: Empty) -> Made:
    organisers_only(request)
    row = DutyCycle.objects.select_related("team", "user").get(pk=number)
    actions.remove_cycle(row, by=me(request), at=timezone.now())
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

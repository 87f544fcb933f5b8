"""Teams, duties, absences and rules of assignment, as the API tells of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_noop as _
from pydantic import BaseModel, Field

from provodnik.api.shapes.people import Named, named
from provodnik.desk import rule_words
from provodnik.desk.models import Absence, AssignmentRule, DryRun, DutyCycle, DutyDay, DutyShift, Escalation, Team
from provodnik.desk.queries.teams import Rota


class TeamOut(Named):
    """`waiting`: its open requests."""

    is_active: bool
    people: int
    waiting: int


class EscalationOut(BaseModel):
    """When a request is carried to the lead. null: is not done."""

    percent: int | None = Field(description=_("Of the time to resolve, 1 to 99."))
    untaken_minutes: int | None = Field(description=_("Of counted time without being taken."))
    urgent_at_once: bool


def escalation(row: Escalation | None) -> EscalationOut:
    if row is None:
        return EscalationOut(percent=None, untaken_minutes=None, urgent_at_once=False)
    return EscalationOut(percent=row.percent, untaken_minutes=row.untaken_minutes, urgent_at_once=row.urgent_at_once)


class TeamTold(Named):
    """A team with its people. Weights: how much an open request of a priority counts for a person's load."""

    lead: Named | None
    members: list[Named]
    zone: str
    urgent_weight: int
    high_weight: int
    medium_weight: int
    low_weight: int
    is_active: bool
    escalation: EscalationOut


def team(row: Team, found: Escalation | None) -> TeamTold:
    weights = {name: getattr(row, name) for name in ("urgent_weight", "high_weight", "medium_weight", "low_weight")}
    return TeamTold(
        id=row.pk,
        name=row.name,
        lead=named(row.lead),
        members=[Named(id=one.pk, name=str(one)) for one in row.members.order_by("full_name", "pk")],
        zone=row.zone,
        is_active=row.is_active,
        escalation=escalation(found),
        **weights,
    )


class ShiftOut(BaseModel):
    """A duty of every week. `weekday`: 0 is Monday; an end not later than the beginning is on the next day."""

    id: int
    user: Named
    weekday: int
    starts: str
    ends: str


def shift(row: DutyShift) -> ShiftOut:
    return ShiftOut(
        id=row.pk,
        user=Named(id=row.user_id, name=str(row.user)),
        weekday=row.weekday,
        starts=f"{row.starts:%H:%M}",
        ends=f"{row.ends:%H:%M}",
    )


class CycleOut(BaseModel):
    """A shift pattern that is no week: `turns` holds a letter a day and repeats from `starts_on` by calendar days. D: a
    day duty, N: a night one from `day_ends` to `day_starts`, A: from `day_starts` to the next day's, -: a day off."""

    id: int
    user: Named
    turns: str
    told: str = Field(description=_("In words."))
    starts_on: date
    ends_on: date | None = Field(description=_("This day included."))
    day_starts: str
    day_ends: str | None


def cycle(row: DutyCycle) -> CycleOut:
    return CycleOut(
        id=row.pk,
        user=Named(id=row.user_id, name=str(row.user)),
        turns=row.turns,
        told=row.told,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        day_starts=f"{row.day_starts:%H:%M}",
        day_ends=f"{row.day_ends:%H:%M}" if row.day_ends is not None else None,
    )


class DutyDayOut(BaseModel):
    """A date whose duties are other than its weekday's. `user` null: nobody is on duty."""

    id: int
    date: date
    user: Named | None
    starts: str | None
    ends: str | None
    note: str


def duty_day(row: DutyDay) -> DutyDayOut:
    hours = {name: f"{value:%H:%M}" if (value := getattr(row, name)) else None for name in ("starts", "ends")}
    return DutyDayOut(id=row.pk, date=row.date, user=named(row.user), note=row.note, **hours)


class DayAhead(BaseModel):
    """`gaps`: hours without anybody."""

    date: date
    on_duty: list[str]
    gaps: str


class RotaOut(BaseModel):
    """`now`: who is on duty at this moment, substitutes counted; `days`: the next two weeks."""

    now: list[str]
    week: list[ShiftOut]
    patterns: list[CycleOut]
    own_days: list[DutyDayOut]
    days: list[DayAhead]


def rota(found: Rota) -> RotaOut:
    def told(duty: Any) -> str:
        return " ".join(filter(None, (duty.hours, duty.instead or duty.name)))

    return RotaOut(
        now=list(found.now),
        week=[shift(one) for _day, shifts in found.week for one in shifts],
        patterns=[cycle(one) for one in found.cycles],
        own_days=[duty_day(line) for day in found.days for line in day.lines],
        days=[DayAhead(date=day.date, on_duty=[told(one) for one in day.duties], gaps=day.gaps) for day in found.days],
    )


class AbsenceOut(BaseModel):
    """Days on which somebody is away, both included, and who stands in."""

    id: int
    user: Named
    starts_on: date
    ends_on: date
    substitute: Named | None
    note: str


def absence(row: Absence) -> AbsenceOut:
    return AbsenceOut(
        id=row.pk,
        user=Named(id=row.user_id, name=str(row.user)),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        substitute=named(row.substitute),
        note=row.note,
    )


class RuleOut(BaseModel):
    """Which requests go to which team. The first that fits, in this order; null and "" fit any."""

    id: int
    told: str = Field(description=_("In words."))
    subsystem: Named | None
    customer: Named | None
    type: str
    priority: str
    team: Named
    way: str = Field(description=_("nobody, load, duty or turn: who of the team gets it."))
    is_active: bool


def rule(row: AssignmentRule) -> RuleOut:
    return RuleOut(
        id=row.pk,
        told=rule_words.told(row),
        subsystem=named(row.subsystem),
        customer=named(row.customer),
        type=row.type,
        priority=row.priority,
        team=Named(id=row.team_id, name=row.team.name),
        way=row.way,
        is_active=row.is_active,
    )


class DryRunOut(BaseModel):
    """«What would have been last month». `total` null: it has not begun; `report` is empty until it is finished."""

    id: int
    since: datetime
    until: datetime
    asked_at: datetime
    done: int
    total: int | None
    finished_at: datetime | None
    report: dict[str, Any]


def dry_run(row: DryRun) -> DryRunOut:
    names = ("since", "until", "asked_at", "done", "total", "finished_at", "report")
    return DryRunOut(id=row.pk, **{name: getattr(row, name) for name in names})

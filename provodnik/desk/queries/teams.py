"""Reads for the pages of teams, duties and absences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from provodnik.desk.assignment import Crew, Plan, Shift, absence_on, first_present, on_duty
from provodnik.desk.assignment import duties as duties_of
from provodnik.desk.models import Absence, AssignmentRule, DutyDay, DutyShift, Team, Ticket
from provodnik.desk.models.tickets import OPEN
from provodnik.desk.queries import assignment

DAYS_AHEAD = 14


def teams() -> QuerySet[Team]:
    """With how many people each has and how many open requests."""
    of_team = Ticket.objects.filter(OPEN, team=OuterRef("pk")).order_by().values("team").annotate(n=Count("pk"))
    return (
        Team.objects.select_related("lead")
        .annotate(people=Count("memberships"), waiting=Coalesce(Subquery(of_team.values("n")), 0))
        .order_by("-is_active", "name")
    )


def is_used(team: Team) -> bool:
    """By a request or a rule: then it is only switched off."""
    return Ticket.objects.filter(team=team).exists() or AssignmentRule.objects.filter(team=team).exists()


@dataclass(frozen=True, slots=True)
class Duty:
    """A line of a day. `instead`: who stands in for whoever is away; "" when he is there, None when nobody does."""

    name: str
    hours: str
    away: bool = False
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """`own`: it is not as its weekday says, and why. `gaps`: hours in which nobody is on duty."""

    date: date
    duties: Sequence[Duty]
    own: bool = False
    note: str = ""
    gaps: str = ""
    lines: Sequence[DutyDay] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Rota:
    """A team's duties: who is on duty now, the days ahead, the week as it is written."""

    now: Sequence[str]
    days: Sequence[Day]
    week: Sequence[tuple[int, Sequence[DutyShift]]]


def rota(team: Team, *, now: datetime) -> Rota:
    """The schedule as people read it; some nine statements."""
    zone = ZoneInfo(team.zone)
    today = now.astimezone(zone).date()
    own: dict[date, list[DutyDay]] = {}
    for line in DutyDay.objects.filter(team=team, date__gte=today - timedelta(days=1)).select_related("user"):
        own.setdefault(line.date, []).append(line)
    ahead = [today + timedelta(days=number) for number in range(DAYS_AHEAD)]
    last = max([*ahead, *own])
    plan = assignment.plan(now, datetime.combine(last, time(12), zone))
    crew = plan.teams.get(team.pk) or Crew(id=team.pk, name=team.name, members=(), zone=team.zone)
    later = sorted(day for day in own if day not in ahead and day > today)
    shifts = list(DutyShift.objects.filter(team=team).select_related("user"))
    present = [first_present(plan, [person], now, zone=team.zone) for person, _shift in on_duty(crew, now)]
    return Rota(
        now=[plan.names[person] for person in dict.fromkeys(present) if person is not None],
        days=[_day(plan, crew, day, own.get(day, [])) for day in [*ahead, *later]],
        week=[(weekday, [one for one in shifts if one.weekday == weekday]) for weekday in range(7)],
    )


def _day(plan: Plan, crew: Crew, day: date, lines: Sequence[DutyDay]) -> Day:
    shifts = sorted(duties_of(crew, day), key=lambda shift: shift.starts)
    return Day(
        date=day,
        duties=[_duty(plan, crew, day, shift) for shift in shifts],
        own=bool(lines),
        note="; ".join(dict.fromkeys(line.note for line in lines if line.note)),
        gaps=_gaps(crew, day),
        lines=lines,
    )


def _duty(plan: Plan, crew: Crew, day: date, shift: Shift) -> Duty:
    hours = f"{shift.starts:%H:%M}–{shift.ends:%H:%M}"
    name = plan.names.get(shift.person, "")
    if name and absence_on(plan, shift.person, day) is None:
        return Duty(name, hours)
    noon = datetime.combine(day, time(12), ZoneInfo(crew.zone))
    instead = first_present(plan, [shift.person], noon, zone=crew.zone)
    return Duty(name or "?", hours, away=True, instead=plan.names[instead] if instead is not None else "")


def _gaps(crew: Crew, day: date) -> str:
    """Half hours of the day without anybody, joined; "" where there is no schedule at all."""
    if not crew.week and not crew.dates:
        return ""
    zone = ZoneInfo(crew.zone)
    bare: list[list[int]] = []
    for half in range(48):
        moment = datetime.combine(day, time(half // 2, 30 * (half % 2)), zone)
        if on_duty(crew, moment):
            continue
        if bare and bare[-1][1] == half:
            bare[-1][1] = half + 1
        else:
            bare.append([half, half + 1])
    return ", ".join(f"{_told(start)}–{_told(end)}" for start, end in bare)


def _told(half: int) -> str:
    return f"{half // 2:02}:{30 * (half % 2):02}"


def absences(kind: str, *, today: date) -> QuerySet[Absence]:
    """`kind`: "" those that last or come, "past" those that are over."""
    rows = Absence.objects.select_related("user", "substitute")
    if kind == "past":
        return rows.filter(ends_on__lt=today).order_by("-ends_on", "pk")
    return rows.filter(ends_on__gte=today).order_by("starts_on", "pk")


def substitutes_away() -> Exists:
    """The same for a list."""
    return Exists(
        Absence.objects.filter(
            user=OuterRef("substitute"), starts_on__lte=OuterRef("ends_on"), ends_on__gte=OuterRef("starts_on")
        )
    )

"""Reads for the pages of teams, duties and absences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from provodnik.desk.assignment import Crew, Plan, Shift, absence_on, first_present, on_duty
from provodnik.desk.assignment import duties as duties_of
from provodnik.desk.models import Absence, AssignmentRule, DutyCycle, DutyDay, DutyShift, Team, Ticket
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
    person: int = 0

    @property
    def over_midnight(self) -> bool:
        starts, ends = self.hours.split("–")
        return ends <= starts

    @property
    def brief(self) -> str:
        """The hours for a narrow cell: «8–20», «сутки» from an hour to the same."""
        starts, ends = self.hours.split("–")
        return _("24 h") if starts == ends else _brief_span(self.hours)


@dataclass(frozen=True, slots=True)
class Day:
    """`own`: it is not as its weekday says, and why. `gaps`: hours in which nobody is on duty."""

    date: date
    duties: Sequence[Duty]
    own: bool = False
    note: str = ""
    gaps: str = ""
    lines: Sequence[DutyDay] = field(default_factory=tuple)

    @property
    def is_rest(self) -> bool:
        return self.date.weekday() >= 5

    @property
    def brief_gaps(self) -> Sequence[str]:
        return [_brief_span(gap) for gap in self.gaps.split(", ") if gap]


def _brief_span(hours: str) -> str:
    return "–".join(_brief(hour) for hour in hours.split("–"))


def _brief(hour: str) -> str:
    """«08:00» → «8», «21:30» as it is."""
    return hour.removesuffix(":00").removeprefix("0") if hour.endswith(":00") else hour


@dataclass(frozen=True, slots=True)
class Line:
    """A person's line of the calendar: his duties that begin on each of the days ahead."""

    name: str
    cells: Sequence[Sequence[Duty]]


@dataclass(frozen=True, slots=True)
class Rota:
    """A team's duties: who is on duty now, the days ahead, the week and the shift patterns as they are written."""

    now: Sequence[str]
    days: Sequence[Day]
    week: Sequence[tuple[int, Sequence[DutyShift]]]
    cycles: Sequence[DutyCycle] = ()

    @property
    def ahead(self) -> Sequence[Day]:
        """The next two weeks; `days` may hold later ones of their own."""
        return self.days[:DAYS_AHEAD]

    @property
    def lines(self) -> Sequence[Line]:
        """The next two weeks person by person, by name."""
        people = {duty.person: duty.name for day in self.ahead for duty in day.duties}
        return [
            Line(name, [[duty for duty in day.duties if duty.person == person] for day in self.ahead])
            for person, name in sorted(people.items(), key=lambda pair: (pair[1], pair[0]))
        ]

    @property
    def has_gaps(self) -> bool:
        return any(day.gaps for day in self.ahead)


def rota(team: Team, *, now: datetime) -> Rota:
    """The schedule as people read it; some eleven statements."""
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
    lasting = Q(ends_on__isnull=True) | Q(ends_on__gte=today)
    cycles = list(DutyCycle.objects.filter(lasting, team=team).select_related("user"))
    present = [first_present(plan, [person], now, zone=team.zone) for person, _shift in on_duty(crew, now)]
    return Rota(
        now=[plan.names[person] for person in dict.fromkeys(present) if person is not None],
        days=[_day(plan, crew, day, own.get(day, [])) for day in [*ahead, *later]],
        week=[(weekday, [one for one in shifts if one.weekday == weekday]) for weekday in range(7)],
        cycles=cycles,
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
        return Duty(name, hours, person=shift.person)
    noon = datetime.combine(day, time(12), ZoneInfo(crew.zone))
    instead = first_present(plan, [shift.person], noon, zone=crew.zone)
    stands_in = plan.names[instead] if instead is not None else ""
    return Duty(name or "?", hours, away=True, instead=stands_in, person=shift.person)


def _gaps(crew: Crew, day: date) -> str:
    """Half hours of the day without anybody, joined; "" where there is no schedule at all."""
    if not crew.week and not crew.dates and not crew.cycles:
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

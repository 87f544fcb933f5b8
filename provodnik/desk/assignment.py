"""Whom a new request goes to, and why: plain arithmetic over values, nobody asked for the time of day.

A `Plan` is what leads have written down (teams, duties, absences, rules); `Standing` is what the people have to do at
that instant. `choose` gives the team, the person and the reason in words, which the history keeps. Equal persons are
told apart by who was given something longest ago, then by id: the same question always has the same answer.

* A rule fits when everything it names is so; the first that fits, in the order of the plan, decides alone.
* Days and hours are read in the team's zone. A duty that ends not later than it begins ends on the next day; dates of
  their own replace the duties that begin on that date, those of the week and those of shift patterns. An end is not
  included.
* Who is away is not chosen; his substitute stands in for him, and where that one is away too, the substitute's, as long
  as no one comes twice.
* A `barred` person is never chosen (a complaint is not given to whom it is about).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from provodnik.desk.clock import utc
from provodnik.desk.duty_cycles import Cycle, hours_on
from provodnik.desk.states import Priority

_NEVER = datetime.min.replace(tzinfo=UTC)
_DAY = timedelta(days=1)


class Way(StrEnum):
    """How a rule chooses a person of its team."""

    NOBODY = "nobody"
    LOAD = "load"
    DUTY = "duty"
    TURN = "turn"


# What an open request of a priority weighs in a person's load; a team may say otherwise.
WEIGHTS: Mapping[Priority, int] = MappingProxyType(
    {Priority.URGENT: 8, Priority.HIGH: 4, Priority.MEDIUM: 2, Priority.LOW: 1}
)


@dataclass(frozen=True, slots=True)
class Shift:
    """A duty that begins at `starts`; `ends` not later than that is on the next day."""

    person: int
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class Absence:
    """Days away, both included."""

    starts_on: date
    ends_on: date
    substitute: int | None = None


@dataclass(frozen=True, slots=True)
class Crew:
    """A team. `week`: the duties that begin on each weekday, 0 is Monday; `cycles`: people's shift patterns; `dates`:
    what a date has instead of both."""

    id: int
    name: str
    members: tuple[int, ...]
    zone: str = "Europe/Moscow"
    lead: int | None = None
    weights: Mapping[Priority, int] = field(default_factory=lambda: WEIGHTS)
    week: Mapping[int, Sequence[Shift]] = field(default_factory=dict)
    dates: Mapping[date, Sequence[Shift]] = field(default_factory=dict)
    cycles: Sequence[Cycle] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """What a request must be for it, and what then; None or "" fits any."""

    id: int
    team: int
    way: Way
    subsystem: int | None = None
    customer: int | None = None
    type: str = ""
    priority: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """`rules` in their order; `names` of everybody who may be chosen: who is not there has left the desk."""

    rules: Sequence[Rule]
    teams: Mapping[int, Crew]
    names: Mapping[int, str]
    absences: Mapping[int, Sequence[Absence]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incoming:
    """What of a new request the rules look at."""

    type: str
    priority: str
    subsystem: int | None = None
    customer: int | None = None
    barred: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """`open`: how many open requests of each priority a person has; `given`: when he was given one last, by team and
    person."""

    open: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    given: Mapping[tuple[int, int], datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """`rule` is None when none fits: then there is neither team nor person, nor anything to tell. `turn`: whose turn it
    was, the person's own or that of whom he stands in for."""

    rule: int | None = None
    team: int | None = None
    person: int | None = None
    turn: int | None = None
    way: Way = Way.NOBODY
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Able:
    """Somebody who may be chosen, and for whom he stands in."""

    person: int
    stands_for: int | None = None

    @property
    def turn(self) -> int:
        return self.person if self.stands_for is None else self.stands_for


def choose(request: Incoming, plan: Plan, standing: Standing, at: datetime) -> Choice:
    """The choice at an instant. ValueError for a naive one."""
    at = utc(at)
    rule = first_rule(request, plan.rules)
    if rule is None or rule.team not in plan.teams:
        return Choice()
    team = plan.teams[rule.team]
    match rule.way:
        case Way.NOBODY:
            one, reason = None, _("left in the team's shared queue by the rule")
        case Way.LOAD:
            one, reason = _by_load(request, plan, standing, team, at)
        case Way.DUTY:
            one, reason = _by_duty(request, plan, standing, team, at)
        case Way.TURN:
            one, reason = _in_turn(request, plan, standing, team, at)
    return Choice(
        rule=rule.id,
        team=team.id,
        person=one.person if one is not None else None,
        turn=one.turn if one is not None else None,
        way=rule.way,
        reason=reason,
    )


def first_rule(request: Incoming, rules: Iterable[Rule]) -> Rule | None:
    """The first rule that fits."""
    return next((rule for rule in rules if fits(rule, request)), None)


def fits(rule: Rule, request: Incoming) -> bool:
    return (
        (rule.subsystem is None or rule.subsystem == request.subsystem)
        and (rule.customer is None or rule.customer == request.customer)
        and rule.type in ("", request.type)
        and rule.priority in ("", request.priority)
    )


def load(open_by_priority: Mapping[str, int], weights: Mapping[Priority, int]) -> int:
    """How much somebody has to do: each open request by the weight of its priority."""
    return sum(weights.get(Priority(priority), 1) * count for priority, count in open_by_priority.items())


def absence_on(plan: Plan, person: int, day: date) -> Absence | None:
    """The absence that holds the day."""
    return next((one for one in plan.absences.get(person, ()) if one.starts_on <= day <= one.ends_on), None)


def on_duty(team: Crew, at: datetime) -> list[tuple[int, Shift]]:
    """Who is on duty at an instant, as it is written down (whoever is away too), in the order of the schedule."""
    return [(shift.person, shift) for begins, ends, shift in _duties_about(team, at) if begins <= at < ends]


def duties(team: Crew, day: date) -> Sequence[Shift]:
    """The duties that begin on a date."""
    own = team.dates.get(day)
    if own is not None:
        return own
    weekly = team.week.get(day.weekday(), ())
    if not team.cycles:
        return weekly
    return [*weekly, *(Shift(one.person, *hours) for one in team.cycles if (hours := hours_on(one, day)) is not None)]


def _duties_about(team: Crew, at: datetime) -> Iterator[tuple[datetime, datetime, Shift]]:
    """Duties that began on the instant's date or the day before it, as instants."""
    zone = _zone(team.zone)
    today = at.astimezone(zone).date()
    for day in (today - _DAY, today):
        for shift in duties(team, day):
            last = day if shift.ends > shift.starts else day + _DAY
            yield (
                datetime.combine(day, shift.starts, zone).astimezone(UTC),
                datetime.combine(last, shift.ends, zone).astimezone(UTC),
                shift,
            )


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _present(plan: Plan, people: Iterable[int], day: date, barred: frozenset[int]) -> list[_Able]:
    """Those of `people` who are there, and for the others whoever stands in for them; nobody twice."""
    people = list(people)
    found: dict[int, _Able] = {}
    away: list[int] = []
    for person in people:
        if person not in plan.names:
            continue
        if absence_on(plan, person, day) is None:
            found.setdefault(person, _Able(person))
        else:
            away.append(person)
    for person in away:
        substitute = _substitute(plan, person, day)
        if substitute is not None:
            found.setdefault(substitute, _Able(substitute, stands_for=person))
    return [able for able in found.values() if able.person not in barred]


def _substitute(plan: Plan, person: int, day: date) -> int | None:
    """Who stands in for somebody who is away; through further absences, but never in a circle."""
    seen = {person}
    while (absence := absence_on(plan, person, day)) is not None:
        substitute = absence.substitute
        if substitute is None or substitute in seen or substitute not in plan.names:
            return None
        seen.add(substitute)
        person = substitute
    return person


def first_present(
    plan: Plan, people: Iterable[int], at: datetime, *, zone: str, barred: frozenset[int] = frozenset()
) -> int | None:
    """The first of `people` who is there, or who stands in for one who is not; None when nobody can. Days are read in
    `zone`."""
    day = utc(at).astimezone(_zone(zone)).date()
    for person in people:
        able = _present(plan, [person], day, barred)
        if able:
            return able[0].person
    return None


def _day(team: Crew, at: datetime) -> date:
    return at.astimezone(_zone(team.zone)).date()


def _least(able: Sequence[_Able], plan: Plan, standing: Standing, team: Crew) -> tuple[_Able, int]:
    """Who has the least to do; of equals, who was given something longest ago."""
    loads = [(load(standing.open.get(one.person, {}), team.weights), one) for one in able]
    weight, one = min(loads, key=lambda pair: (pair[0], _given(standing, team, pair[1]), pair[1].person))
    return one, weight


def _given(standing: Standing, team: Crew, one: _Able) -> datetime:
    return standing.given.get((team.id, one.turn), _NEVER)


def _by_load(request: Incoming, plan: Plan, standing: Standing, team: Crew, at: datetime) -> tuple[_Able | None, str]:
    able = _present(plan, team.members, _day(team, at), request.barred)
    if not able:
        return None, _("by load: nobody of the team is there, left in its shared queue")
    one, weight = _least(able, plan, standing, team)
    count = sum(standing.open.get(one.person, {}).values())
    reason = _("by load: %(name)s has the least, open %(count)s, load %(weight)s") % {
        "name": plan.names[one.person],
        "count": count,
        "weight": weight,
    }
    return one, reason + _standing_in(plan, one)


def _in_turn(request: Incoming, plan: Plan, standing: Standing, team: Crew, at: datetime) -> tuple[_Able | None, str]:
    able = _present(plan, team.members, _day(team, at), request.barred)
    if not able:
        return None, _("in turn: nobody of the team is there, left in its shared queue")
    one = min(able, key=lambda able: (_given(standing, team, able), able.person))
    return one, _("in turn: %(name)s") % {"name": plan.names[one.person]} + _standing_in(plan, one)


def _by_duty(request: Incoming, plan: Plan, standing: Standing, team: Crew, at: datetime) -> tuple[_Able | None, str]:
    scheduled = on_duty(team, at)
    if not scheduled:
        return None, _("by duty: nobody is on duty now, left in the team's shared queue")
    # a duty over midnight belongs to the day on which it began, an absence to the day that it is now
    able = _present(plan, [person for person, _shift in scheduled], _day(team, at), request.barred)
    if not able:
        names = ", ".join(plan.names.get(person, "?") for person, _shift in scheduled)
        return None, _("by duty: %(names)s cannot take it, left in the team's shared queue") % {"names": names}
    one, _weight = _least(able, plan, standing, team)
    hours = dict(scheduled)
    shift = hours[one.turn]
    reason = _("by duty: %(name)s, %(starts)s–%(ends)s") % {
        "name": plan.names[one.person],
        "starts": f"{shift.starts:%H:%M}",
        "ends": f"{shift.ends:%H:%M}",
    }
    return one, reason + _standing_in(plan, one)


def _standing_in(plan: Plan, one: _Able) -> str:
    if one.stands_for is None:
        return ""
    return _(" (stands in for %(name)s, who is away)") % {"name": plan.names.get(one.stands_for, "?")}

"""From what leads have written down to the pure plan of desk.assignment, and what people have to do right now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, Q

from provodnik.accounts.models import User
from provodnik.accounts.roles import DESK_ROLES
from provodnik.desk.assignment import Absence as PureAbsence
from provodnik.desk.assignment import Crew, Incoming, Plan, Rule, Shift, Standing, Way
from provodnik.desk.duty_cycles import Cycle
from provodnik.desk.models import (
    Absence,
    AssignmentRule,
    DutyCycle,
    DutyDay,
    DutyShift,
    Escalation,
    Team,
    TeamMember,
    Ticket,
)
from provodnik.desk.models.tickets import OPEN
from provodnik.people.queries.away import away_between
from provodnik.ui.text import short_name

_AROUND = timedelta(days=2)  # a duty of the day before, and any zone


def desk_people() -> list[User]:
    """Everybody who works at the desk now, by name."""
    rows = User.objects.filter(is_active=True, roles__overlap=[role.value for role in DESK_ROLES])
    return list(rows.order_by("full_name", "pk"))


def anything_to_ask() -> Q:
    """A condition: there are rules of assignment or of escalation at all."""
    return Exists(AssignmentRule.objects.filter(is_active=True)) | Exists(Escalation.objects.all())


def plan(since: datetime, until: datetime | None = None) -> Plan:
    """All that decides between two moments; the second is the first unless said. Ten statements."""
    first, last = since.date() - _AROUND, (until or since).date() + _AROUND
    people = desk_people()
    return Plan(
        rules=[_rule(row) for row in AssignmentRule.objects.filter(is_active=True, team__is_active=True)],
        teams=_teams(first, last),
        names={person.pk: short_name(person.full_name) for person in people},
        absences=_absences([person.pk for person in people], first, last),
    )


def _rule(row: AssignmentRule) -> Rule:
    return Rule(
        id=row.pk,
        team=row.team_id,
        way=Way(row.way),
        subsystem=row.subsystem_id,
        customer=row.customer_id,
        type=row.type,
        priority=row.priority,
    )


def _teams(first: date, last: date) -> dict[int, Crew]:
    members: dict[int, list[int]] = defaultdict(list)
    for team, user in TeamMember.objects.order_by("user").values_list("team_id", "user_id"):
        members[team].append(user)
    week: dict[int, dict[int, list[Shift]]] = defaultdict(lambda: defaultdict(list))
    for shift in DutyShift.objects.all():
        week[shift.team_id][shift.weekday].append(Shift(shift.user_id, shift.starts, shift.ends))
    dates: dict[int, dict[date, list[Shift]]] = defaultdict(lambda: defaultdict(list))
    for day in DutyDay.objects.filter(date__range=(first, last)):
        shifts = dates[day.team_id][day.date]  # a line without a person makes the day known, and empty
        if day.user_id is not None and day.starts is not None and day.ends is not None:
            shifts.append(Shift(day.user_id, day.starts, day.ends))
    cycles: dict[int, list[Cycle]] = defaultdict(list)
    lasting = Q(ends_on__isnull=True) | Q(ends_on__gte=first)
    for row in DutyCycle.objects.filter(lasting, starts_on__lte=last).order_by("pk"):
        cycles[row.team_id].append(cycle(row))
    return {
        team.pk: Crew(
            id=team.pk,
            name=team.name,
            members=tuple(members[team.pk]),
            zone=team.zone,
            lead=team.lead_id,
            weights=team.weights(),
            week={weekday: tuple(shifts) for weekday, shifts in week[team.pk].items()},
            dates={day: tuple(shifts) for day, shifts in dates[team.pk].items()},
            cycles=tuple(cycles[team.pk]),
        )
        for team in Team.objects.filter(is_active=True)
    }


def cycle(row: DutyCycle) -> Cycle:
    """A pattern as the pure chooser reads it."""
    return Cycle(
        person=row.user_id,
        turns=row.turns,
        first=row.starts_on,
        day_starts=row.day_starts,
        day_ends=row.day_ends,
        last=row.ends_on,
    )


def _absences(people: Iterable[int], first: date, last: date) -> dict[int, Sequence[PureAbsence]]:
    """By what the desk itself was told, then by what HR keeps of the same people, who names no substitute."""
    found: dict[int, list[PureAbsence]] = defaultdict(list)
    for row in Absence.objects.filter(starts_on__lte=last, ends_on__gte=first):
        found[row.user_id].append(PureAbsence(row.starts_on, row.ends_on, row.substitute_id))
    for user, starts_on, ends_on in away_between(people, first, last):
        found[user].append(PureAbsence(starts_on, ends_on))
    return dict(found)


def standing(people: Iterable[int]) -> Standing:
    """What these people have to do now. Two statements."""
    people = list(people)
    open_: dict[int, dict[str, int]] = defaultdict(dict)
    counted = Ticket.objects.filter(OPEN, assignee__in=people).order_by().values("assignee_id", "priority")
    for row in counted.annotate(count=Count("pk")):
        open_[row["assignee_id"]][row["priority"]] = row["count"]
    given = TeamMember.objects.filter(given_at__isnull=False)
    return Standing(
        open=dict(open_),
        given={(team, user): at for team, user, at in given.values_list("team_id", "user_id", "given_at") if at},
    )


def incoming_of(ticket: Ticket) -> Incoming:
    """What the rules look at."""
    barred = frozenset({ticket.complains_about_id} if ticket.complains_about_id is not None else ())
    return Incoming(
        type=ticket.type,
        priority=ticket.priority,
        subsystem=ticket.subsystem_id,
        customer=ticket.customer_id,
        barred=barred,
    )

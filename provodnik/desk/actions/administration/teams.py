"""Teams, duties, absences, rules of assignment, escalation: what leads write down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.desk.models import (
    Absence,
    AssignmentRule,
    DutyCycle,
    DutyDay,
    DutyShift,
    Escalation,
    Team,
    TeamMember,
)
from provodnik.desk.policies import may_organise

MOST_RULES = 500
MOST_SHIFTS = 300  # of one team
MOST_CYCLES = 300


def save_team(team: Team, *, members: Iterable[User], by: User, at: datetime) -> Team:
    """Its people are replaced by `members`; whoever stays keeps his place in the turn."""
    require(may_organise(by))
    members = list(members)
    for person in [*members, *([team.lead] if team.lead is not None else [])]:
        if not person.is_desk:
            raise Refused(_("%(name)s does not work at the desk.") % {"name": person.full_name}, field="members")
    with transaction.atomic():
        before = sorted(str(one) for one in team.members.all()) if team.pk else []
        after = sorted(str(one) for one in members)
        data = {"members": [", ".join(before), ", ".join(after)]} if before != after else {}
        team = journal.keep(team, by=by, at=at, data=data)
        TeamMember.objects.filter(team=team).exclude(user__in=members).delete()
        TeamMember.objects.bulk_create(
            [TeamMember(team=team, user=person) for person in members], ignore_conflicts=True
        )
        return team


def remove_team(team: Team, *, by: User, at: datetime) -> None:
    """Only one that no request and no rule names. Raises Refused."""
    require(may_organise(by))
    journal.remove(team, by=by, at=at)


def save_escalation(escalation: Escalation, *, by: User, at: datetime) -> None:
    """One that does nothing is not kept."""
    require(may_organise(by))
    idle = escalation.percent is None and escalation.untaken_minutes is None and not escalation.urgent_at_once
    if not idle:
        journal.keep(escalation, by=by, at=at)
    elif escalation.pk:
        journal.remove(escalation, by=by, at=at)


def add_shifts(
    team: Team, *, user: User, weekdays: Sequence[int], starts: time, ends: time, by: User, at: datetime
) -> int:
    """A duty on each of the weekdays. One that is there already stays; how many were added."""
    require(may_organise(by))
    _require_desk(user)
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)
        known = set(DutyShift.objects.filter(team=team, user=user, starts=starts).values_list("weekday", flat=True))
        new = [day for day in weekdays if day not in known]
        if DutyShift.objects.filter(team=team).count() + len(new) > MOST_SHIFTS:
            raise Refused(_("That is too many duties for one team."))
        for day in new:
            journal.keep(DutyShift(team=team, user=user, weekday=day, starts=starts, ends=ends), by=by, at=at)
        return len(new)


def remove_shift(shift: DutyShift, *, by: User, at: datetime) -> None:
    require(may_organise(by))
    journal.remove(shift, by=by, at=at)


def save_cycle(cycle: DutyCycle, *, by: User, at: datetime) -> DutyCycle:
    """A shift pattern. A person has one in a team at a time. Raises Refused naming the one whose days overlap."""
    require(may_organise(by))
    _require_desk(cycle.user)
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=cycle.team_id)
        others = DutyCycle.objects.filter(team=cycle.team).exclude(pk=cycle.pk)
        if cycle._state.adding and others.count() >= MOST_CYCLES:
            raise Refused(_("That is too many duties for one team."))
        same = others.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=cycle.starts_on), user=cycle.user)
        other = (same if cycle.ends_on is None else same.filter(starts_on__lte=cycle.ends_on)).first()
        if other is not None:
            told = {"pattern": other.told, "start": f"{other.starts_on:%d.%m.%Y}"}
            raise Refused(
                _("The person has a pattern of those days already: “%(pattern)s” from %(start)s. End it first.") % told,
                field="starts_on",
            )
        return journal.keep(cycle, by=by, at=at)


def remove_cycle(cycle: DutyCycle, *, by: User, at: datetime) -> None:
    require(may_organise(by))
    journal.remove(cycle, by=by, at=at)


def save_duty_day(day: DutyDay, *, by: User, at: datetime) -> DutyDay:
    """A line of a date. «Nobody» and a person exclude each other."""
    require(may_organise(by))
    if day.user is not None:
        _require_desk(day.user)
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=day.team_id)
        others = DutyDay.objects.filter(team=day.team, date=day.date).exclude(pk=day.pk)
        if others.filter(user__isnull=day.user is not None).exists():
            raise Refused(_("On this date there is «nobody is on duty» and a person: remove one first."), field="date")
        if others.filter(user=day.user, starts=day.starts).exists():
            raise Refused(_("On this date the person is on duty from this hour already."), field="starts")
        return journal.keep(day, by=by, at=at)


def remove_duty_day(day: DutyDay, *, by: User, at: datetime) -> None:
    require(may_organise(by))
    journal.remove(day, by=by, at=at)


def save_absence(absence: Absence, *, by: User, at: datetime) -> Absence:
    """Somebody's days away do not overlap. Raises Refused."""
    require(may_organise(by))
    if absence.substitute is not None:
        _require_desk(absence.substitute, field="substitute")
    with transaction.atomic():
        others = Absence.objects.filter(
            user=absence.user, starts_on__lte=absence.ends_on, ends_on__gte=absence.starts_on
        ).exclude(pk=absence.pk)
        if other := others.first():
            days = {"start": f"{other.starts_on:%d.%m.%Y}", "end": f"{other.ends_on:%d.%m.%Y}"}
            raise Refused(
                _("The days overlap with an absence that is written down: %(start)s–%(end)s.") % days, "starts_on"
            )
        return journal.keep(absence, by=by, at=at)


def remove_absence(absence: Absence, *, by: User, at: datetime) -> None:
    require(may_organise(by))
    journal.remove(absence, by=by, at=at)


def save_rule(rule: AssignmentRule, *, by: User, at: datetime) -> AssignmentRule:
    """A new one stands last."""
    require(may_organise(by))
    with transaction.atomic():
        if rule._state.adding:
            rows = list(AssignmentRule.objects.select_for_update().order_by("position"))
            if len(rows) >= MOST_RULES:
                raise Refused(_("That is too many rules: nobody could follow them."))
            rule.position = rows[-1].position + 1 if rows else 1
        return journal.keep(rule, by=by, at=at)


def move_rule(rule: AssignmentRule, *, up: bool, by: User, at: datetime) -> None:
    """Change places with its neighbour; at the end nothing happens."""
    require(may_organise(by))
    with transaction.atomic():
        rows = list(AssignmentRule.objects.select_for_update().order_by("position", "pk"))
        here = [row.pk for row in rows].index(rule.pk)
        there = here - 1 if up else here + 1
        if not 0 <= there < len(rows):
            return
        rows[here], rows[there] = rows[there], rows[here]
        for place, row in enumerate(rows, start=1):
            row.position = place
        AssignmentRule.objects.bulk_update(rows, ["position"])
        journal.note(rule, "moved", by=by, at=at)


def remove_rule(rule: AssignmentRule, *, by: User, at: datetime) -> None:
    require(may_organise(by))
    journal.remove(rule, by=by, at=at)


def _require_desk(user: User, field: str = "user") -> None:
    if not user.is_desk:
        raise Refused(_("%(name)s does not work at the desk.") % {"name": user.full_name}, field=field)

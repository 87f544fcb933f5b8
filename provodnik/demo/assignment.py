"""Teams, duties, absences, rules of assignment, a complaint and a dry run: how the desk of the demo is organised."""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from provodnik.demo import data
from provodnik.demo.people import Cast
from provodnik.demo.play import KEYS
from provodnik.desk import announce, schedule
from provodnik.desk.actions import assignment, complaints, dry_run
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
from provodnik.desk.policies import RATING_LASTS
from provodnik.desk.states import Status

HOUR = timedelta(hours=1)


def arrange(cast: Cast, now: datetime) -> None:
    """As a lead would have written it down; then the rules give what nobody has taken yet."""
    told = data.toml("assignment")
    teams = {row["key"]: _team(cast, row) for row in told["team"]}
    for position, row in enumerate(told["rule"], start=1):
        AssignmentRule.objects.create(
            position=position,
            team=teams[row["team"]],
            way=row["way"],
            priority=row.get("priority", ""),
            type=row.get("type", ""),
            subsystem=cast.subsystems[row["subsystem"]] if "subsystem" in row else None,
            customer=cast.customers[row["customer"]] if "customer" in row else None,
        )
    _duties(cast, teams, told, now)
    Escalation.objects.create(percent=80, untaken_minutes=60)
    with announce.silent():
        for number in Ticket.objects.filter(status=Status.CREATED.value, assignee=None).values_list("pk", flat=True):
            assignment.route(number, at=now - HOUR / 2)
        _complaint(told["complaint"], now)
        schedule.carry_to_leads(now)
    run = dry_run.ask(key=uuid.uuid5(KEYS, "dry run"), by=_lead(cast), at=now)
    dry_run.carry_out.func(run.pk)


def _lead(cast: Cast) -> Any:
    return next(one for one in cast.specialists if one.is_lead)


def _team(cast: Cast, row: dict[str, Any]) -> Team:
    team = Team.objects.create(name=row["name"], lead=cast.desk[row["lead"]], zone="Europe/Moscow")
    TeamMember.objects.bulk_create(TeamMember(team=team, user=cast.desk[login]) for login in row["members"])
    Escalation.objects.create(team=team, percent=row["percent"], untaken_minutes=row["untaken"])
    subsystems = [cast.subsystems[name] for name in row["subsystems"]]
    # of the past it is known by the subsystem; what nobody has taken yet is left to the rules
    past = Ticket.objects.filter(subsystem__in=subsystems).exclude(status=Status.CREATED.value, assignee=None)
    past.update(team=team)
    return team


def _duties(cast: Cast, teams: dict[str, Team], told: dict[str, Any], now: datetime) -> None:
    today = timezone.localdate(now)
    for row in told["shift"]:
        for weekday in row["weekdays"]:
            DutyShift.objects.create(
                team=teams[row["team"]], user=cast.desk[row["who"]], weekday=weekday,
                starts=time.fromisoformat(row["starts"]), ends=time.fromisoformat(row["ends"]),
            )  # fmt: skip
    for row in told["cycle"]:
        DutyCycle.objects.create(
            team=teams[row["team"]], user=cast.desk[row["who"]], turns=row["turns"],
            starts_on=today + timedelta(days=row["first"]),
            day_starts=time.fromisoformat(row["starts"]), day_ends=time.fromisoformat(row["ends"]),
        )  # fmt: skip
    for row in told["day"]:
        DutyDay.objects.create(
            team=teams[row["team"]], user=cast.desk[row["who"]], date=today + timedelta(days=row["days"]),
            starts=time.fromisoformat(row["starts"]), ends=time.fromisoformat(row["ends"]), note=row["note"],
        )  # fmt: skip
    for row in told["absence"]:
        Absence.objects.create(
            user=cast.desk[row["who"]],
            starts_on=today + timedelta(days=row["first"]),
            ends_on=today + timedelta(days=row["last"]),
            substitute=cast.desk[row["substitute"]],
            note=row["note"],
        )


def _complaint(told: dict[str, Any], now: datetime) -> None:
    """One that waits for the lead: of somebody who gave a low mark lately."""
    closed = Ticket.objects.filter(
        contact__user__is_active=True, contact__is_active=True, complains_of=None, assignee__isnull=False
    )
    rows = closed.filter(closed_at__gt=now - RATING_LASTS, closed_at__lt=now - 4 * HOUR).select_related("contact__user")
    ticket = rows.order_by(F("rating").asc(nulls_last=True), "-closed_at").first()
    if ticket is not None and ticket.contact is not None and ticket.contact.user is not None:
        key = uuid.uuid5(KEYS, "complaint that waits")
        complaints.complain(ticket.pk, text=told["texts"][0], by=ticket.contact.user, at=now, key=key)

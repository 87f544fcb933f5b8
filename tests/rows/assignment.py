"""Teams, duties, absences, rules of assignment, dry runs; complaints; rating by a letter."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from django.utils import timezone

from provodnik.desk import ratings
from provodnik.desk.actions import closing
from provodnik.desk.models import Absence, AssignmentRule, DryRun, DutyCycle, DutyDay, DutyShift, EventKind, Team
from provodnik.desk.states import Resolution
from provodnik.desk.tests.factories import SpecialistFactory, make_ticket
from tests.rowwords import BOTH, EVERYBODY, GET, ITS_REQUESTER, POST, Row, to

ORGANISERS = ("lead", "administrator")
THERE = {"there": ORGANISERS, "missing": ()}


def _kept(methods: tuple[str, ...] = GET) -> Row:
    return Row(methods, THERE)


ROWS: dict[str, Row] = {
    "assignment:rules": to(ORGANISERS),
    "assignment:add_rule": to(ORGANISERS, BOTH),
    "assignment:rule": _kept(BOTH),
    "assignment:move_rule": _kept(POST),
    "assignment:remove_rule": _kept(POST),
    "assignment:escalation": to(ORGANISERS, BOTH),
    "assignment:ask": to(ORGANISERS, POST),
    "assignment:dry_run": _kept(),
    "assignment:teams": to(ORGANISERS),
    "assignment:add_team": to(ORGANISERS, BOTH),
    "assignment:team": _kept(BOTH),
    "assignment:remove_team": _kept(POST),
    "assignment:duties": to(ORGANISERS),
    "assignment:duties_of": _kept(),
    "assignment:add_shifts": _kept(BOTH),
    "assignment:remove_shift": _kept(POST),
    "assignment:add_cycle": _kept(BOTH),
    "assignment:cycle": _kept(BOTH),
    "assignment:remove_cycle": _kept(POST),
    "assignment:add_day": _kept(BOTH),
    "assignment:remove_day": _kept(POST),
    "assignment:absences": to(ORGANISERS),
    "assignment:add_absence": to(ORGANISERS, BOTH),
    "assignment:absence": _kept(BOTH),
    "assignment:remove_absence": _kept(POST),
    "requests:complain": Row(BOTH, ITS_REQUESTER),
    # public: whoever has the letter; without a signature of ours there is nothing
    "rating:rate": Row(BOTH, {"living": EVERYBODY, "missing": ()}, gone=410),
}


def things(world: Any) -> dict[str, dict[str, dict[str, Any]]]:
    """A team with everything; the request of the letter is of nobody's customer and says nothing of anybody."""
    lead, specialist = world.people["lead"], world.people["specialist"]
    team = Team.objects.create(name="Первая линия", lead=lead)
    day = date(2026, 12, 1)
    rule = AssignmentRule.objects.create(team=team)
    shift = DutyShift.objects.create(team=team, user=specialist, weekday=0, starts=time(9), ends=time(18))
    cycle = DutyCycle.objects.create(team=team, user=lead, turns="A---", starts_on=day, day_starts=time(8))
    own_day = DutyDay.objects.create(team=team, date=day)
    absence = Absence.objects.create(user=specialist, starts_on=day, ends_on=day)
    now = timezone.now()
    run = DryRun.objects.create(asked_by=lead, asked_at=now, since=now - timedelta(days=30), until=now)
    ticket = make_ticket(at=now - timedelta(hours=2))
    closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Готово.", by=SpecialistFactory.create(), at=now)
    token = ratings.make(ticket.pk, ticket.events.get(kind=EventKind.CLOSED).pk)
    there = {
        "rule": rule.pk, "move_rule": rule.pk, "remove_rule": rule.pk, "dry_run": run.pk, "team": team.pk,
        "remove_team": team.pk, "duties_of": team.pk, "add_shifts": team.pk, "add_day": team.pk,
        "add_cycle": team.pk, "cycle": cycle.pk,
        "remove_cycle": cycle.pk, "remove_shift": shift.pk, "remove_day": own_day.pk, "absence": absence.pk,
        "remove_absence": absence.pk,
    }  # fmt: skip
    found = {f"assignment:{name}": {"there": {"pk": pk}, "missing": {"pk": 10**9}} for name, pk in there.items()}
    return found | {
        "requests:complain": world.things["requests:show"],
        "rating:rate": {"living": {"token": token}, "missing": {"token": token + "x"}},
    }

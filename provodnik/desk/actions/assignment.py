"""The rules of assignment carried out, and what a person changes of them on a request: its team."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused, require
from provodnik.core.locks import Lock
from provodnik.desk import policies
from provodnik.desk.actions.base import changing, in_order, record, settle
from provodnik.desk.assignment import Choice, choose
from provodnik.desk.models import EventKind, Team, TeamMember, Ticket
from provodnik.desk.queries import assignment as queries


def route(number: int, *, at: datetime) -> Choice:
    """Ask the rules whose a request is, and do what the first that fits says. A request that a team or a person has
    already, a complaint and a closed one are left alone; so a second time changes nothing."""
    with changing(number) as ticket:
        if not _to_be_routed(ticket):
            return Choice()
        _one_at_a_time()
        plan = queries.plan(at)
        choice = choose(queries.incoming_of(ticket), plan, queries.standing(plan.names), at)
        if choice.team is None:
            return choice
        at = in_order(ticket, at)
        ticket.team_id = choice.team
        ticket.assignee_id = choice.person
        record(
            ticket,
            EventKind.ROUTED,
            at=at,
            rule=choice.rule,
            team=choice.team,
            team_name=plan.teams[choice.team].name,
            new=choice.person,
            name=plan.names.get(choice.person, "") if choice.person is not None else "",
            way=choice.way.value,
            reason=choice.reason,
        )
        settle(ticket, at=at)
        if choice.turn is not None:
            TeamMember.objects.filter(team_id=choice.team, user_id=choice.turn).update(given_at=at)
        return choice


def _to_be_routed(ticket: Ticket) -> bool:
    return ticket.is_open and ticket.team_id is None and ticket.assignee_id is None and not ticket.is_complaint


def _one_at_a_time() -> None:
    """Until the end of the transaction nobody else chooses: two requests at once do not both find Anna free. It is
    always taken after the request's own row, and nothing is waited for after it: nobody waits in a circle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [int(Lock.ASSIGNMENT)])


def change_team(number: int, *, team: Team | None, by: User, at: datetime) -> Ticket:
    """A person says which team a request is of. Who has it, keeps it."""
    with changing(number) as ticket:
        require(policies.may_change_facts(by, ticket))
        if ticket.team_id == (team.pk if team else None):
            return ticket
        if team is not None and not team.is_active:
            raise Refused(_("This team is not in use."), field="team")
        at = in_order(ticket, at)
        ticket.team = team
        record(
            ticket, EventKind.ROUTED, at=at, by=by, team=team.pk if team else None, team_name=team.name if team else ""
        )
        settle(ticket, at=at)
        return ticket

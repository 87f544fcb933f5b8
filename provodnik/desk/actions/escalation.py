"""A request is carried to the lead of its team, or of the desk: once for each reason, written, then told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.desk import announce
from provodnik.desk.announce.facts import note
from provodnik.desk.announce.people import leads_of
from provodnik.desk.assignment import first_present
from provodnik.desk.models import DeadlineNotice, Escalation, EventKind, Ticket
from provodnik.desk.queries import assignment as plans
from provodnik.desk.queries import escalation as queries
from provodnik.desk.queries.deadlines import Reached


def carry(reached: Reached, *, now: datetime) -> bool:
    """Record that a lead is to be told. False when that is known already: two workers and a restart tell once."""
    with transaction.atomic():
        _row, made = DeadlineNotice.objects.get_or_create(
            ticket_id=reached.number,
            kind=reached.kind,
            due_at=reached.due_at,
            defaults={"moment": reached.moment, "noticed_at": now},
        )
        if made:
            ticket = Ticket.objects.select_related("team__lead", "team__escalation").get(pk=reached.number)
            people = _carried_to(ticket, now)
            event = note(
                ticket.pk,
                EventKind.ESCALATED,
                at=now,
                why=reached.kind.value,
                moment=reached.moment.isoformat(),
                to=[person.pk for person in people],
                names=[person.full_name for person in people],
                reason=_reason(reached, ticket),
            )
            announce.later(event)
        return made


def carry_urgent(number: int, *, now: datetime) -> None:
    """«Экстренный» at once: as soon as its team is known, not at the next look."""
    team = Ticket.objects.values_list("team_id", flat=True).get(pk=number)
    escalation = Escalation.objects.filter(team=team).first()
    for moment in queries.at_once(escalation, number) if escalation is not None else ():
        carry(moment, now=now)


def _carried_to(ticket: Ticket, now: datetime) -> Sequence[User]:
    """Those of its leads who are there (or who stand in for them); when nobody is, all of them all the same."""
    leads = leads_of(ticket)
    plan = plans.plan(now)
    zone = ticket.team.zone if ticket.team is not None else settings.TIME_ZONE
    barred = frozenset({ticket.complains_about_id} if ticket.complains_about_id is not None else ())
    there = [first_present(plan, [lead.pk], now, zone=zone, barred=barred) for lead in leads]
    found = [person for person in plans.desk_people() if person.pk in there]
    return found or leads


def _reason(reached: Reached, ticket: Ticket) -> str:
    escalation = Escalation.objects.filter(team=ticket.team_id).first()
    if reached.kind is DeadlineNotice.Kind.SHARE:
        percent = escalation.percent if escalation is not None else ""
        return _("%(percent)s %% of the time to resolve is spent") % {"percent": percent}
    if reached.kind is DeadlineNotice.Kind.UNTAKEN:
        minutes = escalation.untaken_minutes if escalation is not None else ""
        return _("nobody has taken it up within %(minutes)s min") % {"minutes": minutes}
    return _("it is urgent")

"""Prepared answers: which a person has, and what one says in a certain request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from provodnik.accounts.models import User
from provodnik.desk import placeholders
from provodnik.desk.models import Macro, Ticket
from provodnik.ui.text import moment, short_name

MOST_OFFERED = 200


def of(user: User) -> QuerySet[Macro]:
    """His own and everybody's."""
    if not user.is_desk:
        return Macro.objects.none()
    return Macro.objects.filter(Q(owner=user) | Q(owner=None)).select_related("assignee")


def offered(user: User) -> list[Macro]:
    """For the editor: what is used most stands first."""
    return list(of(user).order_by("-used", "title", "pk")[:MOST_OFFERED])


def values(ticket: Ticket, user: User, now: datetime) -> Mapping[str, str]:
    """What the placeholders become in this request, by the names of desk.placeholders."""
    name = ticket.requester_name
    return {
        "number": str(ticket.pk),
        "subject": ticket.subject,
        "name": name,
        "first": placeholders.first_names(name),
        "customer": str(ticket.customer) if ticket.customer else "",
        "status": ticket.get_status_display(),
        "priority": ticket.get_priority_display(),
        "due": moment(ticket.due_at, now) if ticket.is_open else "",
        "subsystem": str(ticket.subsystem) if ticket.subsystem else "",
        "assignee": short_name(ticket.assignee.full_name) if ticket.assignee else "",
        "me": user.full_name,
        "link": f"{settings.BASE_URL}{reverse('requests:show', args=[ticket.pk])}" if _signs_in(ticket) else "",
    }


def _signs_in(ticket: Ticket) -> bool:
    return ticket.contact is not None and ticket.contact.user_id is not None


def text(macro: Macro, ticket: Ticket, user: User, now: datetime) -> str:
    return placeholders.fill(macro.text, values(ticket, user, now))

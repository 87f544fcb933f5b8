"""Notices under the bell: whom a fact of a request concerns, besides the requester's mailbox."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse

from provodnik.accounts.models import User
from provodnik.accounts.roles import DESK_ROLES, Role
from provodnik.desk.models import Ticket, TicketEvent
from provodnik.desk.policies import is_kept_from
from provodnik.notify.actions import notify


def leads() -> list[User]:
    return list(User.objects.filter(is_active=True, roles__contains=[Role.LEAD.value]))


def whole_desk() -> list[User]:
    return list(User.objects.filter(is_active=True, roles__overlap=[role.value for role in DESK_ROLES]))


def leads_of(ticket: Ticket) -> list[User]:
    """The lead of its team, else the leads of the desk; of a complaint never whom it is about."""
    lead = ticket.team.lead if ticket.team is not None else None
    found = [lead] if lead is not None and lead.is_desk else leads()
    return [one for one in found if one.pk != ticket.complains_about_id]


def responsible(ticket: Ticket) -> list[User]:
    """The specialist; while there is none (or he has left the desk), the leads."""
    if ticket.assignee is not None and ticket.assignee.is_desk:
        return [ticket.assignee]
    return leads_of(ticket)


def tell_desk(event: TicketEvent, users: Iterable[User], text: str, *, tone: str = "") -> None:
    """A notice to people of the desk; whoever did it himself is not told, nor whom it is kept from."""
    notify(
        [user for user in users if user.pk != event.by_id and not is_kept_from(user, event.ticket)],
        key=f"desk:{event.kind}:{event.pk}",
        text=text,
        url=reverse("desk:ticket", args=[event.ticket_id]),
        tone=tone,
        at=event.at,
    )


def requester_of(ticket: Ticket) -> User | None:
    """The account of the one who asked, if he can sign in and see the request."""
    contact = ticket.contact
    if contact is None or not contact.is_active or contact.user is None or not contact.user.is_active:
        return None
    return contact.user if contact.customer_id == ticket.customer_id else None


def tell_requester(event: TicketEvent, text: str) -> bool:
    """A notice in the product to who asked. False when he has no account."""
    user = requester_of(event.ticket)
    if user is None:
        return False
    notify(
        [user],
        key=f"request:{event.kind}:{event.pk}",
        text=text,
        url=reverse("requests:show", args=[event.ticket_id]),
        at=event.at,
    )
    return True


def request_link(ticket: Ticket) -> str:
    """The page of the request, for a letter; "" for one who cannot sign in."""
    if requester_of(ticket) is None:
        return ""
    return f"{settings.BASE_URL}{reverse('requests:show', args=[ticket.pk])}"


def desk_link(ticket: Ticket) -> str:
    return f"{settings.BASE_URL}{reverse('desk:ticket', args=[ticket.pk])}"

"""What the requester's operations share."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.urls import reverse

from provodnik.api.once import Made
from provodnik.api.queries import with_names
from provodnik.api.revisions import tagged
from provodnik.api.routes.common import contact_of
from provodnik.api.security import me
from provodnik.api.shapes import requests as shapes
from provodnik.desk import looks
from provodnik.desk.models import Ticket
from provodnik.desk.queries import requester


def ticket_of_mine(request: HttpRequest, number: int) -> Ticket:
    """The request, if the asker is its requester or the customer's coordinator; else it does not exist."""
    contact_of(request)
    found = with_names(requester.visible(me(request), "company")).filter(pk=number).first()
    if found is None:
        raise Http404
    looks.at_ticket(request, found)
    return found


def shown_of_mine(request: HttpRequest, number: int, status: int = 200) -> Made:
    ticket = ticket_of_mine(request, number)
    shape = shapes.request(ticket)
    tagged(request, ticket.revision, shape)
    return Made(shape, status=status, Location=reverse("api:v1:request_of_mine", args=[number]))

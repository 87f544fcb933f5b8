"""Requests of one's own: promised, written, read."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import BaseModel, Field

from provodnik.accounts.scopes import Scope
from provodnik.api import paging
from provodnik.api.once import Made
from provodnik.api.paging import Page
from provodnik.api.problems import field_problem
from provodnik.api.queries import messages, with_names
from provodnik.api.revisions import tagged
from provodnik.api.routes.common import cleaned, contact_of, doing, files_of, reading, subsystem_of
from provodnik.api.routes.requests.base import shown_of_mine, ticket_of_mine
from provodnik.api.security import me
from provodnik.api.shapes import requests as shapes
from provodnik.api.shapes.fields import (
    Cursor,
    Email,
    Files,
    In,
    Number,
    Query,
    Text,
    Whole,
)
from provodnik.api.shapes.requests import Clock, EventOut, MessageOut, Request
from provodnik.api.shapes.ties import FieldValue
from provodnik.channels.models import Channel
from provodnik.desk import policies
from provodnik.desk.actions.opening import LONGEST_SUBJECT, NewTicket, open_ticket
from provodnik.desk.forms.own_fields import FieldsForm, own_values
from provodnik.desk.models import Contact, FieldDefinition, Ticket, TicketEvent
from provodnik.desk.queries import requester
from provodnik.desk.queries.facts import clock_story
from provodnik.desk.queries.marks import asked_of, own_fields
from provodnik.desk.queries.promises import promises
from provodnik.desk.states import Impact
from provodnik.desk.typed_fields import Value

router = Router(tags=["requests"])
READ, WRITE = Scope.REQUESTS_READ, Scope.REQUESTS_WRITE


class Promise(BaseModel):
    """For one impact: what a request is taken for, and when it would be due if sent now. `allowance` in seconds."""

    impact: Impact
    type: str = Field(description=_("In words."))
    priority: str = Field(description=_("In words."))
    allowance: int
    due_at: str


@reading(
    router,
    "/promises",
    Page[Promise],
    _("What is promised for each impact"),
    scope=READ,
    more=_("When a request would be due if it were sent now."),
)
def promised(request: HttpRequest) -> Page[Promise]:
    found = promises(contact_of(request).customer, now=timezone.now())
    return Page[Promise](
        items=[
            Promise(
                impact=one.impact,
                type=one.type,
                priority=one.priority,
                allowance=int(one.allowance.total_seconds()),
                due_at=one.due_at.isoformat(),
            )
            for one in found
        ]
    )


@reading(
    router,
    "/requests",
    Page[Request],
    _("Requests, the newest first"),
    scope=READ,
    more=_("A coordinator sees those of his customer by scope=company; anybody else his own."),
)
def requests_of_mine(
    request: HttpRequest,
    scope: Literal["own", "company"] = "own",
    state: Literal["open", "done"] | None = None,
    q: Query = "",
    cursor: Cursor = None,
) -> Page[Request]:
    contact_of(request)
    page = requester.own_tickets(
        me(request), scope=scope, state=state or "", words=q, before=paging.place(request, cursor)
    )
    rows = with_names(Ticket.objects.filter(pk__in=[one.pk for one in page.tickets])).order_by("-pk")
    return Page[Request](items=[shapes.request(one) for one in rows], next=paging.make(request, page.older))


class NewRequest(In):
    text: Annotated[Text, Field(examples=["Не открывается расчётный листок за октябрь."])]
    impact: Annotated[Impact, Field(description=_("How it gets in the way of work: type and priority follow."))]
    subject: Annotated[
        str, Field(strict=True, max_length=LONGEST_SUBJECT, description=_("Without it: from the text."))
    ] = ""
    subsystem: Annotated[Whole | None, Field(description=_("One of /subsystems."))] = None
    contact_email: Annotated[
        Email | None, Field(description=_("Where the notice of closing goes; else the card's."))
    ] = None
    fields: Annotated[
        list[FieldValue], Field(default_factory=list, max_length=50, description=_("Values of /fields, by their ids."))
    ]
    files: Files


class FieldOfMine(BaseModel):
    """A field of the customer's own. `value`: in words; empty when there is none."""

    id: int
    label: str
    hint: str
    kind: str
    choices: list[str]
    required: bool
    value: str = ""


def _field(row: FieldDefinition, value: str = "") -> FieldOfMine:
    plain = {name: getattr(row, name) for name in ("label", "hint", "kind", "required")}
    return FieldOfMine(id=row.pk, choices=list(row.choices), value=value, **plain)


@reading(
    router,
    "/fields",
    Page[FieldOfMine],
    _("What the contract asks for in a new request"),
    scope=READ,
    more=_("text, number, date, choice or yes_no; a required one must be there."),
)
def fields_asked(request: HttpRequest) -> Page[FieldOfMine]:
    found = asked_of(contact_of(request).customer, timezone.localdate())
    return Page[FieldOfMine](items=[_field(one) for one in found])


def _own_values(contact: Contact, given: list[FieldValue]) -> dict[int, Value]:
    """Values of the customer's own fields, judged by the pages' form. Raises Problem."""
    definitions = asked_of(contact.customer, timezone.localdate())
    known = {one.pk for one in definitions}
    places = {one.field: place for place, one in enumerate(given)}
    for one in given:
        if one.field not in known:
            raise field_problem(f"fields.{places[one.field]}.field", gettext("The contract has no such field."))
    typed = {f"field_{one.field}": one.value for one in given}
    names = {f"field_{pk}": f"fields.{places[pk]}.value" if pk in places else f"fields.{pk}" for pk in known}
    form = cleaned(FieldsForm(typed, definitions=definitions, values={}), names)
    return own_values(form, definitions)


@doing(
    router,
    "/requests",
    Request,
    _("Write a request"),
    scope=WRITE,
    status=201,
    more=_("The number and the deadline are given at once. Send an Idempotency-Key: a repeat makes no second one."),
)
def write_request(request: HttpRequest, data: NewRequest) -> Made:
    contact = contact_of(request)
    new = NewTicket(
        text=data.text,
        subject=data.subject,
        channel=Channel.PORTAL,
        impact=data.impact,
        customer=contact.customer,
        contact=contact,
        contact_email=data.contact_email or "",
        subsystem=subsystem_of(data.subsystem),
        fields=_own_values(contact, data.fields),
        files=files_of(request, data.files),
    )
    ticket = open_ticket(new, key=uuid.uuid4(), by=me(request), at=timezone.now())
    return shown_of_mine(request, ticket.pk, 201)


@reading(router, "/requests/{number}", Request, _("One request"), scope=READ)
def request_of_mine(request: HttpRequest, number: Number) -> Request:
    ticket = ticket_of_mine(request, number)
    shape = shapes.request(ticket)
    tagged(request, ticket.revision, shape)
    return shape


@reading(router, "/requests/{number}/fields", Page[FieldOfMine], _("Its fields that the contract asks for"), scope=READ)
def fields_of_mine(request: HttpRequest, number: Number) -> Page[FieldOfMine]:
    found = own_fields(ticket_of_mine(request, number), asked=True)
    return Page[FieldOfMine](items=[_field(one.definition, one.value) for one in found])


@reading(router, "/requests/{number}/messages", Page[MessageOut], _("Its messages, the oldest first"), scope=READ)
def messages_of_mine(request: HttpRequest, number: Number, cursor: Cursor = None) -> Page[MessageOut]:
    ticket = ticket_of_mine(request, number)
    found, place = messages(policies.public_messages(ticket), paging.place(request, cursor))
    return Page[MessageOut](items=[shapes.message(one) for one in found], next=paging.make(request, place))


@reading(router, "/requests/{number}/history", Page[EventOut], _("Its history, the oldest first"), scope=READ)
def history_of_mine(request: HttpRequest, number: Number) -> Page[EventOut]:
    told = requester.conversation(me(request), ticket_of_mine(request, number), everything=True)
    facts = [one for one in told.items if isinstance(one, TicketEvent)]
    return Page[EventOut](items=[shapes.event(one, str(one.get_kind_display())) for one in facts])


@reading(router, "/requests/{number}/clock", Clock, _("Its clock: what counted, what did not and why"), scope=READ)
def clock_of_mine(request: HttpRequest, number: Number) -> Clock:
    ticket, now = ticket_of_mine(request, number), timezone.now()
    told = requester.conversation(me(request), ticket)
    return shapes.clock(clock_story(ticket, told.events, now=now), now)

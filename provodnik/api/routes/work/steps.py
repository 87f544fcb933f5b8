"""A request written for somebody, taken, given, told, answered, closed, reopened."""

from __future__ import annotations

import uuid
from typing import Annotated

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from provodnik.accounts.scopes import Scope
from provodnik.api.once import Made
from provodnik.api.problems import field_problem
from provodnik.api.routes.common import desk_only, doing, files_of, subsystem_of
from provodnik.api.routes.desk import shown, ticket_of
from provodnik.api.routes.work.base import contact_named, step
from provodnik.api.security import me
from provodnik.api.shapes.fields import Empty, Files, In, MaybeText, Number, Text, Whole
from provodnik.api.shapes.requests import DeskRequest
from provodnik.channels.models import Channel
from provodnik.desk import placeholders
from provodnik.desk.actions import closing, facts, sending, work
from provodnik.desk.actions.opening import LONGEST_SUBJECT, NewTicket, open_ticket
from provodnik.desk.models import Macro
from provodnik.desk.queries import macros
from provodnik.desk.queries.ticket_page import colleagues
from provodnik.desk.states import Impact, Priority, Resolution, TicketType

router = Router(tags=["work"])
WRITE = Scope.DESK_WRITE


class NewDeskRequest(In):
    contact: Annotated[Whole, Field(description=_("Whose request it is: one of /contacts."))]
    subject: Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_SUBJECT)]
    text: Text
    type: TicketType
    priority: Priority
    impact: Impact | None = None
    subsystem: Whole | None = None
    files: Files


@doing(
    router,
    "/desk/requests",
    DeskRequest,
    _("Write a request for somebody"),
    scope=WRITE,
    status=201,
    more=_("After a telephone call, or from another system."),
)
def open_for(request: HttpRequest, data: NewDeskRequest) -> Made:
    desk_only(request)
    contact = contact_named(data.contact)
    new = NewTicket(
        text=data.text,
        subject=data.subject,
        channel=Channel.PORTAL,
        customer=contact.customer,
        contact=contact,
        impact=data.impact,
        type=data.type,
        priority=data.priority,
        subsystem=subsystem_of(data.subsystem),
        files=files_of(request, data.files),
    )
    ticket = open_ticket(new, key=uuid.uuid4(), by=me(request), at=timezone.now())
    place = reverse("api:v1:request_of_desk", args=[ticket.pk])
    return Made(shown(request, ticket.pk), status=201, Location=place)


@doing(
    router,
    "/desk/requests/{number}/take",
    DeskRequest,
    _("Take into work"),
    scope=WRITE,
    revision=True,
    more=_("From Clarification: the answer is taken up and the clock goes on."),
)
def take(request: HttpRequest, number: Number, data: Empty) -> Made:
    return step(request, number, work.take)


class Assignee(In):
    assignee: Annotated[Whole | None, Field(description=_("One of /desk/people; null gives it back to all."))]


@doing(router, "/desk/requests/{number}/assignee", DeskRequest, _("Give to somebody"), scope=WRITE, revision=True)
def assign(request: HttpRequest, number: Number, data: Assignee) -> Made:
    ticket_of(request, number)
    to = next((one for one in colleagues() if one.pk == data.assignee), None)
    if data.assignee is not None and to is None:
        raise field_problem("assignee", gettext("This person does not work at the desk."))
    return step(request, number, work.assign, to=to)


UsedMacro = Annotated[
    Whole | None, Field(description=_("The prepared answer it was begun with: what that does besides is done too."))
]


class Said(In):
    text: MaybeText = ""
    files: Files
    macro: UsedMacro = None


class Noted(In):
    text: MaybeText = ""
    files: Files
    macro: UsedMacro = None


def _macro(request: HttpRequest, number: int | None) -> Macro | None:
    if number is None:
        return None
    found = macros.of(me(request)).filter(pk=number).first()
    if found is None:
        raise field_problem("macro", gettext("There is no such prepared answer."))
    return found


def _say(
    request: HttpRequest, number: int, mode: str, data: Said | Noted | Asked | Closing, *, resolution: str = ""
) -> Made:
    """What a page sends goes the same way: with its macro, in one transaction."""
    ticket_of(request, number)
    macro = _macro(request, data.macro)
    if macro is not None and mode != "note" and (left := placeholders.left_in(data.text)):
        words = gettext("These are still to be filled in: %(names)s.")
        raise field_problem("text", words % {"names": ", ".join(left)})
    written = sending.Written(
        mode, data.text, uuid.uuid4(), resolution, files=files_of(request, data.files), macro=macro
    )
    return step(request, number, sending.carry_out, 200 if mode == "close" else 201, written=written)


@doing(
    router,
    "/desk/requests/{number}/replies",
    DeskRequest,
    _("Answer the requester"),
    scope=WRITE,
    status=201,
    revision=True,
    more=_("The request comes into work: who answers has taken it up."),
)
def reply(request: HttpRequest, number: Number, data: Said) -> Made:
    return _say(request, number, "reply", data)


class Asked(In):
    text: Text
    files: Files
    macro: UsedMacro = None


@doing(
    router,
    "/desk/requests/{number}/questions",
    DeskRequest,
    _("Seek clarifications"),
    scope=WRITE,
    status=201,
    revision=True,
    more=_("The clock stands until the answer is taken up."),
)
def ask(request: HttpRequest, number: Number, data: Asked) -> Made:
    return _say(request, number, "ask", data)


@doing(
    router,
    "/desk/requests/{number}/notes",
    DeskRequest,
    _("Write a note"),
    scope=WRITE,
    status=201,
    more=_("The desk alone reads it."),
)
def note(request: HttpRequest, number: Number, data: Noted) -> Made:
    return _say(request, number, "note", data)


class Closing(In):
    resolution: Annotated[Resolution, Field(description=_("withdrawn is the requester's own; refused for low alone."))]
    text: Annotated[Text, Field(description=_("The solution, or the explanation: the requester reads it."))]
    files: Files
    macro: UsedMacro = None


@doing(
    router,
    "/desk/requests/{number}/close",
    DeskRequest,
    _("Close"),
    scope=WRITE,
    revision=True,
    more=_("The notice of closing goes to the requester."),
)
def close(request: HttpRequest, number: Number, data: Closing) -> Made:
    return _say(request, number, "close", data, resolution=data.resolution.value)


class Told(In):
    text: Annotated[Text, Field(description=_("Goes into a note."))]


@doing(router, "/desk/requests/{number}/reopen", DeskRequest, _("Reopen"), scope=WRITE, revision=True)
def reopen_by_desk(request: HttpRequest, number: Number, data: Told) -> Made:
    return step(request, number, closing.reopen, text=data.text, key=uuid.uuid4())


@doing(
    router,
    "/desk/requests/{number}/told",
    DeskRequest,
    _("The user was told of the closing in another way"),
    scope=WRITE,
    revision=True,
)
def told(request: HttpRequest, number: Number, data: Told) -> Made:
    return step(request, number, closing.told_otherwise, text=data.text)


@doing(
    router, "/desk/requests/{number}/triage", DeskRequest, _("Confirm type and priority"), scope=WRITE, revision=True
)
def confirm(request: HttpRequest, number: Number, data: Empty) -> Made:
    return step(request, number, facts.confirm_triage)

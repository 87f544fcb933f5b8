"""What a request is: priority, type, section, contact, address."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from provodnik.accounts.scopes import Scope
from provodnik.api.once import Made
from provodnik.api.routes.common import doing, subsystem_of
from provodnik.api.routes.desk import ticket_of
from provodnik.api.routes.work.base import contact_named, step
from provodnik.api.shapes.fields import Email, In, Number, Reason, Whole
from provodnik.api.shapes.requests import DeskRequest
from provodnik.desk.actions import facts
from provodnik.desk.states import Priority, TicketType

router = Router(tags=["work"])
WRITE = Scope.DESK_WRITE


class NewPriority(In):
    priority: Priority
    reason: Reason


@doing(
    router,
    "/desk/requests/{number}/priority",
    DeskRequest,
    _("Change the priority"),
    scope=WRITE,
    revision=True,
    more=_("The deadline is counted anew from the registration."),
)
def change_priority(request: HttpRequest, number: Number, data: NewPriority) -> Made:
    return step(request, number, facts.change_priority, priority=data.priority, reason=data.reason)


class NewType(In):
    type: TicketType
    reason: Reason


@doing(router, "/desk/requests/{number}/type", DeskRequest, _("Change the type"), scope=WRITE, revision=True)
def change_type(request: HttpRequest, number: Number, data: NewType) -> Made:
    return step(request, number, facts.change_type, type_=data.type, reason=data.reason)


class NewSubsystem(In):
    subsystem: Annotated[Whole | None, Field(description=_("One of /subsystems."))]


@doing(router, "/desk/requests/{number}/subsystem", DeskRequest, _("Say which section"), scope=WRITE, revision=True)
def change_subsystem(request: HttpRequest, number: Number, data: NewSubsystem) -> Made:
    ticket_of(request, number)
    return step(request, number, facts.change_subsystem, subsystem=subsystem_of(data.subsystem))


class NewContact(In):
    contact: Annotated[Whole, Field(description=_("One of /contacts."))]


@doing(
    router,
    "/desk/requests/{number}/contact",
    DeskRequest,
    _("Say whose request it is"),
    scope=WRITE,
    revision=True,
    more=_("Customer, contract and deadline follow."),
)
def change_contact(request: HttpRequest, number: Number, data: NewContact) -> Made:
    ticket_of(request, number)
    return step(request, number, facts.change_contact, contact=contact_named(data.contact))


class NewEmail(In):
    email: Email


@doing(
    router,
    "/desk/requests/{number}/email",
    DeskRequest,
    _("Say where the closing notice goes"),
    scope=WRITE,
    revision=True,
)
def change_email(request: HttpRequest, number: Number, data: NewEmail) -> Made:
    return step(request, number, facts.change_email, email=data.email)

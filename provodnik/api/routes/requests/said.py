"""What a requester says of his request: an answer, a withdrawal, a reopening, a rating, a complaint."""

from __future__ import annotations

import uuid
from typing import Annotated

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import BaseModel, Field

from provodnik.accounts.scopes import Scope
from provodnik.api.once import Made
from provodnik.api.revisions import unchanged
from provodnik.api.routes.common import doing, files_of
from provodnik.api.routes.requests.base import shown_of_mine, ticket_of_mine
from provodnik.api.security import me
from provodnik.api.shapes import requests as shapes
from provodnik.api.shapes.fields import (
    Files,
    In,
    MaybeText,
    Number,
    ShortText,
    Text,
)
from provodnik.api.shapes.requests import Request
from provodnik.core.decisions import require
from provodnik.desk import policies
from provodnik.desk.actions import closing, complaints, incoming

router = Router(tags=["requests"])
READ, WRITE = Scope.REQUESTS_READ, Scope.REQUESTS_WRITE


class Answer(In):
    text: MaybeText = ""
    files: Files


class Answered(BaseModel):
    """`request`: where the message went: the same request, or the new one that goes on with it."""

    request: Request
    continued: bool


@doing(
    router,
    "/requests/{number}/messages",
    Answered,
    _("Write into it"),
    scope=WRITE,
    status=201,
    more=_(
        "To an open request it is an answer; a closed one is reopened within the contract's days; later a new request "
        "begins that is linked to it."
    ),
)
def answer(request: HttpRequest, number: Number, data: Answer) -> Made:
    ticket_of_mine(request, number)
    files = files_of(request, data.files)
    went = incoming.answer(number, text=data.text, by=me(request), at=timezone.now(), key=uuid.uuid4(), files=files)
    ticket = ticket_of_mine(request, went.pk)
    return Made(
        Answered(request=shapes.request(ticket), continued=went.pk != number),
        status=201,
        Location=reverse("api:v1:request_of_mine", args=[went.pk]),
    )


class Why(In):
    text: ShortText = ""


@doing(
    router,
    "/requests/{number}/withdraw",
    Request,
    _("Withdraw: an answer is not needed any more"),
    scope=WRITE,
    revision=True,
)
def withdraw(request: HttpRequest, number: Number, data: Why) -> Made:
    ticket_of_mine(request, number)
    with unchanged(request, number):
        closing.withdraw(number, text=data.text, by=me(request), at=timezone.now(), key=uuid.uuid4())
    return shown_of_mine(request, number)


class Reopening(In):
    text: Text


@doing(
    router,
    "/requests/{number}/reopen",
    Request,
    _("Reopen a closed request"),
    scope=WRITE,
    revision=True,
    more=_("Within the contract's days; the time it stood closed is not counted."),
)
def reopen(request: HttpRequest, number: Number, data: Reopening) -> Made:
    user, now = me(request), timezone.now()
    ticket = ticket_of_mine(request, number)
    with unchanged(request, number):
        require(policies.may_reopen_by_writing(user, ticket, now=now))
        incoming.answer(number, text=data.text, by=user, at=now, key=uuid.uuid4())
    return shown_of_mine(request, number)


class Rating(In):
    rating: Annotated[int, Field(strict=True, ge=1, le=5, examples=[5])]
    text: ShortText = ""


@doing(router, "/requests/{number}/rating", Request, _("Rate the work on a closed request"), scope=WRITE)
def rate(request: HttpRequest, number: Number, data: Rating) -> Made:
    ticket_of_mine(request, number)
    closing.rate(number, rating=data.rating, text=data.text, by=me(request), at=timezone.now())
    return shown_of_mine(request, number)


class Complaint(In):
    text: Text
    files: Files


@doing(
    router,
    "/requests/{number}/complaint",
    Request,
    _("Complain of the work on a request"),
    scope=WRITE,
    status=201,
    more=_("A request of its own with its own deadline, answered by the lead."),
)
def complain(request: HttpRequest, number: Number, data: Complaint) -> Made:
    ticket_of_mine(request, number)
    made = complaints.complain(
        number,
        text=data.text,
        files=files_of(request, data.files),
        by=me(request),
        at=timezone.now(),
        key=uuid.uuid4(),
    )
    return shown_of_mine(request, made.pk, 201)

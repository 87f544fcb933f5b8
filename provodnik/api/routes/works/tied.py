"""Requests that works explain, and their common answer."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated, Literal

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import BaseModel, Field

from provodnik.accounts.scopes import Scope
from provodnik.api.once import Made
from provodnik.api.problems import field_problem
from provodnik.api.routes.common import desk_only, doing, reading
from provodnik.api.routes.desk import ticket_of
from provodnik.api.security import me
from provodnik.api.shapes import works as shapes
from provodnik.api.shapes.fields import In, Number, Whole
from provodnik.api.shapes.works import LastAnswering, Verdict, WorkOut
from provodnik.desk.policies import visible_tickets
from provodnik.desk.states import Resolution
from provodnik.works.actions import tying
from provodnik.works.actions.base import LONGEST_TEXT
from provodnik.works.models import Work
from provodnik.works.queries import pages

router = Router(tags=["works"])
TIE = Scope.DESK_WRITE


class WorksBeside(BaseModel):
    """`tied`: works that explain the request; `offered`: those that may."""

    tied: list[WorkOut]
    offered: list[WorkOut]


@reading(
    router,
    "/desk/requests/{number}/works",
    WorksBeside,
    _("Works that explain a request, and those that may"),
    scope=Scope.DESK_READ,
)
def works_of_request(request: HttpRequest, number: Number) -> WorksBeside:
    ticket, user = ticket_of(request, number), me(request)
    return WorksBeside(
        tied=[shapes.work(one) for one in pages.tied_to(user, ticket)],
        offered=[shapes.work(one) for one in pages.to_tie(user, ticket, timezone.now())],
    )


class Tied(In):
    request: Annotated[Whole, Field(description=_("The number of a request."))]


class TiedOut(BaseModel):
    """Requests that the works explain, the first hundred by number."""

    numbers: list[int]


def _desk_work(request: HttpRequest, number: int) -> Work:
    desk_only(request)
    return pages.work_for(me(request), number)


def _numbers(request: HttpRequest, found: Work) -> TiedOut:
    rows = pages.tied_tickets(me(request), found).order_by("pk").values_list("pk", flat=True)
    return TiedOut(numbers=list(rows[:100]))


def _tie(request: HttpRequest, number: int, ticket: int, act: Callable[..., None]) -> Made:
    found = _desk_work(request, number)
    if not visible_tickets(me(request)).filter(pk=ticket).exists():
        raise field_problem("request", gettext("There is no such request."))
    act(found.pk, ticket, by=me(request), at=timezone.now())
    return Made(_numbers(request, found))


@reading(router, "/works/{number}/requests", TiedOut, _("Requests that works explain"), scope=Scope.DESK_READ)
def requests_of_work(request: HttpRequest, number: Number) -> TiedOut:
    return _numbers(request, _desk_work(request, number))


@doing(router, "/works/{number}/tie", TiedOut, _("Say that works explain a request"), scope=TIE)
def tie_to_work(request: HttpRequest, number: Number, data: Tied) -> Made:
    return _tie(request, number, data.request, tying.tie)


@doing(router, "/works/{number}/untie", TiedOut, _("Say that they do not explain it after all"), scope=TIE)
def untie_from_work(request: HttpRequest, number: Number, data: Tied) -> Made:
    return _tie(request, number, data.request, tying.untie)


class Together(In):
    text: Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_TEXT)]
    resolution: Annotated[
        Literal["solved", "infrastructure"] | None, Field(description=_("The requests are closed so; null: stay open."))
    ] = None


def _answering(request: HttpRequest, found: Work) -> LastAnswering:
    row = pages.last_answering(found)
    if row is None:
        return LastAnswering(last=None)
    lines = [
        Verdict(number=one.ticket_id, verdict=one.verdict, reason=one.reason)
        for one in pages.verdicts(me(request), row)
    ]
    return LastAnswering(last=shapes.answering(row, lines))


@doing(
    router,
    "/works/{number}/answer",
    LastAnswering,
    _("Answer all tied requests together"),
    scope=TIE,
    status=202,
    more=_("Given to each in the background: read how far it is at the same address."),
)
def answer_together(request: HttpRequest, number: Number, data: Together) -> Made:
    found = _desk_work(request, number)
    tying.answer_together(
        found.pk,
        text=data.text,
        resolution=Resolution(data.resolution) if data.resolution is not None else None,
        key=uuid.uuid4(),
        by=me(request),
        at=timezone.now(),
    )
    place = reverse("api:v1:answering_of_work", args=[number])
    return Made(_answering(request, found), status=202, Location=place)


@reading(
    router,
    "/works/{number}/answer",
    LastAnswering,
    _("How far the last common answer is"),
    scope=Scope.DESK_READ,
)
def answering_of_work(request: HttpRequest, number: Number) -> LastAnswering:
    return _answering(request, _desk_work(request, number))

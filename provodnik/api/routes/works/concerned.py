"""Works and incidents read by whom they concern."""

from __future__ import annotations

from typing import Annotated

from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import BaseModel, Field

from provodnik.accounts.scopes import Scope
from provodnik.api import paging
from provodnik.api.once import Made
from provodnik.api.paging import Page
from provodnik.api.routes.common import contact_of, doing, reading
from provodnik.api.security import me
from provodnik.api.shapes import works as shapes
from provodnik.api.shapes.fields import MOST, Cursor, Empty, In, Number, Yes
from provodnik.api.shapes.works import WorkNews, WorkOut
from provodnik.works import policies
from provodnik.works.actions import personal
from provodnik.works.queries import board, pages
from provodnik.works.tokens import calendar_token

router = Router(tags=["works"])
READ = (Scope.REQUESTS_READ, Scope.DESK_READ)


def _looking(request: HttpRequest) -> None:
    if not policies.may_look(me(request)):
        raise Http404


@reading(router, "/works", Page[WorkOut], _("Works and incidents, the newest first"), scope=READ)
def works(request: HttpRequest, cursor: Cursor = None) -> Page[WorkOut]:
    _looking(request)
    rows = policies.visible_works(me(request)).prefetch_related("subsystems")
    found, after = paging.by_key(request, rows, cursor, newest=True)
    return Page[WorkOut](items=[shapes.work(one) for one in found], next=after)


class Known(BaseModel):
    """What is going on and may be what somebody is about to write."""

    id: int
    kind: str
    title: str


@reading(
    router,
    "/works/known",
    Page[Known],
    _("What is going on and may be the same as what you are about to write"),
    scope=Scope.REQUESTS_READ,
)
def known_works(request: HttpRequest, subsystem: Annotated[int | None, Field(ge=1, le=MOST)] = None) -> Page[Known]:
    contact_of(request)
    found = board.about(me(request), subsystem)
    return Page[Known](items=[Known(id=one.pk, kind=one.kind, title=one.title) for one in found])


class Letters(In):
    planned: Annotated[Yes, Field(description=_("Write to me about planned works; the others are always told."))]


class LettersOut(BaseModel):
    planned: bool


@doing(
    router,
    "/works/letters",
    LettersOut,
    _("Letters about planned works: no more, or again"),
    scope=Scope.REQUESTS_WRITE,
)
def letters_of_works(request: HttpRequest, data: Letters) -> Made:
    contact = contact_of(request)
    if data.planned:
        personal.listen(contact)
    else:
        personal.silence(contact, at=timezone.now())
    return Made(LettersOut(planned=data.planned))


class CalendarOut(BaseModel):
    """An address for a calendar program (iCalendar). Whoever has it sees your works: keep it."""

    url: str


@doing(
    router,
    "/works/calendar",
    CalendarOut,
    _("A new address of my calendar of works"),
    scope=(Scope.REQUESTS_WRITE, Scope.DESK_WRITE, Scope.KNOWLEDGE_WRITE),
    more=_("The old one shows nothing any more."),
)
def calendar_of_works(request: HttpRequest, data: Empty) -> Made:
    _looking(request)
    address = personal.new_calendar_address(me(request), at=timezone.now())
    return Made(CalendarOut(url=f"{settings.BASE_URL}{reverse('status:calendar', args=[calendar_token(address)])}"))


@reading(router, "/works/{number}", WorkOut, _("One of them"), scope=READ)
def work(request: HttpRequest, number: Number) -> WorkOut:
    return shapes.work(pages.work_for(me(request), number))


@reading(router, "/works/{number}/news", Page[WorkNews], _("What was told of it, the newest first"), scope=READ)
def news_of_work(request: HttpRequest, number: Number) -> Page[WorkNews]:
    found = pages.work_for(me(request), number)
    return Page[WorkNews](items=[shapes.news(one) for one in pages.page(me(request), found).events])

"""Works and incidents (R7): read by whom they concern, led by who leads, tied to requests and answered together."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import reverse
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
from provodnik.api.revisions import expected, tagged
from provodnik.api.routes.common import cleaned, contact_of, desk_only, doing, given_of, reading
from provodnik.api.routes.desk import ticket_of
from provodnik.api.security import me
from provodnik.api.shapes import works as shapes
from provodnik.api.shapes.fields import MOST, Cursor, Empty, In, Moment, Number, Whole, Yes
from provodnik.api.shapes.works import LastAnswering, LedWork, Verdict, WorkNews, WorkOut
from provodnik.core.decisions import Refused
from provodnik.desk.policies import visible_tickets
from provodnik.desk.states import Resolution
from provodnik.works import policies
from provodnik.works.actions import leading, personal, tying
from provodnik.works.actions.base import LONGEST_TEXT, LONGEST_TITLE
from provodnik.works.forms import WorkForm, initial_of
from provodnik.works.models import Work
from provodnik.works.queries import board, pages
from provodnik.works.states import RELEASE, Kind
from provodnik.works.tokens import calendar_token

router = Router(tags=["works"])
READ = (Scope.REQUESTS_READ, Scope.DESK_READ)
LEAD = Scope.KNOWLEDGE_WRITE
TIE = Scope.DESK_WRITE


# --- read by whom they concern


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


# --- led


def leads_only(request: HttpRequest) -> None:
    """The side of who leads works does not exist for anybody else."""
    if not policies.may_lead(me(request)):
        raise Http404


def _told(request: HttpRequest, number: int) -> LedWork:
    leads_only(request)
    found = pages.work_for(me(request), number)
    shape = shapes.led(found)
    tagged(request, found.revision, shape)
    return shape


@reading(
    router,
    "/works/{number}/led",
    LedWork,
    _("One of them, as they who lead it see it"),
    scope=(Scope.DESK_READ, LEAD),
    more=_("Its ETag goes into If-Match of a change."),
)
def led_work(request: HttpRequest, number: Number) -> LedWork:
    return _told(request, number)


Title = Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_TITLE)]
Words = Annotated[str, Field(strict=True, max_length=LONGEST_TEXT)]
Ids = Annotated[list[Whole], Field(max_length=500)]


class WorkBody(In):
    """What is not sent stays as it is. Of what people know, a change is told to them with its reason."""

    kind: Kind = Kind.PLANNED
    title: Title = "—"
    starts_at: Moment | None = None
    ends_at: Annotated[Moment | None, Field(description=_("Planned works have an end; null: not known."))] = None
    text: Words = ""
    unavailable: Yes = False
    release: Annotated[str, Field(strict=True, max_length=14, pattern=f"^({RELEASE.pattern})?$")] = ""
    customers: Annotated[Ids, Field(description=_("Ids of /customers; nobody: it concerns all."))] = []
    subsystems: Annotated[Ids, Field(description=_("Ids of /subsystems; none: the whole portal."))] = []
    public: Annotated[Yes, Field(description=_("On the status page, where no customer is named."))] = False
    responsible: Whole | None = None


class NewWorkBody(WorkBody):
    kind: Kind
    title: Annotated[Title, Field(examples=["Обновление раздела «Расчётные листки»"])]
    starts_at: Moment


class WorkChange(WorkBody):
    reason: Annotated[Words, Field(description=_("Why it is changed: everybody whom it concerns reads it."))] = ""


@doing(
    router,
    "/works",
    LedWork,
    _("Write works down as a draft"),
    scope=LEAD,
    status=201,
    more=_("Nobody is told before /announce or /begin."),
)
def draft_work(request: HttpRequest, data: NewWorkBody) -> Made:
    leads_only(request)
    form = cleaned(WorkForm({**given_of(data), "key": uuid.uuid4()}))
    made = leading.draft(form.new_work(), key=form.cleaned_data["key"], by=me(request), at=timezone.now())
    return Made(_told(request, made.pk), status=201, Location=reverse("api:v1:led_work", args=[made.pk]))


@doing(router, "/works/{number}", LedWork, _("Change works"), scope=LEAD, revision=True)
def change_work(request: HttpRequest, number: Number, data: WorkChange) -> Made:
    leads_only(request)
    found, given = pages.work_for(me(request), number), given_of(data)
    first = initial_of(found)
    form = cleaned(WorkForm({**first, **given}, work=found, initial=first))
    reason = form.cleaned_data.get("reason", "")
    if form.told and given.get("kind", found.kind) != found.kind:
        raise field_problem("kind", gettext("What it is cannot be changed after it was announced."))
    leading.change(
        number, form.new_work(), reason=reason, by=me(request), at=timezone.now(), revision=expected(request)
    )
    return Made(_told(request, number))


def _lead(request: HttpRequest, number: int, act: Callable[..., Any], names: dict[str, str], **given: Any) -> Made:
    """One step of works; `names`: what the body calls a field that a refusal speaks of."""
    leads_only(request)
    pages.work_for(me(request), number)
    try:
        act(number, by=me(request), at=timezone.now(), **given)
    except Refused as refused:
        if refused.field in names:
            raise field_problem(names[refused.field], refused.reason) from refused
        raise
    return Made(_told(request, number))


class Word(In):
    text: Annotated[Words, Field(description=_("Everybody whom it concerns reads it."))] = ""


class Begun(Word):
    since: Annotated[Moment | None, Field(description=_("When it really began; without it now."))] = None


class Over(Word):
    until: Annotated[Moment | None, Field(description=_("When it was really over; without it now."))] = None


_WORDS = {"reason": "text"}


@doing(
    router,
    "/works/{number}/announce",
    LedWork,
    _("Announce works"),
    scope=LEAD,
    revision=True,
    more=_("Letters go to whom they concern. Planned works that are announced late owe a word why."),
)
def announce_work(request: HttpRequest, number: Number, data: Word) -> Made:
    return _lead(request, number, leading.announce, _WORDS, reason=data.text, revision=expected(request))


@doing(router, "/works/{number}/begin", LedWork, _("Say that works have begun"), scope=LEAD, revision=True)
def begin_work(request: HttpRequest, number: Number, data: Begun) -> Made:
    names = {**_WORDS, "moment": "since"}
    return _lead(request, number, leading.begin, names, text=data.text, since=data.since, revision=expected(request))


class News(In):
    text: Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_TEXT)]


@doing(router, "/works/{number}/news", LedWork, _("Tell the news of works"), scope=LEAD)
def tell_news(request: HttpRequest, number: Number, data: News) -> Made:
    return _lead(request, number, leading.report, _WORDS, text=data.text)


@doing(router, "/works/{number}/end", LedWork, _("Say that works are over"), scope=LEAD, revision=True)
def end_work(request: HttpRequest, number: Number, data: Over) -> Made:
    names = {**_WORDS, "moment": "until"}
    return _lead(request, number, leading.end, names, text=data.text, until=data.until, revision=expected(request))


@doing(router, "/works/{number}/cancel", LedWork, _("Cancel works"), scope=LEAD, revision=True)
def cancel_work(request: HttpRequest, number: Number, data: Word) -> Made:
    return _lead(request, number, leading.cancel, _WORDS, reason=data.text, revision=expected(request))


# --- tied to requests


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

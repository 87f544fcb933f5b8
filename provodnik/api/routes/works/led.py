"""Works and incidents led: drafted, announced, begun, told of, ended, cancelled."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from provodnik.accounts.scopes import Scope
from provodnik.api.once import Made
from provodnik.api.problems import field_problem
from provodnik.api.revisions import expected, tagged
from provodnik.api.routes.common import cleaned, doing, given_of, reading
from provodnik.api.security import me
from provodnik.api.shapes import works as shapes
from provodnik.api.shapes.fields import In, Moment, Number, Whole, Yes
from provodnik.api.shapes.works import LedWork
from provodnik.core.decisions import Refused
from provodnik.works import policies
from provodnik.works.actions import leading
from provodnik.works.actions.base import LONGEST_TEXT, LONGEST_TITLE
from provodnik.works.forms import WorkForm, initial_of
from provodnik.works.queries import pages
from provodnik.works.states import RELEASE, Kind

router = Router(tags=["works"])
LEAD = Scope.KNOWLEDGE_WRITE


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

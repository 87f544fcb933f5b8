"""Prepared answers: read, kept, filled in for a request, carried out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import BaseModel, Field

from provodnik.accounts.models import User
from provodnik.accounts.scopes import Scope
from provodnik.api import paging
from provodnik.api.once import Made
from provodnik.api.paging import Page
from provodnik.api.revisions import unchanged
from provodnik.api.routes.common import Removed, cleaned, desk_only, doing, given_of, reading
from provodnik.api.routes.desk import shown, ticket_of
from provodnik.api.security import me
from provodnik.api.shapes.fields import Cursor, Empty, In, Number, Whole
from provodnik.api.shapes.requests import DeskRequest
from provodnik.desk import policies
from provodnik.desk.actions import macros as actions
from provodnik.desk.forms.macros import MacroForm
from provodnik.desk.models import Macro, Tag
from provodnik.desk.queries import macros
from provodnik.desk.states import Priority, Resolution

router = Router(tags=["macros"])
READ, WRITE = Scope.DESK_READ, Scope.DESK_WRITE
Mode = Literal["reply", "note", "ask", "close"]
Someone = Literal["", "me", "nobody"] | Whole
_WHOM = _("An empty text: does not change; me: whoever uses it; nobody; or one of /desk/people.")


class MacroOut(BaseModel):
    """A prepared answer: a text with placeholders, and what is done together with sending it."""

    id: int
    title: str
    text: str
    mode: str
    resolution: str
    priority: str
    assignee: str | int = Field(description=_WHOM)
    tags: list[int] = Field(description=_("Ids of /desk/tags."))
    shared: bool = Field(description=_("Everybody's of the desk; changed by the lead alone."))
    may_edit: bool
    used: int
    changed_at: datetime


def _out(row: Macro, user: User) -> MacroOut:
    person = row.assign == Macro.Assign.PERSON and row.assignee_id is not None
    return MacroOut(
        id=row.pk,
        title=row.title,
        text=row.text,
        mode=row.mode,
        resolution=row.resolution,
        priority=row.priority,
        assignee=row.assignee_id if person and row.assignee_id is not None else row.assign if not person else "",
        tags=list(row.tags),
        shared=row.is_shared,
        may_edit=bool(policies.may_edit_own_or_shared(user, row.owner_id)),
        used=row.used,
        changed_at=row.changed_at,
    )


def _of(request: HttpRequest, number: int) -> Macro:
    return macros.of(me(request)).get(pk=number)


@reading(router, "/desk/macros", Page[MacroOut], _("Prepared answers: my own and everybody's"), scope=READ)
def prepared_answers(request: HttpRequest, cursor: Cursor = None) -> Page[MacroOut]:
    desk_only(request)
    found, after = paging.by_key(request, macros.of(me(request)), cursor)
    return Page[MacroOut](items=[_out(one, me(request)) for one in found], next=after)


@reading(router, "/desk/macros/{number}", MacroOut, _("One prepared answer"), scope=READ)
def prepared_answer(request: HttpRequest, number: Number) -> MacroOut:
    desk_only(request)
    return _out(_of(request, number), me(request))


class MacroBody(In):
    """What is not sent stays as it is; of a new one, as it is here."""

    title: Annotated[str, Field(strict=True, min_length=1, max_length=100)] = "—"
    text: Annotated[
        str, Field(strict=True, max_length=actions.LONGEST, description=_("With placeholders in braces."))
    ] = ""
    mode: Mode = "reply"
    resolution: Annotated[Resolution | Literal[""], Field(description=_("For closing."))] = ""
    priority: Annotated[Priority | Literal[""], Field(description=_("An empty text: does not change."))] = ""
    assignee: Annotated[Someone, Field(description=_WHOM)] = ""
    tags: Annotated[list[Whole], Field(max_length=20, description=_("Ids of /desk/tags, put on."))] = []
    shared: Annotated[bool, Field(strict=True, description=_("For the whole desk: by the lead alone."))] = False


class NewMacro(MacroBody):
    title: Annotated[str, Field(strict=True, min_length=1, max_length=100, examples=["Пришлите снимок экрана"])]


def _save(request: HttpRequest, macro: Macro, data: MacroBody) -> Macro:
    user, given = me(request), given_of(data)
    first = MacroForm.of(macro)
    first["tags"] = list(Tag.objects.filter(is_active=True, pk__in=macro.tags).values_list("pk", flat=True))
    form = cleaned(MacroForm({**first, **given}, may_share=True))  # whether he may, the action asks
    return actions.save(form.put_into(macro), shared=form.cleaned_data["shared"], by=user, at=timezone.now())


@doing(router, "/desk/macros", MacroOut, _("Prepare an answer"), scope=WRITE, status=201)
def prepare_answer(request: HttpRequest, data: NewMacro) -> Made:
    desk_only(request)
    macro = _save(request, Macro(mode="reply"), data)
    return Made(_out(macro, me(request)), status=201, Location=reverse("api:v1:prepared_answer", args=[macro.pk]))


@doing(router, "/desk/macros/{number}", MacroOut, _("Change a prepared answer"), scope=WRITE)
def change_prepared_answer(request: HttpRequest, number: Number, data: MacroBody) -> Made:
    desk_only(request)
    return Made(_out(_save(request, _of(request, number), data), me(request)))


@doing(router, "/desk/macros/{number}/remove", Removed, _("Remove a prepared answer"), scope=WRITE)
def remove_prepared_answer(request: HttpRequest, number: Number, data: Empty) -> Made:
    desk_only(request)
    actions.remove(_of(request, number), by=me(request))
    return Made(Removed())


class Filled(BaseModel):
    """A prepared answer as it reads in this request; what could not be filled in stays in braces."""

    id: int
    title: str
    text: str
    mode: str
    resolution: str


@reading(
    router,
    "/desk/requests/{number}/macros",
    Page[Filled],
    _("Prepared answers, filled in for this request"),
    scope=READ,
    more=_("The most used first. Sent by `macro` of /replies, /questions, /notes and /close."),
)
def answers_for_request(request: HttpRequest, number: Number) -> Page[Filled]:
    ticket, now, user = ticket_of(request, number), timezone.now(), me(request)
    return Page[Filled](
        items=[
            Filled(
                id=one.pk,
                title=one.title,
                text=macros.text(one, ticket, user, now),
                mode=one.mode,
                resolution=one.resolution,
            )
            for one in macros.offered(user)
        ]
    )


@doing(
    router,
    "/desk/requests/{number}/macros/{macro}/apply",
    DeskRequest,
    _("Do what a prepared answer without a text does"),
    scope=WRITE,
    revision=True,
)
def apply_macro(request: HttpRequest, number: Number, macro: Number, data: Empty) -> Made:
    ticket_of(request, number)
    found: Any = _of(request, macro)
    with unchanged(request, number):
        actions.apply(number, found, by=me(request), at=timezone.now())
    return Made(shown(request, number))

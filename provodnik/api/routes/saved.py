"""What a person of the desk has for himself: saved views, drafts, answers on their way."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import BaseModel, Field

from provodnik.accounts.models import User
from provodnik.accounts.scopes import Scope
from provodnik.api.once import Made
from provodnik.api.paging import Page
from provodnik.api.routes.common import Removed, desk_only, doing, reading
from provodnik.api.routes.desk import ViewKey, ticket_of
from provodnik.api.routes.macros import Mode
from provodnik.api.security import me
from provodnik.api.shapes.fields import Day, Empty, In, MaybeText, Number, Whole
from provodnik.desk import policies
from provodnik.desk.actions import drafts, sending
from provodnik.desk.actions import views as actions
from provodnik.desk.models import SavedView, Unsent
from provodnik.desk.queries.filters import Filters
from provodnik.desk.queries.rail import views_of
from provodnik.desk.queries.unsent import drafts_of
from provodnik.desk.states import Priority, Resolution, Status, TicketType

router = Router(tags=["saved"])
READ, WRITE = Scope.DESK_READ, Scope.DESK_WRITE
OneOrNone = Annotated[str, Field(strict=True, pattern=r"^(none|me|\d{1,15})?$", description=_("none, me or an id."))]


class ViewQuery(In):
    """What a view narrows the queue by; the same as in /desk/requests."""

    view: ViewKey = "open"  # type: ignore[valid-type]
    status: Status | None = None
    priority: Priority | None = None
    type: TicketType | None = None
    customer: Whole | None = None
    subsystem: Whole | None = None
    assignee: OneOrNone = ""
    team: Annotated[str, Field(strict=True, pattern=r"^(none|\d{1,15})?$", description=_("An id, or none."))] = ""
    waiting: Annotated[str, Field(strict=True, pattern="^(us|user)?$", description=_("us or user: whose turn."))] = ""
    since: Day | None = None
    until: Day | None = None
    due: Annotated[str, Field(strict=True, pattern="^(today|tomorrow|week)?$")] = ""
    tags: Annotated[list[Whole], Field(max_length=5)] = []
    text: Annotated[str, Field(strict=True, max_length=200)] = ""


class SavedViewOut(BaseModel):
    """`query`: as in the address of the queue. A shared one is everybody's and changed by the lead alone."""

    id: int
    name: str
    query: dict[str, str]
    shared: bool
    may_edit: bool


def _out(row: SavedView, user: User) -> SavedViewOut:
    query = {"view": str(row.query.get("view", "")), **Filters.read(row.query).as_query()}
    return SavedViewOut(
        id=row.pk,
        name=row.name,
        query=query,
        shared=row.is_shared,
        may_edit=bool(policies.may_edit_own_or_shared(user, row.owner_id)),
    )


def saved_view(user: User, number: int) -> SavedView:
    """One's own, or everybody's. Raises SavedView.DoesNotExist."""
    return SavedView.objects.get(Q(owner=user) | Q(owner=None), pk=number)


@reading(router, "/desk/saved-views", Page[SavedViewOut], _("Saved views: my own and everybody's"), scope=READ)
def saved_views(request: HttpRequest) -> Page[SavedViewOut]:
    desk_only(request)
    return Page[SavedViewOut](items=[_out(one, me(request)) for one in views_of(me(request))])


@reading(router, "/desk/saved-views/{number}", SavedViewOut, _("One saved view"), scope=READ)
def saved_view_of(request: HttpRequest, number: Number) -> SavedViewOut:
    desk_only(request)
    return _out(saved_view(me(request), number), me(request))


class ViewBody(In):
    """What is not sent stays as it is."""

    name: Annotated[str, Field(strict=True, min_length=1, max_length=60)] = "—"
    query: ViewQuery = ViewQuery()
    shared: Annotated[bool, Field(strict=True, description=_("For the whole desk: by the lead alone."))] = False


class NewView(ViewBody):
    name: Annotated[str, Field(strict=True, min_length=1, max_length=60, examples=["Отчёты за неделю"])]


def _query(query: ViewQuery) -> dict[str, Any]:
    told = query.model_dump(mode="json", exclude_unset=True)
    return {**told, "tags": ",".join(str(one) for one in query.tags)}


def _save(request: HttpRequest, view: SavedView, data: ViewBody) -> SavedView:
    sent = data.model_fields_set
    fresh = view._state.adding
    return actions.save(
        view,
        name=data.name if "name" in sent else view.name,
        query=_query(data.query) if fresh or "query" in sent else None,
        shared=data.shared if "shared" in sent else view.is_shared,
        by=me(request),
        at=timezone.now(),
    )


@doing(router, "/desk/saved-views", SavedViewOut, _("Save a view"), scope=WRITE, status=201)
def save_view(request: HttpRequest, data: NewView) -> Made:
    desk_only(request)
    kept = _save(request, SavedView(owner=me(request)), data)
    return Made(_out(kept, me(request)), status=201, Location=reverse("api:v1:saved_view_of", args=[kept.pk]))


@doing(router, "/desk/saved-views/{number}", SavedViewOut, _("Change a saved view"), scope=WRITE)
def change_view(request: HttpRequest, number: Number, data: ViewBody) -> Made:
    desk_only(request)
    return Made(_out(_save(request, saved_view(me(request), number), data), me(request)))


class Moving(In):
    up: Annotated[bool, Field(strict=True, description=_("One place up; false: down."))]


@doing(router, "/desk/saved-views/{number}/move", SavedViewOut, _("Move a saved view by one place"), scope=WRITE)
def move_view(request: HttpRequest, number: Number, data: Moving) -> Made:
    desk_only(request)
    view = saved_view(me(request), number)
    actions.move(view, up=data.up, by=me(request), at=timezone.now())
    return Made(_out(view, me(request)))


@doing(router, "/desk/saved-views/{number}/remove", Removed, _("Remove a saved view"), scope=WRITE)
def remove_view(request: HttpRequest, number: Number, data: Empty) -> Made:
    desk_only(request)
    actions.remove(saved_view(me(request), number), by=me(request))
    return Made(Removed())


# --- what is not sent yet


class UnsentOut(BaseModel):
    """What its writer alone reads. `release_at`: when it leaves; null: a draft. `returned`: why it was not sent."""

    id: int
    number: int
    mode: str
    text: str
    resolution: str
    changed_at: datetime
    release_at: datetime | None
    returned: str


def _unsent(row: Unsent) -> UnsentOut:
    plain = {name: getattr(row, name) for name in ("mode", "text", "resolution", "changed_at", "release_at")}
    return UnsentOut(id=row.pk, number=row.ticket_id, returned=row.returned, **plain)


@reading(router, "/desk/drafts", Page[UnsentOut], _("My drafts, and answers on their way"), scope=READ)
def my_drafts(request: HttpRequest) -> Page[UnsentOut]:
    desk_only(request)
    return Page[UnsentOut](items=[_unsent(one) for one in drafts_of(me(request))])


class Draft(In):
    text: Annotated[MaybeText, Field(description=_("An empty text: no draft."))]
    mode: Mode = "reply"
    resolution: Resolution | None = None


class DraftOut(BaseModel):
    draft: UnsentOut | None


@doing(
    router,
    "/desk/requests/{number}/draft",
    DraftOut,
    _("Keep a draft"),
    scope=WRITE,
    more=_("One text a person and request; its writer finds it in the editor of the page."),
)
def keep_draft(request: HttpRequest, number: Number, data: Draft) -> Made:
    ticket = ticket_of(request, number)
    kept = drafts.keep(
        ticket.pk,
        by=me(request),
        at=timezone.now(),
        key=uuid.uuid4(),
        mode=data.mode,
        text=data.text,
        resolution=data.resolution or "",
    )
    return Made(DraftOut(draft=_unsent(kept) if kept is not None else None))


@doing(router, "/desk/requests/{number}/draft/remove", Removed, _("Throw the draft away"), scope=WRITE)
def drop_draft(request: HttpRequest, number: Number, data: Empty) -> Made:
    ticket = ticket_of(request, number)
    return Made(Removed(removed=drafts.drop(ticket.pk, by=me(request))))


class Recalled(BaseModel):
    recalled: bool = Field(description=_("false: it has left already."))


@doing(
    router,
    "/desk/requests/{number}/unsent/{unsent}/recall",
    Recalled,
    _("Take back an answer that has not left"),
    scope=WRITE,
    more=_("It is a draft again."),
)
def recall(request: HttpRequest, number: Number, unsent: Number, data: Empty) -> Made:
    ticket = ticket_of(request, number)
    return Made(Recalled(recalled=sending.recall(ticket.pk, unsent, by=me(request), at=timezone.now())))

"""One step for many requests: begun, told with its verdicts, taken back."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import BaseModel, Field

from provodnik.accounts.scopes import Scope
from provodnik.api.once import Made
from provodnik.api.paging import Page
from provodnik.api.routes.common import cleaned, desk_only, doing, reading
from provodnik.api.security import me
from provodnik.api.shapes.fields import Empty, In, Reason, Text, Whole
from provodnik.desk.actions import bulk, tagging
from provodnik.desk.forms.workbench import AssignForm
from provodnik.desk.models import BulkItem, BulkRun
from provodnik.desk.states import Priority, Resolution

router = Router(tags=["bulk"])
READ, WRITE = Scope.DESK_READ, Scope.DESK_WRITE
LATELY = 50
What = BulkRun.What
Numbers = Annotated[
    list[Whole], Field(min_length=1, max_length=bulk.MOST, description=_("Numbers of requests."), examples=[[1853]])
]


class ItemOut(BaseModel):
    """A request of the step. `done` null: not tried yet; false: `reason` says why not. `undone`: of taking it back."""

    number: int
    done: bool | None
    reason: str
    undone: bool | None
    undo_reason: str


class RunOut(BaseModel):
    """A step for many requests. What cannot be called back (an answer, a closing) waits until `due_at`."""

    id: UUID
    what: str
    state: str = Field(description=_("waiting, running, done, cancelled or undone."))
    at: datetime
    due_at: datetime | None
    undone_at: datetime | None


class RunTold(RunOut):
    items: list[ItemOut]


def _plain(run: BulkRun) -> dict[str, Any]:
    return {name: getattr(run, name) for name in ("what", "state", "at", "due_at", "undone_at")} | {"id": run.pk}


def _item(row: BulkItem) -> ItemOut:
    return ItemOut(
        number=row.ticket_id, done=row.done, reason=row.reason, undone=row.undone, undo_reason=row.undo_reason
    )


def _told(run: BulkRun) -> RunTold:
    return RunTold(**_plain(run), items=[_item(one) for one in run.items.order_by("ticket_id")])


def _run(request: HttpRequest, what: What, asked: dict[str, Any], numbers: list[int]) -> Made:
    """Written down, and carried out at once where it can be taken back."""
    now = timezone.now()
    run = bulk.begin(what, asked, numbers, key=uuid.uuid4(), by=me(request), at=now)
    if run.due_at is None:
        run = bulk.carry_out(run.pk, at=now)
    return Made(_told(run), status=201, Location=reverse("api:v1:step_for_many", args=[run.pk]))


@reading(router, "/desk/bulk", Page[RunOut], _("My last steps for many requests"), scope=READ)
def steps_for_many(request: HttpRequest) -> Page[RunOut]:
    desk_only(request)
    rows = BulkRun.objects.filter(by=me(request)).order_by("-at")[:LATELY]
    return Page[RunOut](items=[RunOut(**_plain(one)) for one in rows])


@reading(
    router,
    "/desk/bulk/{uuid:key}",
    RunTold,
    _("One of them, with the verdict on each request"),
    scope=READ,
    more=_("Only one's own."),
)
def step_for_many(request: HttpRequest, key: UUID) -> RunTold:
    desk_only(request)
    return _told(BulkRun.objects.get(by=me(request), pk=key))


class AssignMany(In):
    numbers: Numbers
    assignee: Annotated[Whole | None, Field(description=_("One of /desk/people; null gives it back to all."))]


@doing(router, "/desk/bulk/assign", RunTold, _("Give many requests to somebody"), scope=WRITE, status=201)
def assign_many(request: HttpRequest, data: AssignMany) -> Made:
    desk_only(request)
    person = cleaned(AssignForm({"assignee": data.assignee})).person()
    return _run(request, What.ASSIGN, {"to": person.pk if person else None}, data.numbers)


class PriorityOfMany(In):
    numbers: Numbers
    priority: Priority
    reason: Reason


@doing(router, "/desk/bulk/priority", RunTold, _("Change the priority of many"), scope=WRITE, status=201)
def prioritise_many(request: HttpRequest, data: PriorityOfMany) -> Made:
    desk_only(request)
    asked = {"priority": data.priority.value, "reason": data.reason}
    return _run(request, What.PRIORITY, asked, data.numbers)


Names = Annotated[
    list[Annotated[str, Field(strict=True, min_length=1, max_length=40)]], Field(default_factory=list, max_length=20)
]


class TagsOfMany(In):
    numbers: Numbers
    add: Annotated[Names, Field(description=_("By name; a new word becomes a tag."))]
    remove: Annotated[list[Whole], Field(default_factory=list, max_length=100, description=_("Ids of /desk/tags."))]


@doing(router, "/desk/bulk/tags", RunTold, _("Put tags on many, take tags off"), scope=WRITE, status=201)
def tag_many(request: HttpRequest, data: TagsOfMany) -> Made:
    desk_only(request)
    asked = {"add": [tag.pk for tag in tagging.named(data.add)], "remove": data.remove}
    return _run(request, What.TAGS, asked, data.numbers)


class AnswerMany(In):
    numbers: Numbers
    text: Text


@doing(
    router,
    "/desk/bulk/answer",
    RunTold,
    _("Answer many requesters"),
    scope=WRITE,
    status=201,
    more=_("Carried out in ten seconds; until then it can be called off."),
)
def answer_many(request: HttpRequest, data: AnswerMany) -> Made:
    desk_only(request)
    return _run(request, What.ANSWER, {"text": data.text}, data.numbers)


class CloseMany(AnswerMany):
    resolution: Resolution


@doing(
    router,
    "/desk/bulk/close",
    RunTold,
    _("Close many requests"),
    scope=WRITE,
    status=201,
    more=_("Carried out in ten seconds; until then it can be called off."),
)
def close_many(request: HttpRequest, data: CloseMany) -> Made:
    desk_only(request)
    return _run(request, What.CLOSE, {"resolution": data.resolution.value, "text": data.text}, data.numbers)


@doing(
    router,
    "/desk/bulk/{uuid:key}/undo",
    RunTold,
    _("Take it back, or call it off"),
    scope=WRITE,
    more=_("What somebody has changed since stays as he left it, and its verdict says so."),
)
def undo_many(request: HttpRequest, key: UUID, data: Empty) -> Made:
    desk_only(request)
    found = BulkRun.objects.get(by=me(request), pk=key)
    return Made(_told(bulk.undo(found.pk, by=me(request), at=timezone.now())))

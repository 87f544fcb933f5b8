"""What a request is tied to and marked with: tags, own fields, team, links, merging, splitting, watchers."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from provodnik.accounts.scopes import Scope
from provodnik.api import queries
from provodnik.api.once import Made
from provodnik.api.paging import Page
from provodnik.api.problems import Problem, field_problem
from provodnik.api.revisions import tagged, unchanged
from provodnik.api.routes.common import cleaned, desk_only, doing, reading
from provodnik.api.routes.desk import shown, ticket_of
from provodnik.api.security import me
from provodnik.api.shapes import ties as shapes
from provodnik.api.shapes.fields import Empty, In, MaybeText, Number, Whole
from provodnik.api.shapes.people import Named
from provodnik.api.shapes.requests import DeskRequest
from provodnik.api.shapes.ties import FieldValue, Ties
from provodnik.core.decisions import Refused
from provodnik.desk import policies
from provodnik.desk.actions import assignment, linking, merging, own_fields, tagging, watching
from provodnik.desk.actions.opening import LONGEST_SUBJECT
from provodnik.desk.forms.ties import WatchersForm
from provodnik.desk.forms.workbench import TeamForm
from provodnik.desk.models import LinkKind, Message
from provodnik.desk.queries.marks import tags_offered
from provodnik.desk.queries.ties import may_be_watchers
from provodnik.desk.states import Priority, TicketType

router = Router(tags=["ties"])
READ, WRITE = Scope.DESK_READ, Scope.DESK_WRITE


def _told(request: HttpRequest, number: int) -> Ties:
    """The ties of a request as they are now, with its ETag beside them."""
    ticket = ticket_of(request, number)
    shape = shapes.ties(queries.ties(me(request), ticket))
    tagged(request, ticket.revision, shape)
    return shape


def _tie(request: HttpRequest, number: int, do: Callable[..., Any], status: int = 200, **given: Any) -> Made:
    """One action on a request that the asker sees, as he has seen it; then what it is tied to."""
    ticket_of(request, number)
    with unchanged(request, number):
        do(number, by=me(request), at=timezone.now(), **given)
    return Made(_told(request, number), status=status)


@reading(
    router,
    "/desk/requests/{number}/ties",
    Ties,
    _("What it is tied to and marked with"),
    scope=READ,
    more=_("Tags, fields of the customer, team, links, merged requests, watchers."),
)
def ties_of_request(request: HttpRequest, number: Number) -> Ties:
    return _told(request, number)


@reading(router, "/desk/tags", Page[Named], _("Tags of requests"), scope=READ)
def tags(request: HttpRequest) -> Page[Named]:
    desk_only(request)
    return Page[Named](items=[Named(id=one.pk, name=one.name) for one in tags_offered()])


class NewTags(In):
    tags: Annotated[
        list[Annotated[str, Field(strict=True, min_length=1, max_length=40)]],
        Field(max_length=20, description=_("Exactly these, by name; a new word becomes a tag."), examples=[["отчёты"]]),
    ]


@doing(router, "/desk/requests/{number}/tags", Ties, _("Set the tags"), scope=WRITE, revision=True)
def set_tags(request: HttpRequest, number: Number, data: NewTags) -> Made:
    return _tie(request, number, tagging.set_tags, names=data.tags)


class NewFields(In):
    fields: Annotated[list[FieldValue], Field(min_length=1, max_length=50)]


@doing(
    router,
    "/desk/requests/{number}/fields",
    Ties,
    _("Fill in fields of the customer"),
    scope=WRITE,
    revision=True,
    more=_("What is not named stays."),
)
def set_fields(request: HttpRequest, number: Number, data: NewFields) -> Made:
    typed = {one.field: one.value for one in data.fields}
    try:
        return _tie(request, number, own_fields.set_fields, typed=typed)
    except Refused as refused:  # the page calls the field field_N, the body has it at some place
        places = {f"field_{one.field}": place for place, one in enumerate(data.fields)}
        if refused.field in places:
            raise field_problem(f"fields.{places[refused.field]}.value", refused.reason) from refused
        raise


class NewTeam(In):
    team: Annotated[Whole | None, Field(description=_("One of /desk/teams; null: none."))]


@doing(
    router,
    "/desk/requests/{number}/team",
    Ties,
    _("Say of which team it is"),
    scope=WRITE,
    revision=True,
    more=_("Whoever has the request keeps it."),
)
def change_team(request: HttpRequest, number: Number, data: NewTeam) -> Made:
    ticket_of(request, number)
    form = cleaned(TeamForm({"team": data.team}))
    return _tie(request, number, assignment.change_team, team=form.cleaned_data["team"])


class NewLink(In):
    kind: Annotated[
        Literal["duplicate", "related", "cause", "caused"],
        Field(description=_("This request is a duplicate of the other, related to it, its cause, or follows from it.")),
    ]
    other: Annotated[Whole, Field(description=_("The number of the other request."))]


@doing(
    router,
    "/desk/requests/{number}/links",
    Ties,
    _("Link with another request"),
    scope=WRITE,
    status=201,
    revision=True,
    more=_("The same once more changes nothing."),
)
def link(request: HttpRequest, number: Number, data: NewLink) -> Made:
    ticket_of(request, number)
    one, other, kind = number, data.other, data.kind
    if kind == "caused":
        one, other, kind = other, one, "cause"
    with unchanged(request, number):
        linking.link(one, other=other, kind=LinkKind(kind), by=me(request), at=timezone.now())
    return Made(_told(request, number), status=201)


@doing(
    router,
    "/desk/requests/{number}/links/{link}/remove",
    Ties,
    _("Take a link away"),
    scope=WRITE,
    revision=True,
    more=_("One that is not there any more is no matter."),
)
def unlink(request: HttpRequest, number: Number, link: Number, data: Empty) -> Made:
    return _tie(request, number, linking.unlink, link_id=link)


class MergeInto(In):
    into: Annotated[Whole, Field(description=_("The number in which it goes on: the earlier of the two."))]
    text: Annotated[MaybeText, Field(description=_("What its requester is told besides the number."))] = ""


def _target(request: HttpRequest, number: int) -> Made:
    place = reverse("api:v1:request_of_desk", args=[number])
    return Made(shown(request, number), Location=place)


@doing(
    router,
    "/desk/requests/{number}/merge",
    DeskRequest,
    _("Merge into another request"),
    scope=WRITE,
    revision=True,
    more=_("It is closed, and its number leads to the other one, which is the answer. This cannot be taken back."),
)
def merge(request: HttpRequest, number: Number, data: MergeInto) -> Made:
    ticket_of(request, number)
    with unchanged(request, number):
        target = merging.merge([number], into=data.into, text=data.text, by=me(request), at=timezone.now())
    return _target(request, target.pk)


class MergeSeveral(MergeInto):
    numbers: Annotated[list[Whole], Field(min_length=1, max_length=merging.MOST_MERGED + 1)]


@doing(
    router,
    "/desk/merges",
    DeskRequest,
    _("Merge several requests into one"),
    scope=WRITE,
    more=_("All of them, or none: the reason names the request it speaks of."),
)
def merge_several(request: HttpRequest, data: MergeSeveral) -> Made:
    desk_only(request)
    target = merging.merge(data.numbers, into=data.into, text=data.text, by=me(request), at=timezone.now())
    return _target(request, target.pk)


class Split(In):
    subject: Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_SUBJECT)]
    type: TicketType
    priority: Priority


@doing(
    router,
    "/desk/requests/{number}/messages/{message}/split",
    DeskRequest,
    _("Make a message a request of its own"),
    scope=WRITE,
    status=201,
    more=_("A later message of the requester, with its files; registered now, and he is told the new number."),
)
def split(request: HttpRequest, number: Number, message: Number, data: Split) -> Made:
    ticket = ticket_of(request, number)
    absorbed = list(ticket.absorbed.values_list("pk", flat=True))
    said: Message = policies.visible_messages(me(request), ticket, absorbed).get(pk=message)
    made = linking.split(
        said.pk,
        subject=data.subject,
        type_=data.type,
        priority=data.priority,
        by=me(request),
        at=timezone.now(),
        key=uuid.uuid4(),
    )
    place = reverse("api:v1:request_of_desk", args=[made.pk])
    return Made(shown(request, made.pk), status=201, Location=place)


class Watching(In):
    on: Annotated[bool, Field(strict=True)]


@doing(router, "/desk/requests/{number}/watch", Ties, _("Watch it, or no longer"), scope=WRITE)
def watch(request: HttpRequest, number: Number, data: Watching) -> Made:
    return _tie(request, number, watching.watch, on=data.on)


class NewWatchers(In):
    users: Annotated[list[Whole], Field(max_length=100, description=_("Of /desk/people."))]
    contacts: Annotated[
        list[Whole], Field(default_factory=list, max_length=100, description=_("Of the customer: who may see it."))
    ]


@doing(
    router,
    "/desk/requests/{number}/watchers",
    Ties,
    _("Say who else is told"),
    scope=WRITE,
    revision=True,
    more=_("Exactly these people."),
)
def set_watchers(request: HttpRequest, number: Number, data: NewWatchers) -> Made:
    ticket = ticket_of(request, number)
    form = cleaned(WatchersForm(data.model_dump(), people=may_be_watchers(ticket)))
    if data.contacts and "contacts" not in form.fields:
        raise Problem("invalid", errors=[("contacts", gettext("Nobody of the customer may be told of this request."))])
    people = {"users": form.cleaned_data["users"], "contacts": form.cleaned_data.get("contacts", [])}
    return _tie(request, number, watching.set_watchers, **people)

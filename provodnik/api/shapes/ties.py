"""What a request is tied to and marked with, as the API tells of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from django.utils.translation import gettext_noop as _
from pydantic import BaseModel, Field

from provodnik.api.shapes.fields import In, Whole
from provodnik.api.shapes.people import Named, named
from provodnik.desk.models import FieldDefinition, Tag, Ticket, TicketLink, Watcher
from provodnik.desk.typed_fields import Value

# As it is kept and as it is given: of JSON's own kinds, never one taken for another.
Given = (
    Annotated[bool, Field(strict=True)]
    | Annotated[int, Field(strict=True, ge=-(10**12), le=10**12)]
    | Annotated[float, Field(strict=True, ge=-1e12, le=1e12)]
    | Annotated[str, Field(strict=True, max_length=500)]
    | None
)


class FieldValue(In):
    field: Annotated[Whole, Field(description=_("The id of a field of the customer."))]
    value: Annotated[Given, Field(description=_("A text, a number, true or false, a date as 2026-11-23; null: none."))]


class LinkOut(BaseModel):
    """`from_here`: this request is the duplicate, or the cause, of the other one; or that one was split off from it."""

    id: int
    kind: str = Field(description=_("duplicate, related, cause; split: stays for ever."))
    from_here: bool
    number: int
    subject: str


class OtherRequest(BaseModel):
    number: int
    subject: str


class FieldOut(BaseModel):
    """A field that the customer's contract asks for. `choices`: of a field to choose from."""

    id: int
    label: str
    kind: str
    choices: list[str]
    required: bool
    asked: bool = Field(description=_("The requester fills it in and sees it; else the desk alone."))
    value: Given


class WatcherOut(BaseModel):
    """Somebody of the desk, or of the customer."""

    user: Named | None
    contact: Named | None


class Ties(BaseModel):
    """`merged_into`: the number in which this request goes on."""

    merged_into: int | None
    merged: list[OtherRequest]
    links: list[LinkOut]
    tags: list[Named]
    team: Named | None
    fields: list[FieldOut]
    watchers: list[WatcherOut]
    watched: bool = Field(description=_("By the token's owner."))


@dataclass(frozen=True, slots=True)
class TiesOf:
    """The rows that `ties` tells."""

    ticket: Ticket
    reader: int
    merged_into: int | None = None
    merged: Sequence[Ticket] = ()
    links: Sequence[TicketLink] = ()
    tags: Iterable[Tag] = ()
    definitions: Sequence[FieldDefinition] = ()
    values: Mapping[str, Value] = field(default_factory=dict)
    watchers: Sequence[Watcher] = ()


def field_out(definition: FieldDefinition, values: Mapping[str, Value]) -> FieldOut:
    return FieldOut(
        id=definition.pk,
        label=definition.label,
        kind=definition.kind,
        choices=list(definition.choices),
        required=definition.required,
        asked=definition.asked,
        value=values.get(str(definition.pk)),
    )


def _link(row: TicketLink, number: int) -> LinkOut:
    other = row.other if row.one_id == number else row.one
    return LinkOut(id=row.pk, kind=row.kind, from_here=row.one_id == number, number=other.pk, subject=other.subject)


def ties(found: TiesOf) -> Ties:
    return Ties(
        merged_into=found.merged_into,
        merged=[OtherRequest(number=one.pk, subject=one.subject) for one in found.merged],
        links=[_link(one, found.ticket.pk) for one in found.links],
        tags=[Named(id=one.pk, name=one.name) for one in found.tags],
        team=named(found.ticket.team),
        fields=[field_out(one, found.values) for one in found.definitions],
        watchers=[WatcherOut(user=named(one.user), contact=named(one.contact)) for one in found.watchers],
        watched=any(one.user_id == found.reader for one in found.watchers),
    )

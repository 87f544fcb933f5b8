"""Requests, their messages, history and clock, as the API tells of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_noop as _
from pydantic import BaseModel, Field

from provodnik.api.shapes.people import Named, named
from provodnik.desk import policies
from provodnik.desk.models import Attachment, Message, Ticket, TicketEvent
from provodnik.desk.queries.queue import Row
from provodnik.desk.states import Impact, Priority, Resolution, Status, TicketType
from provodnik.desk.story import ClockStory, Segment


class Request(BaseModel):
    """A request, as both sides see it."""

    number: int
    subject: str
    status: Status
    priority: Priority
    type: TicketType
    impact: Impact | None
    resolution: Resolution | None
    customer: Named | None
    contact: Named | None
    requester: str = Field(description=_("The name, as it stands in the request."))
    subsystem: Named | None
    assignee: Named | None
    registered_at: datetime
    due_at: datetime = Field(description=_("While the clock stands: as it was when it stopped."))
    closed_at: datetime | None
    reopen_until: datetime | None = Field(description=_("Until then an answer reopens the closed request."))
    answered: bool = Field(description=_("The requester wrote and the desk has not answered since."))
    rating: int | None
    revision: int
    page: str = Field(description=_("The address for a person."))


def _page(route: str, number: int) -> str:
    return f"{settings.BASE_URL}/{route}/{number}/"


def _common(ticket: Ticket) -> dict[str, Any]:
    return {
        "number": ticket.pk,
        "subject": ticket.subject,
        "status": Status(ticket.status),
        "priority": Priority(ticket.priority),
        "type": TicketType(ticket.type),
        "impact": Impact(ticket.impact) if ticket.impact else None,
        "resolution": Resolution(ticket.resolution) if ticket.resolution else None,
        "customer": named(ticket.customer),
        "contact": named(ticket.contact),
        "requester": ticket.requester_name,
        "subsystem": named(ticket.subsystem),
        "assignee": named(ticket.assignee),
        "registered_at": ticket.registered_at,
        "due_at": ticket.due_at,
        "closed_at": ticket.closed_at,
        "reopen_until": policies.reopen_until(ticket),
        "answered": ticket.answered_at is not None,
        "rating": ticket.rating,
        "revision": ticket.revision,
    }


def request(ticket: Ticket) -> Request:
    """For its requester."""
    return Request(**_common(ticket), page=_page("requests", ticket.pk))


class DeskRequest(Request):
    """What the desk sees of it besides."""

    contact_email: str
    channel: str
    contract: Named | None
    asked_at: datetime | None
    answered_at: datetime | None
    triaged_at: datetime | None
    touched_at: datetime
    undelivered: bool = Field(description=_("Closed, and the notice of it has not arrived."))
    rating_text: str
    follows: int | None


def desk_request(ticket: Ticket) -> DeskRequest:
    return DeskRequest(
        **_common(ticket),
        page=_page("desk", ticket.pk),
        contact_email=ticket.contact_email,
        channel=ticket.channel,
        contract=named(ticket.contract),
        asked_at=ticket.asked_at,
        answered_at=ticket.answered_at,
        triaged_at=ticket.triaged_at,
        touched_at=ticket.touched_at,
        undelivered=ticket.undelivered,
        rating_text=ticket.rating_text,
        follows=ticket.follows_id,
    )


class QueueRow(BaseModel):
    """A request in a list of the desk. `left`: seconds of the contract's time to the deadline, negative when it has
    passed; null while the clock stands or the request is closed."""

    number: int
    subject: str
    status: Status
    priority: Priority
    resolution: Resolution | None
    customer: str
    requester: str
    assignee: Named | None
    answered_at: datetime | None
    due_at: datetime
    closed_at: datetime | None
    undelivered: bool
    left: int | None


def queue_row(row: Row) -> QueueRow:
    return QueueRow(
        number=row.number,
        subject=row.subject,
        status=Status(row.status),
        priority=Priority(row.priority),
        resolution=Resolution(row.resolution) if row.resolution else None,
        customer=row.customer,
        requester=row.requester,
        assignee=Named(id=row.assignee_id, name=row.assignee) if row.assignee_id is not None else None,
        answered_at=row.answered_at,
        due_at=row.due_at,
        closed_at=row.closed_at,
        undelivered=row.undelivered,
        left=_seconds(row.left),
    )


class FileOut(BaseModel):
    id: UUID
    name: str
    size: int = Field(description=_("In bytes."))
    content_type: str = Field(description=_("As its sender named it; it is always given out as a plain file."))
    sha256: str
    scan: str = Field(description=_("What the antivirus said: clean, infected, failed, waiting; empty without one."))


def file(row: Attachment) -> FileOut:
    return FileOut(
        id=row.pk,
        name=row.name,
        size=row.blob.size,
        content_type=row.content_type,
        sha256=row.blob.sha256,
        scan=row.blob.scan,
    )


class MessageOut(BaseModel):
    id: int
    kind: str
    at: datetime
    author: str
    from_desk: bool
    channel: str
    text: str
    files: list[FileOut]


def message(row: Message) -> MessageOut:
    return MessageOut(
        id=row.pk,
        kind=row.kind,
        at=row.at,
        author=row.author_name,
        from_desk=row.from_desk,
        channel=row.channel,
        text=row.text,
        files=[file(one) for one in row.attachments.all()],
    )


class EventOut(BaseModel):
    """A fact of the history. `told`: the sentence that the history shows."""

    id: int
    kind: str
    at: datetime
    status_from: str
    status_to: str
    told: str


def event(row: TicketEvent, told: str) -> EventOut:
    return EventOut(
        id=row.pk, kind=row.kind, at=row.at, status_from=row.status_from, status_to=row.status_to, told=told
    )


class SegmentOut(BaseModel):
    """A stretch of the clock: it ran, or stood: waiting for the user, for us, or closed. `length` in seconds of the
    contract's time."""

    kind: str
    start: datetime
    end: datetime
    length: int


class Clock(BaseModel):
    """The clock of a request at one moment; lengths in seconds of the contract's time."""

    at: datetime
    priority: Priority
    allowance: int
    due_at: datetime
    counted: int
    left: int
    waiting_user: int
    waiting_us: int
    stood_closed: int
    standing: str | None = Field(description=_("Why it stands: user, us, closed; null while it runs."))
    standing_since: datetime | None
    overdue: bool
    in_time: bool | None
    segments: list[SegmentOut]


def _seconds(span: timedelta | None) -> Any:
    return int(span.total_seconds()) if span is not None else None


def _segment(one: Segment) -> SegmentOut:
    return SegmentOut(kind=one.kind, start=one.start, end=one.end, length=_seconds(one.length))


def clock(story: ClockStory, at: datetime) -> Clock:
    return Clock(
        at=at,
        priority=story.priority,
        allowance=_seconds(story.allowance),
        due_at=story.due_at,
        counted=_seconds(story.counted),
        left=_seconds(story.left),
        waiting_user=_seconds(story.waiting_user),
        waiting_us=_seconds(story.waiting_us),
        stood_closed=_seconds(story.stood_closed),
        standing=story.standing,
        standing_since=story.standing_since,
        overdue=story.overdue,
        in_time=story.in_time,
        segments=[_segment(one) for one in story.segments],
    )

"""Closing, withdrawing, reopening, rating (R11, R12, R14, R15, I5, I6)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.channels.models import Channel
from provodnik.core.decisions import Refused, require
from provodnik.core.text import storable
from provodnik.desk import policies
from provodnik.desk.actions import complaints
from provodnik.desk.actions.base import (
    NewFile,
    changing,
    in_order,
    made_before,
    rebuild_deadline,
    record,
    require_revision,
    settle,
    write_message,
)
from provodnik.desk.announce.facts import last_closing
from provodnik.desk.models import EventKind, Message, MessageKind, Ticket, TicketEvent
from provodnik.desk.states import EXPLANATION_REQUIRED, Resolution, Status

LONGEST_RATING_TEXT = 2000


def close(
    number: int,
    *,
    resolution: Resolution,
    text: str,
    by: User,
    at: datetime,
    key: uuid.UUID | None = None,
    files: Sequence[NewFile] = (),
    revision: int | None = None,
) -> Ticket:
    """Close with a resolution; `text` is the solution or the explanation that I5 demands. The notice of R14 follows."""
    with changing(number) as ticket:
        if made_before(ticket, MessageKind.SOLUTION, key, by=by) is not None:
            return ticket
        require_revision(ticket, revision)
        require(policies.may_close(by, ticket, resolution.value))
        if resolution in EXPLANATION_REQUIRED and not text.strip():
            if resolution is Resolution.SOLVED:
                raise Refused(_("Write the solution: the requester will read it."), field="text")
            raise Refused(_("Write an explanation: the requester will read it."), field="text")
        at = in_order(ticket, at)
        message = write_message(
            ticket,
            MessageKind.SOLUTION,
            text=text,
            at=at,
            channel=Channel.PORTAL,
            by=by,
            files_in=files,
            key=key,
        )
        if ticket.assignee_id is None:
            ticket.assignee = by
        closing = _finish(ticket, resolution, EventKind.CLOSED, at=at, by=by, message=message)
        if resolution is Resolution.COMPLAINT:
            complaints.after_closing(ticket, closing.pk, by=by, at=at)
        settle(ticket, at=at)
        return ticket


def _finish(
    ticket: Ticket, resolution: Resolution, kind: EventKind, *, at: datetime, by: User, message: Message | None
) -> TicketEvent:
    was_standing = ticket.is_standing
    ticket.resolution = resolution.value
    ticket.closed_at = at
    ticket.asked_at = None
    ticket.answered_at = None
    ticket.undelivered = True  # until the notice of R14 has left (desk.announce)
    if was_standing:  # the pause ends here: what it excludes is part of the deadline (I2, I3)
        rebuild_deadline(ticket, ended=at)
    # The deadline it was judged by is part of the fact: a contract edited later changes no verdict of the past.
    due = ticket.due_at.isoformat()
    return record(ticket, kind, at=at, by=by, to=Status.DONE, message=message, resolution=resolution.value, due=due)


def withdraw(number: int, *, by: User, at: datetime, text: str = "", key: uuid.UUID | None = None) -> Ticket:
    """The requester needs no answer any more (R15). Withdrawn twice, it is withdrawn once."""
    with changing(number) as ticket:
        if ticket.resolution == Resolution.WITHDRAWN.value and policies.may_answer(by, ticket):
            return ticket
        require(policies.may_withdraw(by, ticket))
        at = in_order(ticket, at)
        contact = policies.contact_of(by)
        message = None
        if text.strip():
            message = write_message(
                ticket, MessageKind.ANSWER, text=text, at=at, channel=Channel.PORTAL, contact=contact, key=key
            )
        _finish(ticket, Resolution.WITHDRAWN, EventKind.WITHDRAWN, at=at, by=by, message=message)
        settle(ticket, at=at)
        return ticket


def reopen_locked(
    ticket: Ticket, *, at: datetime, by: User | None, by_name: str = "", message: Message | None = None
) -> None:
    """Bring a locked closed ticket back into В работе; the time it stood closed is not counted (I6)."""
    previous = ticket.resolution
    ticket.resolution = ""
    ticket.closed_at = None
    ticket.undelivered = False
    ticket.rating, ticket.rating_text = None, ""
    record(
        ticket,
        EventKind.REOPENED,
        at=at,
        by=by,
        by_name=by_name,
        to=Status.IN_PROGRESS,
        message=message,
        resolution=previous,
    )
    rebuild_deadline(ticket)


def reopen(number: int, *, text: str, by: User, at: datetime, key: uuid.UUID | None = None) -> Ticket:
    """A specialist reopens; the reason goes into a note. (A requester reopens by writing: desk.actions.incoming.)"""
    with changing(number) as ticket:
        require(policies.may_work(by))
        if made_before(ticket, MessageKind.NOTE, key, by=by) is not None:
            return ticket
        require(policies.may_reopen(by, ticket, now=at))
        if not text.strip():
            raise Refused(_("Write why the request is reopened."), field="text")
        at = in_order(ticket, at)
        message = write_message(ticket, MessageKind.NOTE, text=text, at=at, channel=Channel.PORTAL, by=by, key=key)
        reopen_locked(ticket, at=at, by=by, message=message)
        settle(ticket, at=at)
        return ticket


def rate(
    number: int, *, rating: int, text: str, at: datetime, by: User | None = None, closing: int | None = None
) -> Ticket:
    """The requester judges the work, from 1 to 5: signed in (`by`), or by the letter about a closing (`closing`, the
    id of its event). A later word replaces the earlier, history keeps both; the same word again changes nothing."""
    with changing(number) as ticket:
        if by is not None:
            require(policies.may_rate(by, ticket, now=at))
        else:
            require(policies.may_be_rated(ticket, now=at))
            current = last_closing(ticket.pk)
            if current is None or current.pk != closing:
                raise Refused(_("This link is about an earlier closing of the request."))
        if not 1 <= rating <= 5:
            raise Refused(_("Choose a mark from 1 to 5."), field="rating")
        text = storable(text).strip()[:LONGEST_RATING_TEXT]
        old = ticket.rating
        if (old, ticket.rating_text) == (rating, text):
            return ticket
        at = in_order(ticket, at)
        ticket.rating, ticket.rating_text = rating, text
        record(
            ticket,
            EventKind.RATED,
            at=at,
            by=by,
            by_name="" if by is not None else ticket.requester_name,
            rating=rating,
            old=old,
            text=text,
            by_letter=by is None,
        )
        settle(ticket, at=at)
        return ticket


def told_otherwise(number: int, *, text: str, by: User, at: datetime) -> Ticket:
    """The notice of closing could not be delivered, and a specialist told the user another way: the duty is done."""
    with changing(number) as ticket:
        require(policies.may_work(by))
        if not ticket.undelivered:
            return ticket
        if not text.strip():
            raise Refused(_("Write how the requester was told."), field="text")
        at = in_order(ticket, at)
        message = write_message(ticket, MessageKind.NOTE, text=text, at=at, channel=Channel.PORTAL, by=by)
        ticket.undelivered = False
        record(ticket, EventKind.TOLD_OTHERWISE, at=at, by=by, message=message)
        settle(ticket, at=at)
        return ticket

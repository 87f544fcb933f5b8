"""A specialist's work on a request: take, assign, answer, note, ask."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.channels.models import Channel
from provodnik.core.decisions import Refused, require
from provodnik.desk import policies
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
from provodnik.desk.models import EventKind, Message, MessageKind, Ticket
from provodnik.desk.states import Status


def _written(text: str, files: Sequence[NewFile]) -> None:
    if not text.strip() and not files:
        raise Refused(_("Write something first."), field="text")


def begin(ticket: Ticket, *, by: User, at: datetime) -> None:
    """Bring a locked open ticket into В работе: from Создана, or back from Уточнение (its clock goes on, I2)."""
    if ticket.assignee_id is None:
        ticket.assignee = by
    if ticket.status == Status.IN_PROGRESS.value:
        return
    was_standing = ticket.is_standing
    ticket.asked_at = None
    ticket.triaged_at = ticket.triaged_at or at
    record(ticket, EventKind.TAKEN, at=at, by=by, to=Status.IN_PROGRESS, priority=ticket.priority)
    if was_standing:
        rebuild_deadline(ticket)


def take(number: int, *, by: User, at: datetime, revision: int | None = None) -> Ticket:
    """Take into work, become the assignee. From Уточнение: the answer is taken up and the clock goes on."""
    with changing(number, revision=revision) as ticket:
        require(policies.may_take(by, ticket))
        at = in_order(ticket, at)
        moved = ticket.status != Status.IN_PROGRESS.value
        previous, ticket.assignee = ticket.assignee_id, by
        begin(ticket, by=by, at=at)
        if moved:  # taking over from a colleague answers nobody
            ticket.answered_at = None
        if not moved and previous != by.pk:
            record(ticket, EventKind.ASSIGNED, at=at, by=by, old=previous, new=by.pk, name=by.full_name)
        settle(ticket, at=at)
        return ticket


def assign(number: int, *, to: User | None, by: User, at: datetime) -> Ticket:
    """Give the request to somebody of the desk, or to nobody. Assigning to who has it changes nothing."""
    with changing(number) as ticket:
        require(policies.may_change_facts(by, ticket))
        if to is not None and not to.is_desk:
            raise Refused(_("This person does not work at the desk."), field="assignee")
        if to is not None and to.pk == ticket.complains_about_id:
            raise Refused(_("The complaint is about this person's work: choose somebody else."), field="assignee")
        if ticket.assignee_id == (to.pk if to else None):
            return ticket
        at = in_order(ticket, at)
        previous, ticket.assignee = ticket.assignee_id, to
        record(
            ticket,
            EventKind.ASSIGNED,
            at=at,
            by=by,
            old=previous,
            new=to.pk if to else None,
            name=to.full_name if to else "",
        )
        settle(ticket, at=at)
        return ticket


def reply(
    number: int,
    *,
    text: str,
    by: User,
    at: datetime,
    key: uuid.UUID | None = None,
    files: Sequence[NewFile] = (),
    revision: int | None = None,
) -> Message:
    """Answer the requester. The request comes into В работе: who answers has taken it up."""
    with changing(number) as ticket:
        known = made_before(ticket, MessageKind.REPLY, key, by=by)
        if known is not None:
            return known
        require_revision(ticket, revision)
        require(policies.may_write(by, ticket))
        _written(text, files)
        at = in_order(ticket, at)
        begin(ticket, by=by, at=at)
        message = write_message(
            ticket,
            MessageKind.REPLY,
            text=text,
            at=at,
            channel=Channel.PORTAL,
            by=by,
            files_in=files,
            key=key,
        )
        record(ticket, EventKind.REPLIED, at=at, by=by, message=message)
        ticket.answered_at = None
        settle(ticket, at=at)
        return message


def note(
    number: int,
    *,
    text: str,
    by: User,
    at: datetime,
    key: uuid.UUID | None = None,
    files: Sequence[NewFile] = (),
) -> Message:
    """Write for the desk alone. Neither status nor clock nor queue changes."""
    with changing(number) as ticket:
        known = made_before(ticket, MessageKind.NOTE, key, by=by)
        if known is not None:
            return known
        require(policies.may_note(by, ticket))
        _written(text, files)
        at = in_order(ticket, at)
        message = write_message(
            ticket, MessageKind.NOTE, text=text, at=at, channel=Channel.PORTAL, by=by, files_in=files, key=key
        )
        record(ticket, EventKind.NOTED, at=at, by=by, message=message)
        settle(ticket, at=at)
        return message


def ask(
    number: int,
    *,
    text: str,
    by: User,
    at: datetime,
    key: uuid.UUID | None = None,
    files: Sequence[NewFile] = (),
    revision: int | None = None,
) -> Message:
    """Seek clarifications: the request goes into Уточнение and its clock stands (I2).

    Asked again while it stands there, the request is taken up and put back at the same instant, so that the wait for
    the user and our reaction stay apart in the story.
    """
    with changing(number) as ticket:
        known = made_before(ticket, MessageKind.QUESTION, key, by=by)
        if known is not None:
            return known
        require_revision(ticket, revision)
        require(policies.may_ask(by, ticket))
        if not text.strip():
            raise Refused(_("Write what you want to know."), field="text")
        at = in_order(ticket, at)
        if ticket.is_standing:
            begin(ticket, by=by, at=at)
        if ticket.assignee_id is None:
            ticket.assignee = by
        message = write_message(
            ticket,
            MessageKind.QUESTION,
            text=text,
            at=at,
            channel=Channel.PORTAL,
            by=by,
            files_in=files,
            key=key,
        )
        record(ticket, EventKind.ASKED, at=at, by=by, to=Status.CLARIFICATION, message=message)
        ticket.asked_at = at
        ticket.answered_at = None
        ticket.triaged_at = ticket.triaged_at or at
        settle(ticket, at=at)
        return message

"""What every action of the desk is made of: lock the row, decide, change, record the event, ask for its notices."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core import files
from provodnik.core.decisions import ChangedMeanwhile, Refused
from provodnik.core.text import one_line, storable
from provodnik.desk import announce
from provodnik.desk.calendars import calendar_of
from provodnik.desk.models import Attachment, Contact, EventKind, Message, MessageKind, Ticket, TicketEvent
from provodnik.desk.queries.facts import allowances_of, moves_of
from provodnik.desk.search import normal
from provodnik.desk.states import Priority, Status, is_legal
from provodnik.desk.story import stored_due_at

LONGEST_TEXT = 200_000  # characters of one message; a novel fits
SEARCHED_TEXT = 20_000  # characters of one message that search knows


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file on its way into a message; `content` in bytes."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""
    is_inline: bool = False


@contextmanager
def changing(number: int, *, revision: int | None = None) -> Iterator[Ticket]:
    """The ticket, locked for one transaction. `revision`: what the page was made from.
    Raises Ticket.DoesNotExist, ChangedMeanwhile."""
    with transaction.atomic():
        ticket = (
            Ticket.objects.select_for_update(of=("self",))
            .select_related("contract__calendar", "customer")
            .get(pk=number)
        )
        if revision is not None and ticket.revision != revision:
            raise ChangedMeanwhile(_("Somebody changed the request meanwhile. Look at it once more."))
        yield ticket


def record(
    ticket: Ticket,
    kind: EventKind,
    *,
    at: datetime,
    by: User | None = None,
    by_name: str = "",
    to: Status | None = None,
    message: Message | None = None,
    **data: Any,
) -> TicketEvent:
    """Write the fact; with `to`, move the status (refusing an illegal move). The caller saves by `settle`."""
    before = ticket.status
    if to is not None:
        if not is_legal(Status(before), to):
            raise Refused(_("This move is not allowed by the support rules."))
        ticket.status = to.value
    event = TicketEvent.objects.create(
        ticket=ticket,
        kind=kind,
        at=at,
        by=by,
        by_name=one_line(by_name, 200),
        status_from=before if to is not None else "",
        status_to=to.value if to is not None else "",
        message=message,
        data=data,
    )
    announce.later(event)
    return event


def order_of(ticket: Ticket) -> tuple[int, datetime]:
    """Place in the queue: answered first (oldest answer first), then by deadline, standing clocks, closed last."""
    if ticket.closed_at is not None:
        return 3, ticket.closed_at
    if ticket.answered_at is not None:
        return 0, ticket.answered_at
    if ticket.asked_at is not None:
        return 2, ticket.asked_at
    return 1, ticket.due_at


def rebuild_deadline(ticket: Ticket) -> None:
    """Compute the stored deadline anew from the history (I3)."""
    ticket.due_at = stored_due_at(
        registered=ticket.registered_at,
        moves=moves_of(ticket),
        allowance=allowances_of(ticket.contract)[Priority(ticket.priority)],
        calendar=calendar_of(ticket.contract),
    )


def settle(ticket: Ticket, *, at: datetime) -> None:
    """Save a changed ticket with the columns that follow from the others."""
    ticket.queue_rank, ticket.queue_at = order_of(ticket)
    ticket.touched_at = max(at, ticket.touched_at)
    ticket.revision += 1
    ticket.save()


def write_message(
    ticket: Ticket,
    kind: MessageKind,
    *,
    text: str,
    at: datetime,
    channel: str,
    by: User | None = None,
    contact: Contact | None = None,
    author_name: str = "",
    files_in: Sequence[NewFile] = (),
    key: uuid.UUID | None = None,
    **more: Any,
) -> Message:
    """Keep a message with its files and make it findable."""
    text = storable(text)[:LONGEST_TEXT]
    name = author_name or (by.full_name if by is not None else contact.name if contact is not None else "")
    message = Message.objects.create(
        ticket=ticket,
        key=key or uuid.uuid4(),
        kind=kind,
        author=by,
        contact=contact,
        author_name=one_line(name, 200),
        channel=channel,
        text=text,
        at=at,
        **more,
    )
    attach(message, files_in)
    add_words(ticket, [text, *(file.name for file in files_in)], public=kind != MessageKind.NOTE)
    return message


def attach(message: Message, files_in: Iterable[NewFile]) -> None:
    Attachment.objects.bulk_create(
        Attachment(
            message=message,
            blob=files.keep(file.content),
            name=one_line(file.name, 200) or str(_("file")),
            content_type=one_line(file.content_type, 100) or "application/octet-stream",
            content_id=one_line(file.content_id, 300),
            is_inline=file.is_inline,
        )
        for file in files_in
    )


_ADD_WORDS = """
INSERT INTO desk_ticketsearch AS known (ticket_id, "full", public)
VALUES (%(ticket)s, to_tsvector('russian', %(words)s), CASE WHEN %(public)s THEN to_tsvector('russian', %(words)s) END)
ON CONFLICT (ticket_id) DO UPDATE SET
    "full" = coalesce(known."full", '') || excluded."full",
    public = CASE WHEN %(public)s THEN coalesce(known.public, '') || excluded.public ELSE known.public END
"""


def add_words(ticket: Ticket, words: Iterable[str], *, public: bool) -> None:
    """Make words findable: stemmed, bounded. What is not `public` is found by the desk alone."""
    text = normal(" ".join(words))[:SEARCHED_TEXT]
    with connection.cursor() as cursor:
        cursor.execute(_ADD_WORDS, {"ticket": ticket.pk, "words": text, "public": public})

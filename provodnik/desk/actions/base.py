"""What every action of the desk is made of: lock the row, decide, change, record the event, ask for its notices."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.channels.models import Inbound
from provodnik.core import volume
from provodnik.core.decisions import ChangedMeanwhile, Refused
from provodnik.core.text import one_line, storable, storable_json
from provodnik.core.uploads import NewFile as NewFile
from provodnik.core.uploads import Pieces as Pieces
from provodnik.core.uploads import kept as kept
from provodnik.core.uploads import volume_of as volume_of
from provodnik.desk import announce
from provodnik.desk.calendars import calendar_of
from provodnik.desk.models import Attachment, Contact, EventKind, Message, MessageKind, Ticket, TicketEvent
from provodnik.desk.queries.facts import allowance_of, moves_of
from provodnik.desk.search import normal
from provodnik.desk.states import Status, is_legal
from provodnik.desk.story import Move, stored_due_at

log = logging.getLogger(__name__)

LONGEST_TEXT = 200_000  # characters of one message; a novel fits
SEARCHED_TEXT = 20_000  # characters of one message that search knows


LARGEST_INDEX = 900_000  # bytes of one request's words; a tsvector holds a mebibyte and refuses more
_MESSAGE_KEY = "desk_message_key_key"


@contextmanager
def changing(number: int, *, revision: int | None = None) -> Iterator[Ticket]:
    """The ticket, locked for one transaction. `revision`: what the page was made from.
    Raises Ticket.DoesNotExist, ChangedMeanwhile."""
    try:
        with transaction.atomic():
            ticket = (
                Ticket.objects.select_for_update(of=("self",))
                .select_related("contract__calendar", "customer")
                .get(pk=number)
            )
            require_revision(ticket, revision)
            yield ticket
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") != _MESSAGE_KEY:
            raise
        raise used_form() from error  # the same form, at the same moment, on another request


def require_revision(ticket: Ticket, revision: int | None) -> None:
    """Raises ChangedMeanwhile when the page was made from an older state. Asked after the form's key: a form that is
    sent twice has raised the revision itself (safety F58, F59)."""
    if revision is not None and ticket.revision != revision:
        raise ChangedMeanwhile(_("Somebody changed the request meanwhile. Look at it once more."))


def used_form() -> Refused:
    return Refused(_("This form was already used. Open it anew."))


def made_before(ticket: Ticket, kind: MessageKind, key: uuid.UUID | None, *, by: User) -> Message | None:
    """The message that this form has already made; used for anything else, by anybody else, it is refused."""
    message = Message.objects.filter(key=key).first() if key is not None else None
    if message is not None and (message.ticket_id, message.kind, message.author_id) != (ticket.pk, kind, by.pk):
        raise used_form()
    return message


def in_order(ticket: Ticket, at: datetime) -> datetime:
    """When an action counts as done: `at`, but not before what is recorded already. A clock that was set back must
    not change the order of facts, from which status and deadline are computed (safety F40)."""
    return max(at, ticket.touched_at)


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
        data=storable_json(data),
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


def rebuild_deadline(ticket: Ticket, *, ended: datetime | None = None) -> None:
    """Compute the stored deadline anew from the history (I3), with a closing at `ended` that is about to be written."""
    moves = moves_of(ticket)
    if ended is not None:
        moves.append(Move(ended, Status.DONE))
    ticket.due_at = stored_due_at(
        registered=ticket.registered_at,
        moves=moves,
        allowance=allowance_of(ticket),
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
    quoted: str = "",
    html: str = "",
    verdict: Mapping[str, Any] | None = None,
    inbound: Inbound | None = None,
    named: Sequence[str] = (),
) -> Message:
    """Keep a message with its files and make it findable, by the words of `named` too. Raises Refused when a file
    cannot be kept."""
    if files_in:
        verdict = _within_the_day(ticket, files_in, verdict, at=at, by=by, contact=contact, inbound=inbound)
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
        quoted=storable(quoted),
        html=storable(html),
        verdict=storable_json(dict(verdict or {})),
        inbound=inbound,
    )
    attach(message, files_in)
    # names first: of a text that is too long for the index only the end is left out
    add_words(ticket, [*named, *(file.name for file in files_in), text], public=kind != MessageKind.NOTE)
    return message


def _within_the_day(
    ticket: Ticket,
    files_in: Sequence[NewFile],
    verdict: Mapping[str, Any] | None,
    *,
    at: datetime,
    by: User | None,
    contact: Contact | None,
    inbound: Inbound | None,
) -> Mapping[str, Any] | None:
    """Count files for their sender's day (safety A25). Beyond it a form is refused; a letter is kept, and marked. A
    letter counts for its address alone: who forges somebody's address does not use up that person's day here."""
    address = volume.of_address(contact.email if contact is not None else ticket.contact_email)
    if inbound is not None:
        if not volume.spend(address, **volume_of(files_in), at=at):
            return {**(verdict or {}), "over_volume": True}
        return verdict
    user = by.pk if by is not None else contact.user_id if contact is not None else None
    volume.require(volume.of_user(user) if user is not None else address, **volume_of(files_in), at=at)
    return verdict


def attach(message: Message, files_in: Iterable[NewFile]) -> None:
    Attachment.objects.bulk_create(
        Attachment(
            message=message,
            blob=kept(file),
            name=one_line(file.name, 200) or str(_("file")),
            content_type=one_line(file.content_type, 100) or "application/octet-stream",
            content_id=one_line(file.content_id, 300),
            is_inline=file.is_inline,
        )
        for file in files_in
    )


_ADD_WORDS = """
INSERT INTO desk_ticketsearch AS known (ticket_id, "full", public)
SELECT %(ticket)s, stems, CASE WHEN %(public)s THEN stems END FROM to_tsvector('russian', %(words)s) AS stems
ON CONFLICT (ticket_id) DO UPDATE SET
    "full" = coalesce(known."full", '') || excluded."full",
    public = CASE WHEN %(public)s THEN coalesce(known.public, '') || excluded.public ELSE known.public END
-- written out, a vector is longer than it is kept; `full` holds all that `public` does
WHERE octet_length(coalesce(known."full", '')::text) + octet_length(excluded."full"::text) < %(largest)s
"""


def add_words(ticket: Ticket, words: Iterable[str], *, public: bool) -> None:
    """Make words findable: stemmed, bounded. What is not `public` is found by the desk alone."""
    text = normal(storable(" ".join(words)))[:SEARCHED_TEXT]
    values: dict[str, str | int | bool] = {
        "ticket": ticket.pk,
        "words": text,
        "public": public,
        "largest": LARGEST_INDEX,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD_WORDS, values)

"""Reads for the requester's pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet

from provodnik.accounts.models import User
from provodnik.channels.models import Mailbox
from provodnik.desk import policies
from provodnik.desk.models import EventKind, Message, MessageKind, Ticket, TicketEvent
from provodnik.desk.search import found_by
from provodnik.desk.states import Status

PAGE = 25
NEWEST = 200  # requests that a search looks through one by one before it asks the index of words
# What the list shows of a request.
SHOWN = (
    "number",
    "subject",
    "status",
    "resolution",
    "requester_name",
    "registered_at",
    "due_at",
    "answered_at",
)
MESSAGES = 100  # of one page of a conversation
# What a requester reads of the history; the rest is the desk's own business.
TOLD_EVENTS = (
    EventKind.REGISTERED,
    EventKind.TAKEN,
    EventKind.PRIORITY,
    EventKind.CLOSED,
    EventKind.WITHDRAWN,
    EventKind.REOPENED,
    EventKind.CONTINUED,
    EventKind.MERGED,
    EventKind.SPLIT,
)


@dataclass(frozen=True, slots=True)
class OwnList:
    """A page of requests; `older` is the number to go on from, None at the end."""

    tickets: Sequence[Ticket]
    older: int | None


def own_tickets(user: User, *, scope: str, state: str, words: str, before: int | None) -> OwnList:
    """Requests that the user may see, newest first. `scope`: "own" or "company" (a coordinator's);
    `state`: "open", "done" or ""; `words`: a search."""
    tickets = visible(user, scope)
    if state == "open":
        tickets = tickets.exclude(status=Status.DONE.value)
    elif state == "done":
        tickets = tickets.filter(status=Status.DONE.value)
    if before is not None:
        tickets = tickets.filter(pk__lt=before)
    tickets = tickets.select_related("merge").only(*SHOWN, "merge__target_id").order_by("-pk")
    found = _searched(tickets, words) if words.strip() else list(tickets[: PAGE + 1])
    return OwnList(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None)


def _searched(tickets: QuerySet[Ticket], words: str) -> list[Ticket]:
    """The newest ones with the words. A frequent word fills the page from the newest requests alone, a rare one is
    found by the index of words: whichever it is, the cost does not grow with how many requests the company has."""
    wanted = found_by(words, desk=False)
    newest = list(tickets.values_list("pk", flat=True)[:NEWEST])
    found = list(tickets.filter(wanted, pk__in=newest)[: PAGE + 1])
    if len(found) > PAGE or len(newest) < NEWEST:
        return found
    # "+ 0" keeps the planner from walking through all of the company's requests for a word that is hardly in them
    return list(tickets.filter(wanted).order_by((F("number") + 0).desc())[: PAGE + 1])


def visible(user: User, scope: str) -> QuerySet[Ticket]:
    """Requests that the user has as a contact: "own", or the "company"'s as far as he is its coordinator."""
    contact = policies.contact_of(user)
    if contact is None:
        return Ticket.objects.none()
    tickets = policies.requests_of(contact)
    return tickets if scope == "company" else tickets.filter(contact_id=contact.pk)


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a requester's page shows: messages and told events in one order; events of all kinds for the clock."""

    items: Sequence[Any]
    events: list[TicketEvent]
    hidden: int


def conversation(user: User, ticket: Ticket, *, everything: bool = False) -> Conversation:
    """Three queries, however long the conversation is; a fourth where it was continued."""
    messages = policies.public_messages(ticket, policies.contact_of(user)).order_by("-at", "-id")
    messages = messages.prefetch_related("attachments__blob")
    newest = list(messages if everything else messages[:MESSAGES])
    events = list(TicketEvent.objects.filter(ticket=ticket).select_related("by").order_by("at", "id"))
    hidden = 0 if everything or len(newest) < MESSAGES else messages.count() - len(newest)
    since: datetime | None = newest[-1].at if hidden else None
    foreign = _foreign_continuations(user, events)
    told = [
        event
        for event in events
        if event.kind in TOLD_EVENTS and event.pk not in foreign and (since is None or event.at >= since)
    ]
    items: list[Message | TicketEvent] = [*newest, *told]
    items.sort(key=lambda item: (item.at, isinstance(item, TicketEvent), item.pk))
    return Conversation(items, events, hidden)


def awaited(ticket: Ticket, told: Conversation) -> Message | None:
    """The question that the requester has not answered yet."""
    if not ticket.is_standing or ticket.answered_at is not None:
        return None
    messages = (item for item in reversed(told.items) if isinstance(item, Message))
    return next((message for message in messages if message.kind == MessageKind.QUESTION), None)


def addresses() -> list[str]:
    """Where a request may be sent by mail (R6)."""
    return list(Mailbox.objects.filter(is_active=True).values_list("address", flat=True)[:3])


def _foreign_continuations(user: User, events: Sequence[TicketEvent]) -> set[int]:
    """Events that name a request the reader may not see: somebody else's late letter began it, or a coordinator's
    was merged into it."""
    naming = (EventKind.CONTINUED, EventKind.MERGED, EventKind.SPLIT)
    continued = {event.pk: event.data["number"] for event in events if event.kind in naming}
    if not continued:
        return set()
    seen = set(visible(user, "company").filter(pk__in=continued.values()).values_list("pk", flat=True))
    return {pk for pk, number in continued.items() if number not in seen}

"""One request goes on in another (docs/adr/0014): closed as the regulation closes, its number leads to the target."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provodnik.accounts.models import User
from provodnik.channels.models import Channel
from provodnik.core.decisions import Refused, require
from provodnik.desk import policies
from provodnik.desk.actions.base import in_order, rebuild_deadline, record, settle, write_message
from provodnik.desk.actions.several import changing_several
from provodnik.desk.models import EventKind, Merge, Message, MessageKind, Ticket, Watcher
from provodnik.desk.states import Resolution, Status

MOST_MERGED = 50  # at once, and of one target


def merge(numbers: Sequence[int], *, into: int, by: User, at: datetime, text: str = "") -> Ticket:
    """Let requests go on in `into`: all of them, or none. What is merged already into it is passed over. `text`: what
    their requesters are told besides. The target's status, priority and clock stay as they are.
    Raises Refused with the reason, naming the request it speaks of."""
    require(policies.may_work(by))
    chosen = [number for number in dict.fromkeys(numbers) if number != into]
    if not chosen:
        raise Refused(gettext_lazy("A request is not merged with itself."), field="into")
    if len(chosen) > MOST_MERGED:
        raise Refused(gettext_lazy("Too many requests at once."), field="into")
    with changing_several([*chosen, into], field="into") as tickets:
        target = tickets[into]
        merged = set(Merge.objects.filter(target=target).values_list("ticket_id", flat=True))
        for number in chosen:
            if number in merged:
                continue
            require(policies.may_merge(by, tickets[number], target))
            if len(merged) >= MOST_MERGED:
                raise Refused(gettext_lazy("Too many requests are merged into this one already."), field="into")
            merged.add(number)
            _absorb(tickets[number], target, by=by, at=at, text=text)
        return target


def _absorb(ticket: Ticket, target: Ticket, *, by: User, at: datetime, text: str) -> None:
    unread = ticket.status == Status.CREATED.value or ticket.answered_at is not None
    said = _last_said(ticket)
    _close(ticket, target, by=by, at=in_order(ticket, at), text=text)
    # What was merged into it before goes on where it goes on: a number leads to a living request in one step.
    Merge.objects.filter(target=ticket).update(target=target)
    Merge.objects.create(ticket=ticket, target=target, at=at, by=by)
    _take_watchers(ticket, target, at)
    moment = in_order(target, at)
    record(target, EventKind.MERGED, at=moment, by=by, number=ticket.pk)
    if unread and said is not None:
        if target.is_standing and target.answered_at is None and said.at >= (target.asked_at or said.at):
            # He wrote anew instead of answering: to the story of the clock it is the answer.
            record(target, EventKind.ANSWERED, at=moment, by_name=said.author_name, message=said)
        target.answered_at = target.answered_at or moment
    settle(target, at=moment)


def _last_said(ticket: Ticket) -> Message | None:
    kinds = (MessageKind.REQUEST, MessageKind.ANSWER)
    return Message.objects.filter(ticket=ticket, kind__in=kinds).order_by("at", "pk").last()


def _close(ticket: Ticket, target: Ticket, *, by: User, at: datetime, text: str) -> None:
    """Closed with a resolution of R11 whose solution is the number in which it goes on. The duty of R14 is the
    target's: told of its closing is told of this one's."""
    was_standing = ticket.is_standing
    solution = _("It is about the same as № %(target)s and goes on there: the answer will be given under that number.")
    words = [solution % {"target": target.pk}, text.strip()]
    message = write_message(
        ticket,
        MessageKind.SOLUTION,
        text="\n\n".join(filter(None, words)),
        at=at,
        channel=Channel.PORTAL,
        by=by,
    )
    if ticket.assignee_id is None:
        ticket.assignee = by
    ticket.resolution = Resolution.SOLVED.value
    ticket.closed_at = at
    ticket.asked_at = ticket.answered_at = None
    ticket.undelivered = False
    if was_standing:
        rebuild_deadline(ticket, ended=at)
    record(
        ticket,
        EventKind.CLOSED,
        at=at,
        by=by,
        to=Status.DONE,
        message=message,
        resolution=ticket.resolution,
        due=ticket.due_at.isoformat(),
        into=target.pk,
    )
    settle(ticket, at=at)


def _take_watchers(ticket: Ticket, target: Ticket, at: datetime) -> None:
    """Who watched the one watches the other; a requester who asked in it himself, and is another person, too."""
    rows = [
        Watcher(ticket=target, user_id=one.user_id, contact_id=one.contact_id, at=at)
        for one in Watcher.objects.filter(ticket=ticket)
    ]
    if ticket.contact_id is not None and ticket.contact_id != target.contact_id:
        rows.append(Watcher(ticket=target, contact_id=ticket.contact_id, at=at))
    Watcher.objects.bulk_create(rows, ignore_conflicts=True)

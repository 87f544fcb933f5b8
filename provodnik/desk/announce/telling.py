"""What each fact demands: who is told, and in which way (R9, R14, I9; §"Warnings" of the issue's rules)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.channels.models import Channel
from provodnik.channels.policies import may_write_automatically
from provodnik.core.text import one_line
from provodnik.desk import ratings
from provodnik.desk.announce import letters, watching
from provodnik.desk.announce.facts import last_closing, note
from provodnik.desk.announce.people import leads, leads_of, responsible, tell_desk, tell_requester, whole_desk
from provodnik.desk.labels import RESOLUTIONS
from provodnik.desk.models import DeadlineNotice, EventKind, Message, Ticket, TicketEvent
from provodnik.desk.policies import rate_until, reopen_until
from provodnik.desk.states import Priority, Resolution

LOW_RATING = 2  # of 5: the lead is told


def tell(event: TicketEvent) -> None:
    """Tell whom the fact concerns, in one transaction; told again, nobody is told twice."""
    teller = _TELLERS.get(EventKind(event.kind))
    if teller is not None:
        with transaction.atomic():
            teller(event)


def _names(event: TicketEvent) -> dict[str, str | int]:
    """For sentences: the number and the subject."""
    return {"number": event.ticket_id, "subject": one_line(event.ticket.subject, 120)}


def _registered(event: TicketEvent) -> None:
    ticket = event.ticket
    if ticket.is_complaint:
        words = {"number": ticket.pk, "other": ticket.complains_of_id}
        text = _("Complaint № %(number)s about request № %(other)s")
        tell_desk(event, responsible(ticket), text % words, tone="warning")
    elif event.data.get("priority") == Priority.URGENT.value:
        _alarm(event)
    else:
        who = responsible(ticket) if ticket.assignee_id else []
        tell_desk(event, who, _("New request № %(number)s: %(subject)s") % _names(event))
    told = tell_requester(event, _("Your request is recorded under № %(number)s: %(subject)s") % _names(event))
    if told and ticket.channel == Channel.PORTAL.value and not _is_confirmed(ticket):
        note(ticket.pk, EventKind.CONFIRMED, at=timezone.now(), channel=Channel.PORTAL.value)
    if _may_confirm(event):
        letters.to_requester(event, "registered", context={}, automatic=True)


def _is_confirmed(ticket: Ticket) -> bool:
    return ticket.events.filter(kind=EventKind.CONFIRMED).exists()


def _may_confirm(event: TicketEvent) -> bool:
    """Never in answer to a robot, never in a loop (I9)."""
    message = event.message
    if message is not None and message.inbound is not None and not message.inbound.may_answer:
        return False
    email = event.ticket.contact_email
    return bool(may_write_automatically(email, about=letters.about(event.ticket), now=timezone.now()))


def _alarm(event: TicketEvent) -> None:
    """«Экстренный» at once, to the whole desk."""
    ticket = event.ticket
    DeadlineNotice.objects.get_or_create(
        ticket=ticket,
        kind=DeadlineNotice.Kind.ALARM,
        due_at=ticket.due_at,
        defaults={"moment": event.at, "noticed_at": timezone.now()},
    )
    people = whole_desk()
    tell_desk(event, people, _("Urgent request № %(number)s: %(subject)s") % _names(event), tone="error")
    letters.alarm(event, [user for user in people if user.pk != event.by_id])


def _priority(event: TicketEvent) -> None:
    if event.data.get("new") == Priority.URGENT.value:
        _alarm(event)
    else:
        tell_desk(
            event, responsible(event.ticket), _("The priority of request № %(number)s was changed.") % _names(event)
        )


def _said(kind: str, notice: Callable[[], str]) -> Callable[[TicketEvent], None]:
    """A letter with what the desk wrote, and a notice in the product."""

    def teller(event: TicketEvent) -> None:
        message = event.message
        if message is None or not message.is_public:
            return
        told = tell_requester(event, notice() % _names(event))
        words = {"text": message.text, "author": message.author_name}
        sent = letters.to_requester(event, kind, context=words, automatic=False, files_of=message)
        _copies(event, kind, words, message, closing=False)
        if sent is None and not told:
            _nowhere_to(event, kind)  # no address and no account: nobody will ever read it

    return teller


def _answered(event: TicketEvent) -> None:
    tell_desk(
        event, responsible(event.ticket), _("An answer came to request № %(number)s: %(subject)s") % _names(event)
    )


def _reopened(event: TicketEvent) -> None:
    tell_desk(event, responsible(event.ticket), _("Request № %(number)s is open again: %(subject)s") % _names(event))


def _assigned(event: TicketEvent) -> None:
    assignee = event.ticket.assignee
    if assignee is not None and event.data.get("new") == assignee.pk:
        tell_desk(event, [assignee], _("Request № %(number)s is yours now: %(subject)s") % _names(event))


def _routed(event: TicketEvent) -> None:
    """Given by the rules; the complaint's own notice is that of its registration."""
    if not event.ticket.is_complaint:
        _assigned(event)


def _escalated(event: TicketEvent) -> None:
    people = list(User.objects.filter(pk__in=event.data.get("to", []), is_active=True))
    words = {**_names(event), "reason": str(event.data.get("reason", ""))}
    text = _("Request № %(number)s needs you as the lead, %(reason)s: %(subject)s") % words
    tell_desk(event, people, text, tone="error")
    if event.data.get("why") != DeadlineNotice.Kind.AT_ONCE.value:  # of an urgent one everybody has a letter: the alarm
        letters.escalated(event, people, str(words["reason"]))


def _rated(event: TicketEvent) -> None:
    """A low mark is the lead's business; made lower still, it is no news."""
    rating, old = event.data.get("rating", LOW_RATING + 1), event.data.get("old")
    if rating <= LOW_RATING and (old is None or old > LOW_RATING):
        text = _("The work on request № %(number)s was given %(rating)s of 5: %(subject)s")
        tell_desk(event, leads_of(event.ticket), text % {**_names(event), "rating": rating}, tone="warning")


def _copies(
    event: TicketEvent, kind: str, words: Mapping[str, object], message: Message | None, *, closing: bool
) -> None:
    """The same words to those who read along; what becomes of a copy is no duty of R14."""
    for serial, address in watching.copies(event.ticket, closing=closing):
        letters.to_requester(
            event,
            "copy",
            serial=serial,
            context={**words, "link": ""},
            automatic=True,
            files_of=message,
            recipient=address,
            template=kind,
        )


def _merged(event: TicketEvent) -> None:
    """The requester is told the number in which it goes on; the notice of R14 will be that request's."""
    words = {"number": event.ticket_id, "target": event.data["into"]}
    tell_requester(event, _("Your request № %(number)s goes on under № %(target)s.") % words)
    text = event.message.text if event.message is not None else ""
    letters.to_requester(event, "merged", context={**words, "text": text}, automatic=True)


def _closed(event: TicketEvent) -> None:
    if "into" in event.data:
        _merged(event)
        return
    tell_requester(event, _("Request № %(number)s is closed: %(subject)s") % _names(event))
    if event.kind == EventKind.WITHDRAWN:
        who = responsible(event.ticket) if event.ticket.assignee_id else []
        tell_desk(event, who, _("The requester withdrew request № %(number)s: %(subject)s") % _names(event))
    _closing_notice(event)


def _closing_notice(closing: TicketEvent, *, resent_by: TicketEvent | None = None) -> None:
    """R14: by e-mail to the address in the request; without one the duty stays, and the history says why."""
    ticket = closing.ticket
    current = last_closing(ticket.pk)
    if current is None or current.pk != closing.pk:
        return  # open again: the notice would be untrue
    resolution = Resolution(closing.data["resolution"])
    message = closing.message if closing.kind == EventKind.CLOSED else None
    until, until_rated = reopen_until(ticket), rate_until(ticket)
    words = {
        "resolution": dict(RESOLUTIONS)[resolution.value],
        "withdrawn": closing.kind == EventKind.WITHDRAWN,
        "text": message.text if message is not None else "",
        "author": message.author_name if message is not None else "",
        "closed": letters.told_moment(closing.at),
        "rate_link": ratings.address(ticket.pk, closing.pk),
        "ratings": ratings.links(ticket.pk, closing.pk) if closing.kind == EventKind.CLOSED else [],
        "rate_until": letters.told_moment(until_rated) if until_rated is not None else "",
        "reopen_until": letters.told_moment(until) if until is not None and until > closing.at else "",
    }
    serial = str(resent_by.pk) if resent_by is not None else ""
    sent = letters.to_requester(closing, "closed", serial=serial, context=words, automatic=True, files_of=message)
    if resent_by is None:
        _copies(closing, "closed", words, message, closing=True)
    if sent is None:
        _nowhere_to(closing, "closed")


def _nowhere_to(event: TicketEvent, letter: str) -> None:
    """Written and told once: there is no address for this letter."""
    known = TicketEvent.objects.filter(ticket_id=event.ticket_id, kind=EventKind.UNDELIVERED)
    if known.filter(data__of=event.pk).exists():
        return
    missing = note(
        event.ticket_id,
        EventKind.UNDELIVERED,
        at=timezone.now(),
        letter=letter,
        of=event.pk,
        error=_("The request has no e-mail address."),
        permanent=True,
    )
    missing.ticket = event.ticket
    _undelivered(missing)


def _email(event: TicketEvent) -> None:
    """A new address for a closed request whose notice has not arrived: the notice goes there."""
    closing = last_closing(event.ticket_id)
    if event.data.get("resend") and closing is not None:
        _closing_notice(closing, resent_by=event)


def _undelivered(event: TicketEvent) -> None:
    if event.data.get("permanent"):
        text = _("A letter about request № %(number)s was not delivered: %(reason)s")
        words = {"number": event.ticket_id, "reason": one_line(str(event.data.get("error", "")), 200)}
        tell_desk(event, responsible(event.ticket), text % words, tone="warning")


def _warned(event: TicketEvent) -> None:
    tell_desk(
        event,
        responsible(event.ticket),
        _("The deadline of request № %(number)s is near: %(subject)s") % _names(event),
        tone="warning",
    )


def _overdue(event: TicketEvent) -> None:
    people = [*responsible(event.ticket), *leads()]
    tell_desk(event, people, _("Request № %(number)s is overdue: %(subject)s") % _names(event), tone="error")


_TELLERS: dict[EventKind, Callable[[TicketEvent], None]] = {
    EventKind.REGISTERED: _registered,
    EventKind.REPLIED: _said("reply", lambda: _("The desk answered your request № %(number)s: %(subject)s")),
    EventKind.ASKED: _said("question", lambda: _("The desk asks about your request № %(number)s: %(subject)s")),
    EventKind.ANSWERED: _answered,
    EventKind.CLOSED: _closed,
    EventKind.WITHDRAWN: _closed,
    EventKind.REOPENED: _reopened,
    EventKind.ASSIGNED: _assigned,
    EventKind.PRIORITY: _priority,
    EventKind.EMAIL: _email,
    EventKind.WARNED: _warned,
    EventKind.OVERDUE: _overdue,
    EventKind.UNDELIVERED: _undelivered,
    EventKind.ROUTED: _routed,
    EventKind.ESCALATED: _escalated,
    EventKind.RATED: _rated,
}

"""Who is told besides those whom a fact concerns: watchers, people named in a note, requesters of merged requests.

Each is asked anew whether he may see the request: a watcher of the desk who has left it, a colleague who is no longer
a coordinator, is told nothing (I12). Notes are for the desk alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.text import one_line
from provodnik.desk import policies
from provodnik.desk.announce.people import tell_desk
from provodnik.desk.mentions import logins_in
from provodnik.desk.models import EventKind, Ticket, TicketEvent, Watcher
from provodnik.notify.actions import notify

_SENTENCES: Mapping[EventKind, Callable[[], str]] = {
    EventKind.REPLIED: lambda: _("The desk answered in request № %(number)s: %(subject)s"),
    EventKind.ASKED: lambda: _("The desk asks in request № %(number)s: %(subject)s"),
    EventKind.ANSWERED: lambda: _("An answer came to request № %(number)s: %(subject)s"),
    EventKind.NOTED: lambda: _("A note was written in request № %(number)s: %(subject)s"),
    EventKind.CLOSED: lambda: _("Request № %(number)s is closed: %(subject)s"),
    EventKind.WITHDRAWN: lambda: _("The requester withdrew request № %(number)s: %(subject)s"),
    EventKind.REOPENED: lambda: _("Request № %(number)s is open again: %(subject)s"),
}
_FOR_THE_DESK = frozenset({EventKind.NOTED})


def tell(event: TicketEvent) -> None:
    """Notices to the watchers of a request; told again, nobody is told twice, and nobody of his own deed."""
    kind = EventKind(event.kind)
    sentence = _SENTENCES.get(kind)
    if sentence is None or "into" in event.data:  # who watched a merged request watches where it goes on
        return
    if kind == EventKind.NOTED:
        _mentioned(event)
    watchers = list(Watcher.objects.filter(ticket=event.ticket_id).select_related("user", "contact__customer"))
    if not watchers:
        return
    text = sentence() % {"number": event.ticket_id, "subject": one_line(event.ticket.subject, 120)}
    of_desk = [one.user for one in watchers if one.user is not None and one.user.is_active and one.user.is_desk]
    tell_desk(event, of_desk, text)
    if kind not in _FOR_THE_DESK:
        colleagues = _colleagues(watchers, event.ticket)
        known = [account for _pk, _email, account in colleagues if account not in (None, event.by_id)]
        accounts = User.objects.filter(pk__in=known, is_active=True)
        notify(
            accounts,
            key=f"request:{event.kind}:{event.pk}",
            text=text,
            url=reverse("requests:show", args=[event.ticket_id]),
            at=event.at,
        )


def _colleagues(watchers: list[Watcher], ticket: Ticket) -> list[tuple[int, str, int | None]]:
    """(id, e-mail, account) of the requester's colleagues who may see the request today."""
    seeing = [one.contact for one in watchers if one.contact is not None and policies.may_watch(one.contact, ticket)]
    return [(one.pk, one.email.lower(), one.user_id) for one in seeing]


def _mentioned(event: TicketEvent) -> None:
    if event.message is None:
        return
    named = User.objects.filter(login__in=logins_in(event.message.text), is_active=True)
    who = one_line(event.by.full_name, 100) if event.by is not None else ""
    text = _("%(who)s names you in a note of request № %(number)s: %(subject)s") % {
        "who": who,
        "number": event.ticket_id,
        "subject": one_line(event.ticket.subject, 120),
    }
    tell_desk(event, [one for one in named if one.is_desk], text)


def copies(ticket: Ticket, *, closing: bool) -> list[tuple[str, str]]:
    """(serial, address) of letters that go out besides the requester's own: to colleagues who watch and have no
    account; of a closing, to the addresses that were given in merged requests (R14)."""
    found: dict[str, str] = {ticket.contact_email.lower(): ""}
    if closing:
        for merged in Ticket.objects.select_related("contact__customer").filter(merge__target=ticket)[:50]:
            if merged.contact_email and policies.reads(merged, ticket):
                found.setdefault(merged.contact_email.lower(), f"m{merged.pk}")
    watchers = list(Watcher.objects.filter(ticket=ticket, contact__isnull=False).select_related("contact__customer"))
    for pk, email, account in _colleagues(watchers, ticket):
        if email and account is None:
            found.setdefault(email, f"w{pk}")
    return [(serial, email) for email, serial in found.items() if serial]

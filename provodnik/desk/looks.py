"""That somebody looked at a request, its files and letters: a line of the journal, written by the view that shows it.

One statement a page, which changes nothing from the second look within a quarter of a day on. Asking for the head of a
page, or for what is new in an open one, is no look.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.desk.models import Attachment, Message, Ticket


def _note(request: HttpRequest, kind: str, thing: object, ticket: Ticket | None, verb: str) -> None:
    if request.method == "GET" and isinstance(request.user, User):
        journal.looked(
            request.user,
            kind,
            thing,
            at=timezone.now(),
            verb=verb,
            ticket=ticket.pk if ticket is not None else None,
            customer=ticket.customer_id if ticket is not None else None,
        )


def at_ticket(request: HttpRequest, ticket: Ticket) -> None:
    if "stream" not in request.GET:
        _note(request, "desk.ticket", ticket.pk, ticket, "looked")


def at_file(request: HttpRequest, file: Attachment, *, taken: bool) -> None:
    _note(request, "desk.attachment", file.pk, file.message.ticket, "downloaded" if taken else "looked")


def at_letter(request: HttpRequest, message: Message, *, taken: bool) -> None:
    _note(request, "desk.message", message.pk, message.ticket, "downloaded" if taken else "looked")


def at_inbound(request: HttpRequest, pk: int, *, taken: bool) -> None:
    """A letter that became no request, seen by an administrator."""
    _note(request, "channels.inbound", pk, None, "downloaded" if taken else "looked")

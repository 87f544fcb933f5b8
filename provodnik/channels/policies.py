"""When an automatic answer may go out, and when it would only feed a loop (RFC 3834, I9, safety A08)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from provodnik.channels.email import Understood
from provodnik.channels.models import Mailbox, Outgoing
from provodnik.core.decisions import YES, Decision, no

HOUR = timedelta(hours=1)
TO_ONE_AN_HOUR = 20  # automatic letters to one address
ABOUT_ONE_AN_HOUR = 10  # automatic letters about one thing (a request)


def own_addresses() -> frozenset[str]:
    """What our own mailboxes are written to at, in lower case."""
    return frozenset(address.lower() for address in Mailbox.objects.values_list("address", flat=True))


def may_answer(letter: Understood, own: Collection[str]) -> Decision:
    """Whether a robot may answer this letter at all. `own`: `own_addresses()`."""
    if not letter.may_answer:
        return no(_("Robots, lists and unread addresses are not answered."))
    if letter.sender.email in own:
        return no(_("The letter came from an address of the desk itself."))
    return YES


def may_write_automatically(recipient: str, *, about: str, now: datetime) -> Decision:
    """The breaker: two robots that face each other fall silent after a while, whatever they look like."""
    lately = Outgoing.objects.filter(automatic=True, created_at__gt=now - HOUR)
    if lately.filter(recipient=recipient)[:TO_ONE_AN_HOUR].count() >= TO_ONE_AN_HOUR:
        return no(_("Too many automatic letters went to this address within an hour."))
    if about and lately.filter(about=about)[:ABOUT_ONE_AN_HOUR].count() >= ABOUT_ONE_AN_HOUR:
        return no(_("Too many automatic letters went out about this request within an hour."))
    return YES

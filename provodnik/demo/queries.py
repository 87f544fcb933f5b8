"""Reads of the demo's mail page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from provodnik.accounts.models import User
from provodnik.channels.models import Inbound, Mailbox
from provodnik.demo.models import DemoLetter
from provodnik.demo.words import short
from provodnik.desk.models import Contact, Ticket

PAGE = 40
MOST_BOXES = 200


@dataclass(frozen=True, slots=True)
class Box:
    """Somebody's mailbox."""

    address: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Page:
    letters: list[DemoLetter]
    older: int | None


def boxes() -> list[Box]:
    """Whose letters there are, the fullest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(recipients), count(*) FROM demo_demoletter GROUP BY 1")
        counted = Counter(dict(cursor.fetchall()))
    known = names(counted)
    return [Box(address, known.get(address, ""), count) for address, count in counted.most_common(MOST_BOXES)]


def names(addresses: Iterable[str]) -> dict[str, str]:
    """Whose address it is, as lists show it: a person by surname and initials."""
    return {address: short(name) for address, name in people(addresses).items()} | mailboxes(addresses)


def mailboxes(addresses: Iterable[str]) -> dict[str, str]:
    return dict(Mailbox.objects.filter(address__in=list(addresses)).values_list("address", "name"))


def people(addresses: Iterable[str]) -> dict[str, str]:
    """Full names of people by their addresses."""
    wanted = list(addresses)
    found = dict(Contact.objects.filter(email__in=wanted).values_list("email", "name"))
    return found | dict(User.objects.filter(email__in=wanted).values_list("email", "full_name"))


def letters(box: str, before: int | None) -> Page:
    """The latest first; of one mailbox where `box` names it."""
    rows = DemoLetter.objects.order_by("-pk")
    if box:
        rows = rows.filter(recipients__contains=[box])
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    return Page(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None)


def ticket_of(message_id: str) -> Ticket | None:
    """The request that a letter to the desk became, or went to."""
    row = Inbound.objects.filter(message_id=message_id, message__isnull=False).order_by("pk").first()
    return Ticket.objects.filter(messages__inbound=row).first() if row is not None else None

"""Search of the desk: by number, name and words, newest first, with the words shown where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db import connection
from django.db.models import Q
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from provodnik.accounts.models import User
from provodnik.core import prepared
from provodnik.desk.models import Contact, Ticket
from provodnik.desk.models.tickets import STRETCHES
from provodnik.desk.policies import visible_tickets
from provodnik.desk.queries.queue import PAGE, Row, numbered, rows
from provodnik.desk.queries.views import NOBODY
from provodnik.desk.search import LONGEST_QUERY, found_by, number_in, words_in

MOST_CONTACTS = 20
_START, _STOP = "\x02", "\x03"
_HEADLINE = f"StartSel={_START}, StopSel={_STOP}, MaxWords=24, MinWords=12, ShortWord=2, MaxFragments=1"
_WHOLE = f"StartSel={_START}, StopSel={_STOP}, HighlightAll=true"
_TEXT = "translate(left(said.text, 1500), 'ёЁ', 'еЕ')"

# The words are shown in the request's own text; where they are not in it, in the newest message that has them.
_FIRST = f"""
SELECT ticket.number,
       ts_headline('russian', translate(ticket.subject, 'ёЁ', 'еЕ'), query, '{_WHOLE}'),
       ts_headline('russian', {_TEXT}, query, '{_HEADLINE}')
FROM desk_ticket AS ticket
CROSS JOIN websearch_to_tsquery('russian', %s) AS query
CROSS JOIN LATERAL (
    SELECT text FROM desk_message WHERE ticket_id = ticket.number ORDER BY at, id LIMIT 1
) AS said
WHERE ticket.number = ANY(%s)
"""  # noqa: S608 - only constants of this file are put in
_LATER = f"""
SELECT ticket.number, ts_headline('russian', {_TEXT}, query, '{_HEADLINE}')
FROM websearch_to_tsquery('russian', %s) AS query
CROSS JOIN unnest(%s::bigint[]) AS ticket(number)
CROSS JOIN LATERAL (
    SELECT text FROM (
        SELECT text FROM desk_message WHERE ticket_id = ticket.number ORDER BY at DESC, id DESC LIMIT 20
    ) AS said
    WHERE to_tsvector('russian', {_TEXT}) @@ query LIMIT 1
) AS said
"""  # noqa: S608 - only constants of this file are put in
# A complaint about the asker's own work is kept from him (policies.visible_tickets). "+ 0" keeps the planner from
# reading every request from the newest down, which it thinks cheap and never is.
_WORDS = """
SELECT ticket_id FROM desk_ticketsearch
WHERE "full" @@ websearch_to_tsquery('russian', %s) AND ticket_id + 0 < %s {where}
AND ticket_id NOT IN (SELECT number FROM desk_ticket WHERE complains_about_id = %s)
ORDER BY ticket_id + 0 DESC LIMIT {limit}
"""
_EVERYWHERE = _WORDS.format(where="", limit=PAGE + 1)


@dataclass(frozen=True, slots=True)
class Hit:
    """A found request: its row, and its subject and a piece of text with the words marked (safe HTML)."""

    row: Row
    subject: SafeString
    snippet: SafeString


@dataclass(frozen=True, slots=True)
class Found:
    typed: str
    hits: list[Hit]
    older: int | None


def search(user: User, typed: str, *, now: datetime, before: int | None = None) -> Found:
    """A page of what was found. `before`: the number to go on from."""
    typed = typed[:LONGEST_QUERY].strip()
    if not typed:
        return Found("", [], None)
    if user.is_desk:
        found = numbered(_newest(user, typed, before), now)[: PAGE + 1]
    else:
        tickets = visible_tickets(user).filter(found_by(typed, desk=False))
        if before is not None:
            tickets = tickets.filter(pk__lt=before)
        found = rows(tickets.order_by("-number")[: PAGE + 1], now)
    older = found[PAGE - 1].number if len(found) > PAGE else None
    return Found(typed, _told(found[:PAGE], typed), older)


def _newest(user: User, typed: str, before: int | None) -> list[int]:
    """Numbers of the newest requests that have the words or the number, enough for a page."""
    number, words = number_in(typed), words_in(typed)
    found: list[int] = []
    if number is not None and (before is None or number < before):
        found += visible_tickets(user).filter(pk=number).values_list("pk", flat=True)
    if words:
        found += _with_words(words, before or _past_last(), NOBODY if user.is_lead else user.pk)
    return found


def _past_last() -> int:
    last = Ticket.objects.order_by("-pk").values_list("pk", flat=True).first()
    return (last or 0) + 1


@cache
def _within(bits: int) -> str:
    return _WORDS.format(where=f"AND (ticket_id >> {bits}) IN (%s, %s)", limit=PAGE + 1)


def _with_words(words: str, before: int, asker: int) -> list[int]:
    """The newest numbers below `before` whose requests have the words. `asker`: from whom complaints are kept.

    A word may be in a third of a million requests, or in seven. So the last two stretches of 1,024 numbers are looked
    through first, then those of 32,768, and everything only for what is rarer than that: at each step the index (it
    knows the stretch of every word) hands over some hundreds of rows at most, however many requests there are.
    """
    found: list[int] = []
    for bits in (*STRETCHES, None):
        if bits is None:
            # planned anew each time: how a word is best looked for everywhere depends on how frequent it is
            with connection.cursor() as cursor:
                cursor.execute(_EVERYWHERE, [words, before, asker])
                found = [number for (number,) in cursor.fetchall()]
        else:
            last = before >> bits
            found = [number for (number,) in prepared.fetch(_within(bits), [words, before, last, last - 1, asker])]
        if len(found) > PAGE or (bits is not None and before >> bits <= 1):
            return found  # a page is full, or these two stretches are all there is
    return found


def _told(found: Sequence[Row], typed: str) -> list[Hit]:
    words = words_in(typed)
    if not words or not found:
        return [Hit(row, marked(row.subject), mark_safe("")) for row in found]
    told = prepared.fetch(_FIRST, [words, [row.number for row in found]])
    first = {number: (subject, text) for number, subject, text in told}
    unseen = [number for number, (_subject, text) in first.items() if _START not in text]
    later: dict[int, str] = dict(prepared.fetch(_LATER, [words, unseen])) if unseen else {}
    hits = []
    for row in found:
        subject, text = first.get(row.number, (row.subject, ""))
        shown = subject if _START in subject else row.subject
        hits.append(Hit(row, marked(shown), marked(later.get(row.number, text))))
    return hits


def marked(text: str) -> SafeString:
    """Escaped text in which only our own two marks become tags."""
    safe = escape(text).replace(_START, "<mark>").replace(_STOP, "</mark>")
    return mark_safe(safe)  # noqa: S308 - escaped in the line above


def contacts(typed: str) -> list[Contact]:
    """People of served customers by a piece of name, e-mail or customer: at most MOST_CONTACTS."""
    words = typed[:LONGEST_QUERY].replace("\x00", " ").split()[:4]
    if not words:
        return []
    chosen = Contact.objects.select_related("customer").filter(is_active=True, customer__is_active=True)
    for word in words:
        chosen = chosen.filter(Q(name__icontains=word) | Q(email__icontains=word) | Q(customer__name__icontains=word))
    return list(chosen.order_by("name")[:MOST_CONTACTS])

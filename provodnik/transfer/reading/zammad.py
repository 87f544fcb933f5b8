"""What Zammad's API gives of tickets: a list of tickets (`?expand=true`) with their articles, as one JSON file.

Either each ticket has its `articles` inside, or the file is {"tickets": […], "articles": […]} and an article names its
`ticket_id`. Field names: Zammad's REST documentation, Ticket and Ticket Article.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, tzinfo
from email.utils import parseaddr
from typing import Any

from django.utils.translation import gettext as _

from provodnik.channels.email.parse.html import plain_from_tags
from provodnik.desk.actions.past import PastMessage
from provodnik.transfer.reading.tables import is_address
from provodnik.transfer.reading.values import (
    LONGEST_FIELD,
    MOST_LINES,
    Found,
    Lines,
    Mistake,
    PastRequest,
    Unreadable,
    moment,
    priority,
    span_of,
)

MOST_SAID = 1000  # articles of one ticket


def tickets(content: bytes, *, zone: tzinfo, now: datetime) -> Lines:
    """Every ticket of the file. Raises Unreadable for what is no such file."""
    found, said = _parts(content)
    return _read(found, said, zone, now)


def _parts(content: bytes) -> tuple[list[Any], dict[str, list[Any]]]:
    try:
        whole = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("The file is no JSON.")) from error
    listed = whole.get("tickets") if isinstance(whole, dict) else whole
    if not isinstance(listed, list) or len(listed) > MOST_LINES:
        raise Unreadable(_("There is no list of tickets in the file, or it is longer than %(count)d.")
                         % {"count": MOST_LINES})  # fmt: skip
    said: dict[str, list[Any]] = defaultdict(list)
    apart = whole.get("articles") if isinstance(whole, dict) else None
    for article in apart if isinstance(apart, list) else []:
        if isinstance(article, dict):
            said[str(article.get("ticket_id"))].append(article)
    return listed, said


def _read(
    listed: list[Any], said: dict[str, list[Any]], zone: tzinfo, now: datetime
) -> Iterator[tuple[int, str, Found]]:
    for place, one in enumerate(listed, 1):
        if not isinstance(one, dict):
            yield place, "", Mistake(_("This is no ticket."))
            continue
        number = _text(one.get("number") or one.get("id"))[:100]
        inside = one.get("articles")
        articles = inside if isinstance(inside, list) else said.get(str(one.get("id")), [])
        yield place, number, _ticket(one, number, articles[:MOST_SAID], zone, now)


def _ticket(one: dict[str, Any], number: str, articles: list[Any], zone: tzinfo, now: datetime) -> Found:
    if not number:
        return Mistake(_("There is no number."))
    closed = _text(one.get("close_at")) if "clos" in _text(one.get("state")).casefold() else ""
    span = span_of(_text(one.get("created_at")), closed, zone, now)
    if isinstance(span, Mistake):
        return span
    spoken = [made for made in (_article(each, span[0], zone) for each in articles) if made is not None]
    spoken.sort(key=lambda said: said.at)
    subject = _text(one.get("title"))
    first = spoken.pop(0) if spoken and spoken[0].by_requester else None
    name, email = _who(one, articles)
    return PastRequest(
        number=number,
        subject=subject,
        text=first.text if first else subject or number,
        opened_at=span[0],
        closed_at=span[1],
        priority=priority(_text(one.get("priority"))),
        requester_name=name,
        requester_email=email,
        customer=_text(one.get("organization")),
        messages=spoken,
    )


def _who(one: dict[str, Any], articles: list[Any]) -> tuple[str, str]:
    """The customer of the ticket: an address under «expand», else who wrote first."""
    typed = _text(one.get("customer"))
    wrote = next((_text(each.get("from")) for each in articles if isinstance(each, dict) and each.get("from")), "")
    name, email = parseaddr(typed if "@" in typed else wrote)
    email = email.lower()
    return (name or (typed if "@" not in typed else "")), email if is_address(email) else ""


def _article(each: Any, opened: datetime, zone: tzinfo) -> PastMessage | None:
    if not isinstance(each, dict):
        return None
    body = _text(each.get("body"))
    text = plain_from_tags(body) if "html" in _text(each.get("content_type")) else body
    if not text.strip():
        return None
    return PastMessage(
        at=moment(_text(each.get("created_at")), zone) or opened,
        text=text,
        author_name=_author(each),
        by_requester=_text(each.get("sender")).casefold() == "customer",
        internal=each.get("internal") is True,
    )


def _author(each: dict[str, Any]) -> str:
    """«Имя <адрес>», an address, or a bare name."""
    typed = _text(each.get("from"))
    return parseaddr(typed)[0] or ("" if "@" in typed else typed) or _text(each.get("created_by"))


def _text(value: object) -> str:
    return value[:LONGEST_FIELD].strip() if isinstance(value, str) else str(value) if isinstance(value, int) else ""

"""What Zammad's API gives of tickets: a list of tickets (`?expand=true`) with their articles, as one JSON file.

Either each ticket has its `articles` inside, or the file is {"tickets": […], "articles": […]} and an article names its
`ticket_id`. Field names: Zammad's REST documentation, Ticket and Ticket Article. An article only names its attachments
({id, filename, size, preferences}); their bytes are another address each, ticket_attachment/{ticket}/{article}/{id},
so they lie in the archive under `{ticket}/{article}/`, called by their id or by their name.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.utils import parseaddr
from typing import Any

from django.utils.translation import gettext as _

from provodnik.channels.email.parse.html import plain_from_tags
from provodnik.desk.actions.past import PastMessage
from provodnik.transfer.reading.archive import Folder
from provodnik.transfer.reading.files import MOST_FILES, Gathered
from provodnik.transfer.reading.tables import contact, is_address
from provodnik.transfer.reading.values import (
    MOST_LINES,
    Found,
    Lines,
    Mistake,
    PastRequest,
    Unreadable,
    moment,
    priority,
    span_of,
    words_of,
)

MOST_SAID = 1000  # articles of one ticket


@dataclass(frozen=True, slots=True)
class _Around:
    """What all tickets of a file share. `largest`: bytes of one attachment."""

    zone: tzinfo
    now: datetime
    folder: Folder
    largest: int


def tickets(
    content: bytes, *, zone: tzinfo, now: datetime, folder: Folder | None = None, largest: int = 25 * 1024**2
) -> Lines:
    """Every ticket of the file. Raises Unreadable for what is no such file."""
    found, said = _parts(content)
    return _read(found, said, _Around(zone, now, folder or Folder(), largest))


def people(content: bytes) -> Lines:
    """What /api/v1/users?expand=true gives: the customers among them. Raises Unreadable."""
    listed = _loaded(content)
    if not isinstance(listed, list) or len(listed) > MOST_LINES:
        raise Unreadable(_("There is no list of people in the file, or it is longer than %(count)d.")
                         % {"count": MOST_LINES})  # fmt: skip
    return _people(listed)


def _people(listed: list[Any]) -> Iterator[tuple[int, str, Found]]:
    names = {"email": "email", "first": "firstname", "last": "lastname", "customer": "organization"}
    for place, one in enumerate(listed, 1):
        if not isinstance(one, dict):
            yield place, "", Mistake(_("This is no person."))
            continue
        roles = one.get("roles")
        if isinstance(roles, list) and roles and "Customer" not in roles:
            yield place, words_of(one.get("email"))[:100], Mistake(_("Works at that desk, and is nobody's contact."))
            continue
        cells = {column: words_of(one.get(name)) for column, name in names.items()}
        cells["phone"] = words_of(one.get("phone")) or words_of(one.get("mobile"))
        yield place, *contact(cells)


def _loaded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("The file is no JSON.")) from error


def _parts(content: bytes) -> tuple[list[Any], dict[str, list[Any]]]:
    whole = _loaded(content)
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


def _read(listed: list[Any], said: dict[str, list[Any]], around: _Around) -> Iterator[tuple[int, str, Found]]:
    for place, one in enumerate(listed, 1):
        if not isinstance(one, dict):
            yield place, "", Mistake(_("This is no ticket."))
            continue
        number = words_of(one.get("number") or one.get("id"))[:100]
        inside = one.get("articles")
        articles = inside if isinstance(inside, list) else said.get(str(one.get("id")), [])
        yield place, number, _ticket(one, number, articles[:MOST_SAID], around)


def _ticket(one: dict[str, Any], number: str, articles: list[Any], around: _Around) -> Found:
    if not number:
        return Mistake(_("There is no number."))
    closed = words_of(one.get("close_at")) if "clos" in words_of(one.get("state")).casefold() else ""
    span = span_of(words_of(one.get("created_at")), closed, around.zone, around.now)
    if isinstance(span, Mistake):
        return span
    called = [words_of(one.get("id")), number]
    missing: list[str] = []
    found = (_article(each, span[0], called, missing, around) for each in articles)
    spoken = [made for made in found if made is not None]
    spoken.sort(key=lambda said: said.at)
    subject = words_of(one.get("title"))
    first = spoken.pop(0) if spoken and spoken[0].by_requester else None
    name, email = _who(one, articles)
    return PastRequest(
        number=number,
        subject=subject,
        text=first.text if first else subject or number,
        opened_at=span[0],
        closed_at=span[1],
        priority=priority(words_of(one.get("priority"))),
        requester_name=name,
        requester_email=email,
        customer=words_of(one.get("organization")),
        messages=spoken,
        files=list(first.files) if first else [],
        missing=missing,
    )


def _who(one: dict[str, Any], articles: list[Any]) -> tuple[str, str]:
    """The customer of the ticket: an address under «expand», else who wrote first."""
    typed = words_of(one.get("customer"))
    wrote = next((words_of(each.get("from")) for each in articles if isinstance(each, dict) and each.get("from")), "")
    name, email = parseaddr(typed if "@" in typed else wrote)
    email = email.lower()
    return (name or (typed if "@" not in typed else "")), email if is_address(email) else ""


def _article(each: Any, opened: datetime, ticket: list[str], missing: list[str], around: _Around) -> PastMessage | None:
    if not isinstance(each, dict):
        return None
    taken = _attached(each, ticket, around)
    missing.extend(taken.missing)
    body = words_of(each.get("body"))
    text = plain_from_tags(body) if "html" in words_of(each.get("content_type")) else body
    if not text.strip() and not taken.files:
        return None
    return PastMessage(
        at=moment(words_of(each.get("created_at")), around.zone) or opened,
        text=text,
        author_name=_author(each),
        by_requester=words_of(each.get("sender")).casefold() == "customer",
        internal=each.get("internal") is True,
        files=taken.files,
    )


def _attached(article: dict[str, Any], ticket: list[str], around: _Around) -> Gathered:
    """Files of an article: in the archive, or in the export itself. `ticket`: its id and its number."""
    taken = Gathered(around.folder)
    listed, spoken = article.get("attachments"), words_of(article.get("id"))
    for one in listed[: MOST_FILES + 1] if isinstance(listed, list) else []:
        if not isinstance(one, dict):
            continue
        name, about = words_of(one.get("filename"))[:300], one.get("preferences")
        kind = words_of(about.get("Content-Type") or about.get("Mime-Type")) if isinstance(about, dict) else ""
        kind = kind.partition(";")[0]
        if isinstance(one.get("data"), str):
            taken.inline(name, one["data"], kind or words_of(one.get("mime-type")), largest=around.largest)
            continue
        own = words_of(one.get("id"))
        places = [f"{head}/{spoken}/{tail}" for head in ticket if head and spoken for tail in (own, name) if tail]
        taken.member(around.folder.find(*places), name or own, name=name, kind=kind)
    return taken


def _author(each: dict[str, Any]) -> str:
    """«Имя <адрес>», an address, or a bare name."""
    typed = words_of(each.get("from"))
    return parseaddr(typed)[0] or ("" if "@" in typed else typed) or words_of(each.get("created_by"))

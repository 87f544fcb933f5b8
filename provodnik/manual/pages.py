"""A page of a manual as HTML: the Markdown of articles, our links and our pictures. Made once a process."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static

from provodnik.accounts.models import User
from provodnik.articles import markup
from provodnik.desk.pictures import HEAD, picture_kind, size_of
from provodnik.manual import sources
from provodnik.manual.sources import Book, Page
from provodnik.people.policies import works_here

PHONE = 780  # dots of a phone's picture: two for each of its own
_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
_HEAD = re.compile(r"<th[^>]*>(.*?)</th>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Shown:
    """A page with its neighbours."""

    book: Book
    page: Page
    body: markup.Rendered
    before: Page | None
    after: Page | None


def size(name: str) -> tuple[int, int]:
    """Width and height in dots of a picture in the package. Raises OSError where it is missing."""
    with (sources.PICTURES / f"{name}.webp").open("rb") as file:
        head = file.read(HEAD)
    found = size_of(head, picture_kind(head) or "")
    if found is None:
        raise OSError(f"{name}.webp is no picture")
    return found


@cache
def _pictures() -> dict[uuid.UUID, markup.Picture]:
    known = {}
    for name in sources.pictures_of():
        try:
            width, height = size(name)
        except OSError:  # its words stand there; a test says which are missing
            continue
        half = 2 if width == PHONE else 1
        picture = markup.Picture(static(f"manual/{name}.webp"), width // half, height // half)
        known[sources.key_of(name)] = picture
    return known


def labelled(html: str) -> str:
    """Tables whose cells bear the words of their column: on a phone each row is a card (assets/manual.css)."""

    def table(found: re.Match[str]) -> str:
        heads = [_TAG.sub("", head).strip().replace('"', "&quot;") for head in _HEAD.findall(found[0])]

        def row(one: re.Match[str]) -> str:
            columns = iter(heads[1:])  # the first cell is the card's own heading
            first, cell, rest = one[0].partition("</td>")
            return first + cell + re.sub("<td>", lambda _td: f'<td data-label="{next(columns, "")}">', rest)

        return _ROW.sub(row, found[0])

    return _TABLE.sub(table, html)


@cache
def shown(book_slug: str, slug: str) -> Shown | None:
    book = sources.book(book_slug)
    page = book.page(slug) if book else None
    if book is None or page is None:
        return None
    at = book.pages.index(page)
    body = markup.render(page.text, links={}, shown=_pictures())
    return Shown(
        book,
        page,
        replace(body, html=labelled(body.html)),
        book.pages[at - 1] if at else None,
        book.pages[at + 1] if at + 1 < len(book.pages) else None,
    )


def own_books(user: Any) -> frozenset[str]:
    """Manuals that are about this reader's work. Costs no statement."""
    if not isinstance(user, User):
        return frozenset()
    own = {"employee"} if works_here(user) or not (user.is_desk or user.is_administrator) else set()
    if user.is_desk:
        own |= {"specialist"}
    if user.is_administrator:
        own |= {"admin", "safety"}
    return frozenset(own)


def help_address(request: HttpRequest) -> str:
    """Where «Справка» leads from a page: to the chapter that tells of it, else to the shelf of manuals; for who has not
    signed in only to a chapter that is open, else "". Costs no statement."""
    match = getattr(request, "resolver_match", None)
    page = sources.chapter(match.view_name) if match is not None and match.view_name else None
    if not isinstance(getattr(request, "user", None), User):
        return page.address if page is not None and page.is_open else ""
    return page.address if page is not None else sources.HOME

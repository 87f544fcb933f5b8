"""A manual as a PDF for the distributive and for who reads on paper: the tree that articles make of their Markdown,
set by the same template parts, with a cover, contents and page numbers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _

import provodnik
from provodnik.articles import papers
from provodnik.articles.papers import Node, Setter, Shot
from provodnik.core import paper
from provodnik.manual import pages, sources
from provodnik.manual.sources import Book
from provodnik.ui.text import full_day, typograph

TEMPLATE = Path(__file__).resolve().parent / "papers" / "manual.typ"


class ManualSetter(Setter):
    """Links to other pages of the same manual lead to their chapters; those to other manuals stay words."""

    inside: frozenset[str] = frozenset()

    def _link(self, url: str, inside: list[Node]) -> list[Node]:
        if not url.startswith(sources.HOME):
            return super()._link(url, inside) if url.startswith(("http:", "https:", "mailto:")) else inside
        address = url.partition("#")[0]
        return [{"t": "inner", "to": label_of(address), "b": inside}] if address in self.inside else inside


def label_of(address: str) -> str:
    return address.strip("/").replace("/", "-")


def _shots() -> tuple[dict[uuid.UUID, Shot], dict[str, bytes]]:
    """Pictures of all manuals: by the key that Markdown names, and their bytes by the name that the template opens."""
    shots: dict[uuid.UUID, Shot] = {}
    contents: dict[str, bytes] = {}
    for number, name in enumerate(sources.pictures_of()):
        try:
            width, height = pages.size(name)
            content = (sources.PICTURES / f"{name}.webp").read_bytes()
        except OSError:  # its words stand there instead
            continue
        half = 2 if width == pages.PHONE else 1
        shots[sources.key_of(name)] = Shot(f"{number}.webp", int(width / half / 1.35), int(height / half / 1.35))
        contents[f"{number}.webp"] = content
    return shots, contents


def _tree(book: Book, shots: Mapping[uuid.UUID, Shot]) -> list[dict[str, object]]:
    inside = frozenset(page.address for page in book.pages)
    told: list[dict[str, object]] = []
    for page in book.pages:
        setter = ManualSetter({}, shots, "")
        setter.inside = inside
        told.append(
            {
                "title": typograph(page.title),
                "label": label_of(page.address),
                "summary": typograph(page.summary),
                "body": setter.read(page.text),
            }
        )
    return told


def made_of(book: Book, day: date) -> bytes:
    """The PDF of a manual, the same bytes for the same release and day."""
    shots, contents = _shots()
    version = provodnik.__version__
    data = {
        "title": typograph(book.title),
        "author": "PROводник",
        "product": "PROводник",
        "summary": typograph(book.summary),
        "contents": _("Contents"),
        "footer": _("Version %(version)s, %(day)s") % {"version": version, "day": full_day(day)},
        "pages": _tree(book, shots),
    }
    at = datetime.combine(day, time(), UTC)
    return paper.render(TEMPLATE, data, at=at, pictures=contents, shared=[papers.BLOCKS])


@cache
def _kept(slug: str, day: date) -> bytes:
    book = sources.book(slug)
    assert book is not None
    return made_of(book, day)


def made(slug: str) -> bytes:
    """The PDF as the site gives it: made once a process, with the day on which this release was built."""
    return _kept(slug, built_on())


def built_on() -> date:
    """When the newest page was written to this machine: the day of the release where it is installed."""
    newest = max(path.stat().st_mtime for path in sources.BOOKS.glob("*/*.md"))
    return timezone.localdate(datetime.fromtimestamp(newest, UTC))

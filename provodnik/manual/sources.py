"""The manuals as they lie in the package: a folder a book, `book.toml` with its order, a Markdown file a page.

A page is written to be read in the repository as well: its links name other files (`payslip.md`, `../admin/mail.md`),
its pictures files of static/manual. `addressed` makes both into what articles' Markdown understands: addresses of pages
and keys of pictures. A paragraph is one line: Markdown of articles keeps line ends. Pure but for reading the files.
"""

from __future__ import annotations

import re
import tomllib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HOME = "/help/"  # a test compares it with the address of the site
BOOKS = Path(__file__).resolve().parent / "books"
PICTURES = Path(__file__).resolve().parent / "static" / "manual"
ORDER = ("employee", "specialist", "hr", "admin", "regulation", "safety")
_SPACE = uuid.UUID("6f0d1b1e-5a0c-4d5e-9a53-9a8f7d1c2b10")  # of the keys by which pages name their pictures
_PICTURE = re.compile(r"\]\(\.\./\.\./static/manual/([a-z0-9-]+)\.webp\)")
_PAGE = re.compile(r"\]\((?:\.\./([a-z]+)/)?([a-z0-9-]+)\.md(#part-\d+)?\)")
_FILE = re.compile(r"# (?P<title>[^\n]+)\n\n(?P<summary>[^\n]+)\n\n(?P<text>.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """`routes`: pages of the product whose chapter it is: `desk:queue`, or `desk:` for the rest of them. `is_open`:
    read without signing in, because it says how to sign in."""

    book: str
    slug: str
    title: str
    summary: str
    text: str
    routes: tuple[str, ...] = ()
    is_open: bool = False

    @property
    def address(self) -> str:
        return f"{HOME}{self.book}/{self.slug}"


@dataclass(frozen=True, slots=True)
class Book:
    """`readers`: whose it is: "all", "desk", "personnel" or "administrators". Everybody may read it."""

    slug: str
    title: str
    summary: str
    icon: str
    readers: str
    pages: tuple[Page, ...]

    @property
    def address(self) -> str:
        return f"{HOME}{self.slug}/"

    def page(self, slug: str) -> Page | None:
        return next((page for page in self.pages if page.slug == slug), None)


def key_of(picture: str) -> uuid.UUID:
    """By what a page's Markdown names a picture once it is `addressed`."""
    return uuid.uuid5(_SPACE, picture)


def addressed(text: str, book: str) -> str:
    """Links to files as addresses of pages, pictures by their keys."""
    text = _PICTURE.sub(lambda found: f"]({key_of(found[1])})", text)
    return _PAGE.sub(lambda found: f"]({HOME}{found[1] or book}/{found[2]}{found[3] or ''})", text)


def pictures_of(folder: Path = BOOKS) -> dict[str, list[str]]:
    """Picture → the pages that show it."""
    shown: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*/*.md")):
        for name in _PICTURE.findall(path.read_text(encoding="utf-8")):
            shown.setdefault(name, []).append(f"{path.parent.name}/{path.stem}")
    return shown


def _pages(folder: Path, told: list[dict[str, object]]) -> Iterator[Page]:
    for one in told:
        slug = str(one["slug"])
        found = _FILE.fullmatch((folder / f"{slug}.md").read_text(encoding="utf-8"))
        if found is None:
            raise ValueError(f"{folder.name}/{slug}.md: a title, a line of summary and the text are wanted")
        routes = one.get("for", [])
        assert isinstance(routes, list)
        yield Page(
            folder.name,
            slug,
            found["title"],
            found["summary"],
            addressed(found["text"], folder.name),
            tuple(str(route) for route in routes),
            bool(one.get("open")),
        )


@cache
def books() -> tuple[Book, ...]:
    """All manuals, in the order of the shelf."""
    return tuple(_book(BOOKS / slug) for slug in ORDER)


def _book(folder: Path) -> Book:
    told = tomllib.loads((folder / "book.toml").read_text(encoding="utf-8"))
    pages = tuple(_pages(folder, told["page"]))
    return Book(folder.name, told["title"], told["summary"], told["icon"], told["readers"], pages)


def book(slug: str) -> Book | None:
    return next((one for one in books() if one.slug == slug), None)


@cache
def _chapters() -> dict[str, Page]:
    return {route: page for book in books() for page in book.pages for route in page.routes}


def chapter(route: str) -> Page | None:
    """The page that tells of a page of the product, by the name of its route."""
    known = _chapters()
    return known.get(route) or known.get(route.partition(":")[0] + ":")

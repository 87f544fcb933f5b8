"""The front door of a part: what the shell asks of it. Their list is settings.PARTS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class NavItem:
    """A line of the menu, as the frames show it. `tone`: "", "warning" or "error" for the figure; `group`: a heading
    before the first line of its kind; `short`: the label on a phone's bottom bar."""

    label: str
    url: str
    icon: str
    current: bool = False
    counter: int | str = ""
    counter_label: str = ""
    tone: str = ""
    group: str = ""
    short: str = ""


@dataclass(frozen=True, slots=True)
class Banner:
    """A line above every page. `tone`: "info", "warning" or "error"; `put_away`: the address to which the reader's
    «I know» is posted, "" where it stays."""

    text: str
    url: str = ""
    tone: str = "info"
    put_away: str = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """A fragment beside «Обратная связь», asked for again whenever one of the form's fields `heed` changes, with these
    fields in the address. Without script it is not asked for at all.

    `post`: asked while somebody types, with the fields in the body, because what he writes must not stand in an
    address (it is logged); until the first answer, and without script, the link `label` → `page` stands there."""

    url: str
    heed: Sequence[str] = ("subsystem",)
    post: bool = False
    page: str = ""
    label: str = ""

    @property
    def selector(self) -> str:
        return ", ".join(f"[name={name}]" for name in self.heed)


@dataclass(frozen=True, slots=True)
class Panel:
    """A fold beside a request in the workbench, whose content is fetched from `url` when it is first looked at."""

    title: str
    url: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a doctor's check found. `level`: "ok", "warning" or "error"."""

    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Whom:
    """A person who is being erased: his card's id, his account's id, and the words that name him, in lower case."""

    contact: int
    user: int | None
    words: Sequence[str] = ()


Check = Callable[[], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Part:
    """`menu(request)` gives lines of the menu; `checks` are (name, check) pairs for doctor, `strict` those that cost
    more. `banners(request)` stand above every page; `panels(request, number)` beside a request of the workbench;
    `hints(request)` beside a request that is being written;
    `listeners` are told of each recorded fact of a request by its event's id: in the worker, after the people were
    told, in the request's order, and again if the worker died: they must be safe to repeat."""

    name: str
    menu: Callable[[HttpRequest], Sequence[NavItem]] = lambda request: ()
    checks: Sequence[tuple[str, Check]] = ()
    strict: Sequence[tuple[str, Check]] = ()
    banners: Callable[[HttpRequest], Sequence[Banner]] = lambda request: ()
    panels: Callable[[HttpRequest, int], Sequence[Panel]] = lambda request, number: ()
    hints: Callable[[HttpRequest], Sequence[Hint]] = lambda request: ()
    listeners: Sequence[Callable[[int], None]] = ()
    extra: dict[str, Any] = field(default_factory=dict)


@cache
def parts() -> tuple[Part, ...]:
    """The parts of the house, in the order of their menu."""
    return tuple(import_string(path) for path in settings.PARTS)


@cache
def address(name: str) -> str:
    """Of a page that takes nothing. Addresses do not change while a process lives, and a menu names a dozen of them."""
    return reverse(name)


def menu(request: HttpRequest) -> list[NavItem]:
    """Lines of the menu for this person: those of one heading together, in the order in which each was first named."""
    lines = [line for part in parts() for line in part.menu(request)]
    first: dict[str, int] = {}
    for line in lines:
        first.setdefault(line.group, len(first))
    return sorted(lines, key=lambda line: first[line.group])


def banners(request: HttpRequest) -> list[Banner]:
    """What stands above every page for this person."""
    return [banner for part in parts() for banner in part.banners(request)]


def panels(request: HttpRequest, number: int) -> list[Panel]:
    """What parts show beside a request."""
    return [panel for part in parts() for panel in part.panels(request, number)]


def hints(request: HttpRequest) -> list[Hint]:
    """What parts know about a request that is being written."""
    return [hint for part in parts() for hint in part.hints(request)]


def listeners() -> list[Callable[[int], None]]:
    """Whom a recorded fact is told to."""
    return [listener for part in parts() for listener in part.listeners]


def page_of_tables(of: str) -> str:
    """The name of the page where a higher part makes files of a table (Part.extra["tables"]: {of: name}), or ""."""
    return next((str(found[of]) for part in parts() if of in (found := part.extra.get("tables", {}))), "")

"""The front door of a part: what the shell asks of it. Their list is settings.PARTS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
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
class Finding:
    """What a doctor's check found. `level`: "ok", "warning" or "error"."""

    level: str
    text: str


Check = Callable[[], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Part:
    """`menu(request)` gives lines of the menu; `checks` are (name, check) pairs for doctor, `strict` those that cost
    more."""

    name: str
    menu: Callable[[HttpRequest], Sequence[NavItem]] = lambda request: ()
    checks: Sequence[tuple[str, Check]] = ()
    strict: Sequence[tuple[str, Check]] = ()
    extra: dict[str, Any] = field(default_factory=dict)


@cache
def parts() -> tuple[Part, ...]:
    """The parts of the house, in the order of their menu."""
    return tuple(import_string(path) for path in settings.PARTS)


def menu(request: HttpRequest) -> list[NavItem]:
    """Lines of the menu for this person."""
    return [line for part in parts() for line in part.menu(request)]

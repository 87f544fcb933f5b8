"""The front door of a part: what the shell asks of it. The list of parts is in provodnik/config/parts.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class NavItem:
    """A line of the menu. `counter` None: no figure; `tone`: "", "warning" or "error" for the figure."""

    label: str
    url: str
    icon: str
    current: bool = False
    counter: int | None = None
    tone: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a doctor's check found. `level`: "ok", "warning" or "error"."""

    level: str
    text: str


Check = Callable[[], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Part:
    """`menu(request)` gives lines of the menu; `checks` are (name, check) pairs for doctor, `strict` those that cost more."""

    name: str
    menu: Callable[[HttpRequest], Sequence[NavItem]] = lambda request: ()
    checks: Sequence[tuple[str, Check]] = ()
    strict: Sequence[tuple[str, Check]] = ()
    extra: dict[str, Any] = field(default_factory=dict)

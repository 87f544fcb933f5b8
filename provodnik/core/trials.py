"""Trying the outside: does what is set up really work? A part brings its own by Part.extra["trials"], for the command
`provodnik check`; the buttons «Check» of its pages ask the same functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from provodnik.core.parts import parts


@dataclass(frozen=True, slots=True)
class Tried:
    """`what`: what was tried (a mailbox, a server); `told`: what answered, a sentence; `todo`: what to do about it, or
    "". `level`: "ok", "warning" or "error"."""

    level: str
    what: str
    told: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """`to`: the address or phone to which a test message goes; "": none is sent."""

    at: datetime
    to: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """`name`: as the command takes it; `about`: what it tries, for the list."""

    name: str
    about: Callable[[], str]
    run: Callable[[Asked], Iterable[Tried]]


def trials() -> list[Trial]:
    """Of all parts, in their order."""
    return [trial for part in parts() for trial in part.extra.get("trials", ())]

"""What is taken over, and how far it is."""

from __future__ import annotations

from enum import Enum


class Kind(Enum):
    """A kind of file."""

    CONTACTS = "contacts"
    REQUESTS = "requests"
    ARTICLES = "articles"
    ZAMMAD = "zammad"
    OSTICKET = "osticket"


class State(Enum):
    """First a file is looked through, nothing written; then, if a person says so, it is taken over."""

    LOOKING = "looking"
    LOOKED = "looked"
    TAKING = "taking"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Outcome(Enum):
    """What became, or would become, of a line."""

    NEW = "new"
    KNOWN = "known"
    REFUSED = "refused"


UNDERWAY = frozenset({State.LOOKING, State.TAKING})

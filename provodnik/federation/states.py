"""The few fixed lists of federation. Plain names, no Django."""

from __future__ import annotations

from enum import StrEnum


class Security(StrEnum):
    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class Admits(StrEnum):
    """Whom a directory or a provider lets in that has no account yet: KNOWN: nobody but employees whose personnel
    number it tells; EVERYBODY: whoever signs in there gets an account without any rights."""

    KNOWN = "known"
    EVERYBODY = "everybody"


class How(StrEnum):
    """How an identity came to its account. Never by a name or an e-mail address that happened to be equal."""

    NUMBER = "number"
    HAND = "hand"
    OWN = "own"
    NEW = "new"


CAME_BY = "_came_by"  # in the session: the provider by which it was begun

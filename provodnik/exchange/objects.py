"""Objects between the reader and the takers: their digest, and what a line would do to what is known. Pure but for the
key of the digest."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from provodnik.core.secrets import key_for
from provodnik.exchange import contract
from provodnik.exchange.states import Outcome, Standing

ONCE = frozenset({"payslip"})  # a version of these is written once: other content needs a greater one
OF_A_VERSION = frozenset({"answer"})  # «taken» said to what was told later is another answer


@dataclass(frozen=True, slots=True)
class Known:
    """What the exchange remembers of an object."""

    base: int
    version: int
    digest: uuid.UUID
    standing: str


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is taken: the instant, and the day by which accounts learn who works here."""

    at: datetime
    on: date


def canonical(one: contract.Object) -> str:
    """The object as text, the same for the same content; what is sealed and digested."""
    told: dict[str, Any] = {"fields": one.fields}
    if one.deleted:
        told["deleted"] = True
    if one.kind in OF_A_VERSION:
        told["of"] = one.version
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> uuid.UUID:
    """Keyed, so that a SNILS cannot be guessed out of it."""
    return uuid.UUID(bytes=hashlib.blake2b(text.encode(), digest_size=16, key=key_for("exchange-digest")).digest())


def revived(kind: str, guid: uuid.UUID, version: int, text: str) -> contract.Object:
    """The object of a text that `canonical` made."""
    told: Mapping[str, Any] = json.loads(text)
    return contract.Object(kind, str(guid), version, bool(told.get("deleted")), told["fields"])


def outcome(one: contract.Object, made: uuid.UUID, known: Known | None, base: int) -> Outcome:
    """What a line would do. An older version never overwrites; the same content again does nothing, unless the last
    time it was not taken."""
    if known is None:
        return Outcome.NEW
    if known.base != base:
        return Outcome.REFUSED
    if one.version < known.version:
        return Outcome.OLDER
    if made == known.digest and known.standing in (Standing.TAKEN, Standing.KEPT, Standing.GONE):
        return Outcome.SAME
    if rewritten(one, made, known):
        return Outcome.REFUSED
    return Outcome.CHANGED


def rewritten(one: contract.Object, made: uuid.UUID, known: Known) -> bool:
    """Other content under the version of something that is kept by versions."""
    return one.kind in ONCE and one.version == known.version and made != known.digest


def dismisses(one: contract.Object) -> bool:
    if one.kind == "dismissal":
        return not one.deleted
    return one.kind == "employment" and bool(one.fields.get("ends_on"))

"""Who looked at my data: lines of the journal, for the person himself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provodnik.accounts.models import JournalEntry
from provodnik.core.parts import parts
from provodnik.people.models import Person

SHOWN = 50
CARD, REQUEST, SCAN = "people.card", "people.request", "people.scan"


@dataclass(frozen=True, slots=True)
class Look:
    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Page:
    looks: list[Look]
    before: int | None


def kinds() -> dict[str, str]:
    """Kinds of the journal whose `thing` is a person's id → what was looked at, in words. A part above adds its own:
    Part.extra["looks_at_people"] is a function that gives such a mapping (a payslip opened by an accountant)."""
    found: dict[str, str] = {}
    for part in parts():
        tell = part.extra.get("looks_at_people")
        if tell is not None:
            found |= tell()
    return found


def page(person: Person, before: int | None = None) -> Page:
    """The latest first, by key. His own looks are not told."""
    known = kinds()
    rows = JournalEntry.objects.filter(
        kind__in=known, thing__in=[str(pk) for pk in (person.pk, *person.was)], slot__isnull=False
    ).select_related("by")
    if person.user_id is not None:
        rows = rows.exclude(by_id=person.user_id)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: SHOWN + 1])
    looks = [Look(row.at, row.by.full_name if row.by else "", known[row.kind]) for row in found[:SHOWN]]
    return Page(looks, found[SHOWN - 1].pk if len(found) > SHOWN else None)

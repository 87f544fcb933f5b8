"""For doctor: the figures are what the histories say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from provodnik.core.parts import Finding
from provodnik.quality.actions.cases import stale
from provodnik.quality.models import Case
from provodnik.quality.queries.facts import cases_of

BATCH = 500
MOST_NAMED = 10
_COMPARED = [field.attname for field in Case._meta.concrete_fields]


def fresh() -> Iterator[Finding]:
    """Every request has its row, none is older than its request. No error: the next look mends it (schedule)."""
    yield _told(
        stale(after=0, limit=1000),
        _("Figures of the quality report are missing or old"),
        _("Every request has its figures."),
        level="warning",
    )


def figures() -> Iterator[Finding]:
    """Every row that is as new as its request, computed once more from its history."""
    wrong: list[int] = []
    last = 0
    while rows := list(Case.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = rows[-1].pk
        right = {case.pk: case for case in cases_of([row.pk for row in rows])}
        wrong += [row.pk for row in rows if not _same(row, right.get(row.pk))]
    yield _told(
        wrong,
        _("Figures of the quality report differ from the history"),
        _("Figures of the quality report agree with the history."),
    )


def _same(row: Case, right: Case | None) -> bool:
    if right is None:
        return False
    if (row.revision, row.calendar_revision) != (right.revision, right.calendar_revision):
        return True  # the request has moved since: `fresh` tells of it
    return all(getattr(row, name) == getattr(right, name) for name in _COMPARED)


def _told(numbers: Sequence[int], sentence: str, good: str, *, level: str = "error") -> Finding:
    if not numbers:
        return Finding("ok", good)
    named = ", ".join(f"№\u00a0{number}" for number in numbers[:MOST_NAMED])
    more = "…" if len(numbers) > MOST_NAMED else ""
    return Finding(level, f"{sentence}: {len(numbers)} ({named}{more})")

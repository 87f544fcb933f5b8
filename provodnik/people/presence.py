"""At work, or away until when. Pure arithmetic over days; why somebody is away never comes in here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

Span = tuple[date, date | None]
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Away:
    """`until`: the last day away, over absences that follow on each other; None: nobody knows yet."""

    until: date | None


def away(spans: Iterable[Span], on: date) -> Away | None:
    """What colleagues are told on a day: None (at work), or until when not. Absences without a day between them are one
    («отпуск», then «больничный» tells no more than the last day)."""
    last: date | None = None
    for starts_on, ends_on in sorted(spans, key=lambda span: span[0]):
        if starts_on > (on if last is None else last + A_DAY):
            break
        if ends_on is None:
            return Away(None)
        if ends_on >= on:
            last = ends_on if last is None else max(last, ends_on)
    return Away(last) if last is not None else None

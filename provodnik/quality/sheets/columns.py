"""The columns of a table of requests, each with its type: the same for XLSX and CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provodnik.desk.labels import PRIORITIES, RESOLUTIONS, TYPES
from provodnik.quality.policies import Scope


class Kind(Enum):
    """What a cell is: never guessed from what stands in it."""

    TEXT = "text"
    WHOLE = "whole"
    HOURS = "hours"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Column:
    """`source`: the column of the database that it is made of; `words`: texts for its values; `width` in letters."""

    head: str | Promise
    source: str
    kind: Kind = Kind.TEXT
    width: int = 14
    words: Mapping[Any, str | Promise] | None = None


_YES_NO = {True: gettext_lazy("yes"), False: gettext_lazy("no")}
_NUMBER = Column(gettext_lazy("Number"), "ticket_id", Kind.WHOLE, 10)
_REQUEST = (
    Column(gettext_lazy("Subject"), "ticket__subject", width=50),
    Column(gettext_lazy("Customer"), "customer__name", width=28),
    Column(gettext_lazy("Contract"), "contract__number", width=12),
    Column(gettext_lazy("Requester"), "ticket__requester_name", width=30),
    Column(gettext_lazy("Type"), "type", width=18, words=dict(TYPES)),
    Column(gettext_lazy("Priority"), "priority", width=14, words=dict(PRIORITIES)),
    Column(gettext_lazy("Section"), "subsystem__name", width=24),
)
_DESK = (Column(gettext_lazy("Team"), "team__name", width=20),)
_NAMES = (Column(gettext_lazy("Specialist"), "assignee__full_name", width=32),)
_FIGURES = (
    Column(gettext_lazy("Registered"), "registered_at", Kind.MOMENT, 17),
    Column(gettext_lazy("Closed"), "closed_at", Kind.MOMENT, 17),
    Column(gettext_lazy("Resolution"), "resolution", width=24, words=dict(RESOLUTIONS)),
    Column(gettext_lazy("Norm, hours"), "allowance", Kind.HOURS, 12),
    Column(gettext_lazy("Counted, hours"), "counted", Kind.HOURS, 12),
    Column(gettext_lazy("In time"), "in_time", width=9, words=_YES_NO),
    Column(gettext_lazy("Waited for the user, hours"), "waited_user", Kind.HOURS, 14),
    Column(gettext_lazy("Reaction to the answer, hours"), "waited_us", Kind.HOURS, 14),
    Column(gettext_lazy("Clarifications"), "clarifications", Kind.WHOLE, 12),
    Column(gettext_lazy("Reopened, times"), "reopened", Kind.WHOLE, 12),
    Column(gettext_lazy("Complaint"), "complaint", width=9, words=_YES_NO),
    Column(gettext_lazy("Rating"), "rating", Kind.WHOLE, 8),
)


def columns(scope: Scope) -> Sequence[Column]:
    """What this person may read of a request: names of specialists the lead alone."""
    desk = _DESK if scope.is_desk else ()
    names = _NAMES if scope.sees_names else ()
    return (_NUMBER, *_REQUEST, *desk, *names, *_FIGURES)


class Values:
    """From rows of the database to typed values: text, int, float (hours), local naive datetime, or None."""

    def __init__(self, chosen: Sequence[Column]) -> None:
        self.zone = timezone.get_current_timezone()
        self.chosen = chosen
        self.words = [
            {key: str(words) for key, words in column.words.items()} if column.words is not None else None
            for column in chosen
        ]

    def row(self, found: Sequence[Any]) -> list[Any]:
        return [
            self._value(column, words, value)
            for column, words, value in zip(self.chosen, self.words, found, strict=True)
        ]

    def _value(self, column: Column, words: Mapping[Any, str] | None, value: Any) -> Any:
        if words is not None:
            return words.get(value, "")
        if value is None:
            return "" if column.kind is Kind.TEXT else None
        if column.kind is Kind.HOURS:
            return round(value / 3600, 2)
        if column.kind is Kind.MOMENT:
            return value.astimezone(self.zone).replace(tzinfo=None, microsecond=0)
        return value


def about(period: str, filters: Sequence[tuple[str, str]], made: str) -> list[tuple[str, str]]:
    """The lines that say what the file is of."""
    return [
        (_("Period"), period),
        *filters,
        (_("Put together"), made),
        (
            _("Counted by the clock"),
            _("From registration to closing, less the waiting for the user and our reaction to the answer (R13)."),
        ),
    ]

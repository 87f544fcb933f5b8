"""Fields that read what administrators write: hours, spans of a day, lists of lines, dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MOST_HOURS = 1000
MOST_SPANS = 6
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?")
Spans = list[list[str]]


class ToldInWords(forms.ModelForm):  # type: ignore[type-arg]
    """A form whose constraints of the database are told by itself or by its action, in words and at a field.

    Django 5.2 looks at constraints within the instance's own `full_clean` and asks the form nothing, so an overlap was
    answered by the name of the constraint. The database keeps them all the same (`journal.keep` makes a refusal of it).
    """

    def _post_clean(self) -> None:
        thing = self.instance
        thing.validate_constraints = lambda exclude=None: None
        try:
            super()._post_clean()  # type: ignore[misc]
        finally:
            del thing.validate_constraints


def ask_to_choose(field: forms.Field) -> None:
    """A word in the place of Django's dashes, where a list of choices begins with nothing."""
    assert isinstance(field, forms.TypedChoiceField) and isinstance(field.widget, forms.Select)
    field.choices = [(value, label if value else _("Choose")) for value, label in field.widget.choices]


class DateField(forms.DateField):
    """The browser's own calendar; without one, «23.11.2026» is understood too."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        super().__init__(input_formats=["%Y-%m-%d", "%d.%m.%Y"], **options)

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        if found is not None and not 2000 <= found.year <= 2100:
            raise ValidationError(_("Choose a date between 2000 and 2100."))
        return found


class HoursField(forms.CharField):
    """Hours as «12» or «1,5», kept as a timedelta."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=10, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, timedelta):
            hours = Decimal(int(value.total_seconds())) / 3600
            return f"{hours:.2f}".rstrip("0").rstrip(".").replace(".", ",")
        return value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            hours = Decimal(text.replace(",", ".").replace(" ", "").replace("\xa0", ""))
        except InvalidOperation:
            hours = Decimal(0)
        if not hours.is_finite() or not Decimal("0.01") <= hours <= MOST_HOURS:
            raise ValidationError(_("A number of hours up to 1000, for example 12 or 1,5."))
        return timedelta(seconds=round(hours * 3600))


def read_spans(text: str) -> Spans:
    """«9:00–13:00, 14–18» → [["09:00", "13:00"], ["14:00", "18:00"]]. Raises ValidationError."""
    spans = [_span(piece) for piece in re.split(r"[,;\n]+", text) if piece.strip()]
    if len(spans) > MOST_SPANS:
        raise ValidationError(_("At most six spans a day."))
    spans.sort()
    for (_start, end), (start, _end) in pairwise(spans):
        if end == "00:00" or start < end:
            raise ValidationError(_("The spans overlap."))
    return spans


def _span(piece: str) -> list[str]:
    ends = [part.strip() for part in re.split(r"[-–—−]", piece)]
    if len(ends) != 2:
        raise ValidationError(_("Write spans like 9:00–18:00, several with a comma between."))
    start, end = _clock(ends[0]), _clock(ends[1])
    if start == "24:00" or (end != "24:00" and start >= end):
        raise ValidationError(_("A span ends later than it begins. Split one that goes past midnight."))
    return [start, "00:00" if end == "24:00" else end]


def _clock(text: str) -> str:
    found = _TIME.fullmatch(text)
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
    if hour == 24 and minute == 0:
        return "24:00"
    if hour > 23 or minute > 59:
        raise ValidationError(_("Write spans like 9:00–18:00, several with a comma between."))
    return time(hour, minute).strftime("%H:%M")


def told_spans(spans: Sequence[Sequence[str]]) -> str:
    return ", ".join(f"{start}–{'24:00' if end == '00:00' else end}" for start, end in spans)


class SpansField(forms.CharField):
    """Hours of one day; empty is a day off."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}), **options
        )

    def prepare_value(self, value: Any) -> Any:
        return told_spans(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return read_spans(super().clean(value))


class LinesField(forms.CharField):
    """Several values, one a line; kept as a list without repeats."""

    def __init__(self, *, most: int = 50, rows: int = 3, **options: Any) -> None:
        self.most = most
        widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false"})
        super().__init__(required=False, max_length=10_000, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        lines = [line.strip().lower() for line in re.split(r"[\n,;\s]+", super().clean(value))]
        found = list(dict.fromkeys(line for line in lines if line))
        if len(found) > self.most:
            raise ValidationError(_("Too many lines."))
        return found

"""Working calendars, their own days, and the production calendar."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from provodnik.desk.forms.administration.fields import DateField, Spans, SpansField, ask_to_choose
from provodnik.desk.models import Calendar, CalendarException, ProductionDay
from provodnik.ui.zones import ZONES

DAYS = [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]
LEAST_A_WEEK = dt.timedelta(hours=1)


def length_of(spans: Spans) -> dt.timedelta:
    """How long a day's spans are together."""
    total = dt.timedelta(0)
    for start, end in spans:
        opens = dt.datetime.combine(dt.date.min, dt.datetime.strptime(start, "%H:%M").time())  # noqa: DTZ007 - a wall clock
        closes = dt.datetime.combine(dt.date.min, dt.datetime.strptime(end, "%H:%M").time())  # noqa: DTZ007
        total += closes - opens if end != "00:00" else closes + dt.timedelta(days=1) - opens
    return total


class CalendarForm(forms.ModelForm):  # type: ignore[type-arg]
    """The week is seven lines; an empty one is a day off."""

    zone = forms.ChoiceField(label=_("Time zone"), choices=ZONES)

    class Meta:
        model = Calendar
        fields = ["name", "zone", "follows_production"]
        labels: ClassVar[dict[str, Any]] = {
            "name": _("Name"),
            "follows_production": _("Follow the production calendar"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "follows_production": _("Holidays and transferred days off are closed, short days end an hour earlier.")
        }
        error_messages: ClassVar[dict[str, Any]] = {"name": {"unique": _("There is such a calendar already.")}}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.instance.pk:
            self.initial.setdefault("zone", settings.TIME_ZONE)
        if self.instance.zone not in dict(ZONES):
            zone = self.fields["zone"]
            assert isinstance(zone, forms.ChoiceField)
            zone.choices = [*ZONES, (self.instance.zone, self.instance.zone)]
        usual = {str(day): [["09:00", "18:00"]] for day in range(5)}
        week = self.instance.week if self.instance.pk else usual
        for number, label in enumerate(DAYS):
            self.fields[f"day_{number}"] = SpansField(label=label, initial=week.get(str(number), []))

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[f"day_{number}"] for number in range(7)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        week = {str(number): cleaned.get(f"day_{number}") or [] for number in range(7)}
        week = {day: spans for day, spans in week.items() if spans}
        wrong = any(f"day_{number}" in self.errors for number in range(7))
        if not wrong and sum((length_of(spans) for spans in week.values()), dt.timedelta(0)) < LEAST_A_WEEK:
            raise ValidationError(
                _("A calendar needs at least an hour of working time a week: else no deadline comes.")
            )
        cleaned["week"] = week
        return cleaned


class ExceptionForm(forms.ModelForm):  # type: ignore[type-arg]
    date = DateField(label=_("Date"))
    spans = SpansField(
        label=_("Hours of this day"), help_text=_("Empty: a day off. For example 9:00–13:00, 14:00–16:00")
    )

    class Meta:
        model = CalendarException
        fields = ["date", "spans", "note"]
        labels: ClassVar[dict[str, Any]] = {"note": _("Why")}

    def clean_date(self) -> dt.date:
        day: dt.date = self.cleaned_data["date"]
        others = CalendarException.objects.filter(calendar_id=self.instance.calendar_id, date=day)
        if others.exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("This date is in the calendar already."))
        return day


class ProductionDayForm(forms.ModelForm):  # type: ignore[type-arg]
    date = DateField(label=_("Date"))

    class Meta:
        model = ProductionDay
        fields = ["date", "kind", "note"]
        labels: ClassVar[dict[str, Any]] = {"kind": _("What kind of day"), "note": _("Why")}
        help_texts: ClassVar[dict[str, Any]] = {"note": _("For example, the decree that transfers the day off.")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        ask_to_choose(self.fields["kind"])

    def clean_date(self) -> dt.date:
        day: dt.date = self.cleaned_data["date"]
        if ProductionDay.objects.filter(date=day).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("This date is in the calendar already."))
        return day

"""Teams, duties, absences, rules of assignment, escalation."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.accounts.roles import DESK_ROLES
from provodnik.desk.forms.administration.calendars import DAYS
from provodnik.desk.forms.administration.fields import DateField, ToldInWords
from provodnik.desk.models import Absence, AssignmentRule, Customer, DutyDay, Escalation, Subsystem, Team
from provodnik.ui.zones import ZONES

LONGEST_ABSENCE = timedelta(days=3 * 366)
MOST_MINUTES = 7 * 24 * 60


def desk_users() -> QuerySet[User]:
    rows = User.objects.filter(is_active=True, roles__overlap=[role.value for role in DESK_ROLES])
    return rows.order_by("full_name", "pk")


def person_field(label: Any, **options: Any) -> forms.ModelChoiceField[User]:
    options.setdefault("empty_label", _("Nobody"))
    return forms.ModelChoiceField(queryset=desk_users(), label=label, **options)


def clock_field(label: Any, **options: Any) -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return forms.TimeField(label=label, widget=widget, input_formats=["%H:%M", "%H.%M", "%H:%M:%S"], **options)


class TeamForm(forms.ModelForm):  # type: ignore[type-arg]
    lead = person_field(_("Lead of the team"), required=False, help_text=_("Complaints and escalations go there."))
    members = forms.ModelMultipleChoiceField(
        queryset=User.objects.none(),
        label=_("People of the team"),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
    )
    zone = forms.ChoiceField(label=_("Time zone"), choices=ZONES, help_text=_("Duties and absences are read in it."))

    class Meta:
        model = Team
        fields = [
            "name", "lead", "zone", "urgent_weight", "high_weight", "medium_weight", "low_weight", "is_active",
        ]  # fmt: skip
        labels: ClassVar[dict[str, Any]] = {
            "name": _("Name"),
            "urgent_weight": _("Urgent"),
            "high_weight": _("High"),
            "medium_weight": _("Medium"),
            "low_weight": _("Low"),
            "is_active": _("Requests are given to this team"),
        }
        error_messages: ClassVar[dict[str, Any]] = {"name": {"unique": _("There is such a team already.")}}

    WEIGHTS = ("urgent_weight", "high_weight", "medium_weight", "low_weight")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        members = self.fields["members"]
        assert isinstance(members, forms.ModelMultipleChoiceField)
        members.queryset = desk_users()
        if self.instance.pk:
            self.initial.setdefault("members", [one.pk for one in self.instance.members.all()])
        else:
            self.initial.setdefault("zone", settings.TIME_ZONE)
        zone = self.fields["zone"]
        assert isinstance(zone, forms.ChoiceField)
        if self.instance.zone not in dict(ZONES):
            zone.choices = [*ZONES, (self.instance.zone, self.instance.zone)]
        for name in self.WEIGHTS:
            self.fields[name].widget.attrs["max"] = 100

    @property
    def weight_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.WEIGHTS]

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"])
        ZoneInfo(zone)  # from the list, so it is one
        return zone

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in self.WEIGHTS:
            if (cleaned.get(name) or 0) > 100:
                self.add_error(name, _("At most 100."))
        return cleaned


class EscalationForm(ToldInWords):
    class Meta:
        model = Escalation
        fields = ["percent", "untaken_minutes", "urgent_at_once"]
        labels: ClassVar[dict[str, Any]] = {
            "percent": _("When so much of the time to resolve is spent, %"),
            "untaken_minutes": _("When nobody has taken it up for, minutes"),
            "urgent_at_once": _("Urgent ones at once"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "percent": _("From 1 to 99. Empty: is not done."),
            "untaken_minutes": _("Counted by the contract's working time. Empty: is not done."),
            "urgent_at_once": "",
        }

    def clean_percent(self) -> int | None:
        percent: int | None = self.cleaned_data["percent"]
        if percent is not None and not 1 <= percent <= 99:
            raise ValidationError(_("A number from 1 to 99."))
        return percent

    def clean_untaken_minutes(self) -> int | None:
        minutes: int | None = self.cleaned_data["untaken_minutes"]
        if minutes is not None and not 1 <= minutes <= MOST_MINUTES:
            raise ValidationError(_("From a minute to a week (10 080 minutes)."))
        return minutes


class ShiftForm(forms.Form):
    user = person_field(_("Who"), empty_label=_("Choose a person"))
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On which days it begins"),
        coerce=int,
        choices=list(enumerate(DAYS)),
        widget=forms.CheckboxSelectMultiple(),
        error_messages={"required": _("Choose at least one day.")},
    )
    starts = clock_field(_("Since"))
    ends = clock_field(_("Until"), help_text=_("Earlier than the beginning, or the same: on the next day."))


class DutyDayForm(ToldInWords):
    date = DateField(label=_("Date"))
    user = person_field(_("Who"), required=False, empty_label=_("Nobody is on duty"))
    starts = clock_field(_("Since"), required=False)
    ends = clock_field(
        _("Until"), required=False, help_text=_("Earlier than the beginning, or the same: on the next day.")
    )

    class Meta:
        model = DutyDay
        fields = ["date", "user", "starts", "ends", "note"]
        labels: ClassVar[dict[str, Any]] = {"note": _("Why")}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("user") is None:
            cleaned["starts"] = cleaned["ends"] = None
        else:
            for name in ("starts", "ends"):
                if cleaned.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Write the hours of the duty."))
        return cleaned


class AbsenceForm(ToldInWords):
    user = person_field(_("Who is away"), empty_label=_("Choose a person"))
    starts_on = DateField(label=_("First day"))
    ends_on = DateField(label=_("Last day"), help_text=_("This day included."))
    substitute = person_field(
        _("Who stands in"),
        required=False,
        help_text=_("Requests that the rules would give to the absent person go to this one. Nobody: to the others."),
    )

    class Meta:
        model = Absence
        fields = ["user", "starts_on", "ends_on", "substitute", "note"]
        labels: ClassVar[dict[str, Any]] = {"note": _("Note")}
        help_texts: ClassVar[dict[str, Any]] = {"note": _("For the desk alone. No diagnoses, please.")}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("It ends before it begins."))
        elif first and last and last - first > LONGEST_ABSENCE:
            self.add_error("ends_on", _("Longer than three years: switch the account off instead."))
        if cleaned.get("substitute") is not None and cleaned.get("substitute") == cleaned.get("user"):
            self.add_error("substitute", _("Nobody stands in for himself."))
        return cleaned


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    subsystem = forms.ModelChoiceField(
        queryset=Subsystem.objects.all(), label=_("Subsystem"), required=False, empty_label=_("Any")
    )
    customer = forms.ModelChoiceField(
        queryset=Customer.objects.filter(is_active=True), label=_("Customer"), required=False, empty_label=_("Any")
    )
    team = forms.ModelChoiceField(
        queryset=Team.objects.filter(is_active=True), label=_("Team"), empty_label=_("Choose a team")
    )

    class Meta:
        model = AssignmentRule
        fields = ["subsystem", "customer", "type", "priority", "team", "way", "is_active"]
        labels: ClassVar[dict[str, Any]] = {
            "type": _("Type"),
            "priority": _("Priority"),
            "way": _("Who of the team gets it"),
            "is_active": _("In use"),
        }
        widgets: ClassVar[dict[str, Any]] = {"way": forms.RadioSelect()}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("type", "priority"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("Any")), *((value, label) for value, label in field.choices if value)]  # type: ignore[union-attr, misc]


class DryRunForm(forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput(), initial=uuid.uuid4)

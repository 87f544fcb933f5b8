"""What people type about works."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.desk.forms.requester import KeyedForm
from provodnik.desk.labels import RESOLUTIONS
from provodnik.desk.models import Customer, Subsystem
from provodnik.desk.states import Resolution
from provodnik.works.actions.base import LONGEST_TEXT, LONGEST_TITLE
from provodnik.works.actions.leading import NewWork
from provodnik.works.actions.tying import RESOLUTIONS as TOGETHER
from provodnik.works.models import KINDS, Work
from provodnik.works.queries.pages import leaders
from provodnik.works.states import RELEASE, Kind

_LOCAL = "%Y-%m-%dT%H:%M"
KIND_HINTS = {
    Kind.PLANNED.value: _("Scheduled, to keep the software and the machines in order"),
    Kind.URGENT.value: _("Unscheduled, to prevent or remove emergencies and faults"),
    Kind.INCIDENT.value: _("The portal is unavailable or works badly because of a fault of the software"),
}


class MomentField(forms.DateTimeField):
    """The browser's own calendar and clock, in the installation's zone; «23.11.2026 02:00» is understood too."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateTimeInput(format=_LOCAL, attrs={"type": "datetime-local"}))
        super().__init__(
            input_formats=[_LOCAL, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%d.%m.%Y, %H:%M"],
            **options,
        )

    def prepare_value(self, value: Any) -> Any:
        return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        if found is not None and not 2000 <= found.year <= 2100:
            raise ValidationError(_("Choose a date between 2000 and 2100."))
        return found


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class WorkForm(KeyedForm):
    """Works as they are written down or changed. `told`: people know of them, so a change needs its reason."""

    kind = forms.ChoiceField(label=_("What it is"), choices=KINDS, widget=forms.RadioSelect())
    title = forms.CharField(
        label=_("In a few words"),
        help_text=_("For example: update of the section “Payslips”"),
        max_length=LONGEST_TITLE,
        error_messages={"required": _("Say in a few words what it is about.")},
    )
    starts_at = MomentField(label=_("Start of the works"), error_messages={"required": _("Say when it begins.")})
    ends_at = MomentField(
        label=_("End of the works"), help_text=_("Of an incident: until when it is expected"), required=False
    )
    unavailable = forms.BooleanField(
        label=_("The portal, or the sections concerned, cannot be used meanwhile"), required=False
    )
    text = forms.CharField(
        label=_("What will be, and what to do"), required=False, max_length=LONGEST_TEXT, widget=_area(4)
    )
    release = forms.RegexField(
        RELEASE,
        label=_("Number of the release"),
        help_text=_("X.Y of a release, X.Y.Z of an update of it"),
        required=False,
        strip=True,
        max_length=14,
        error_messages={"invalid": _("A release is numbered X.Y, an update of it X.Y.Z: for example 3.4 or 3.4.1.")},
    )
    customers = forms.ModelMultipleChoiceField(
        label=_("Customers"),
        help_text=_("Nobody chosen: it concerns all"),
        queryset=Customer.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
    )
    subsystems = forms.ModelMultipleChoiceField(
        label=_("Sections of the portal"),
        help_text=_("Nothing chosen: the whole portal"),
        queryset=Subsystem.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
    )
    public = forms.BooleanField(
        label=_("Show on the status page"),
        help_text=_("It is open to everybody without sign-in: name no customers in the text."),
        required=False,
    )
    responsible = forms.ModelChoiceField(
        label=_("Who answers for it"), queryset=User.objects.none(), required=False, empty_label=_("Me")
    )
    reason = forms.CharField(
        label=_("Why it is changed"),
        help_text=_("Everybody whom it concerns will read it."),
        required=False,
        max_length=LONGEST_TEXT,
        widget=_area(2),
    )

    def __init__(self, *args: Any, work: Work | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.told = work is not None and work.announced_at is not None
        chosen_customers = list(work.customers.values_list("pk", flat=True)) if work else []
        chosen_subsystems = list(work.subsystems.values_list("pk", flat=True)) if work else []
        known = Customer.objects.filter(is_active=True) | Customer.objects.filter(pk__in=chosen_customers)
        _queryset(self, "customers", known.distinct())
        parts = Subsystem.objects.filter(is_active=True) | Subsystem.objects.filter(pk__in=chosen_subsystems)
        _queryset(self, "subsystems", parts.distinct())
        _queryset(self, "responsible", leaders())
        self.fields["kind"].hints = KIND_HINTS  # type: ignore[attr-defined]
        if self.told:
            self.fields["kind"].disabled = True
        else:
            del self.fields["reason"]
        if work is not None and work.began_at is not None:
            self.fields["starts_at"].disabled = True

    def chosen(self, name: str) -> str:
        """What is chosen of a list, in words: the list itself is folded. "" when nothing is."""
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField) and field.queryset is not None
        values = self[name].value() or []
        keys = {str(value) for value in values}
        return ", ".join(str(one) for one in field.queryset if str(one.pk) in keys)

    def new_work(self) -> NewWork:
        typed = self.cleaned_data
        return NewWork(
            kind=Kind(typed["kind"]),
            title=typed["title"],
            text=typed["text"],
            starts_at=typed["starts_at"],
            ends_at=typed["ends_at"],
            unavailable=typed["unavailable"],
            release=typed["release"],
            public=typed["public"],
            customers=list(typed["customers"]),
            subsystems=list(typed["subsystems"]),
            responsible=typed["responsible"],
        )


def _queryset(form: forms.Form, name: str, rows: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


def initial_of(work: Work) -> dict[str, Any]:
    """What a form begins with when these works are changed."""
    plain = ("kind", "title", "text", "starts_at", "ends_at", "unavailable", "release", "public")
    return {
        **{name: getattr(work, name) for name in plain},
        "customers": [one.pk for one in work.customers.all()],
        "subsystems": [one.pk for one in work.subsystems.all()],
        "responsible": work.responsible_id,
        "key": work.key,
    }


def initial_new(now: datetime, asked: Mapping[str, str]) -> dict[str, Any]:
    """What a new form begins with: `kind` and `subsystem` as the address asks. An incident began now."""
    kind = asked.get("kind", "")
    kind = kind if kind in dict(KINDS) else Kind.PLANNED.value
    round_now = now.replace(second=0, microsecond=0)
    start = round_now if kind == Kind.INCIDENT.value else round_now.replace(minute=0) + timedelta(days=3)
    subsystem = asked.get("subsystem", "")
    chosen = [int(subsystem)] if subsystem.isdecimal() and len(subsystem) < 10 else []
    return {"kind": kind, "starts_at": start, "subsystems": chosen, "unavailable": False}


class StepForm(forms.Form):
    """A step of works: what people are told of it, and when it really was."""

    reason = forms.CharField(required=False, max_length=LONGEST_TEXT, widget=_area(3))
    moment = MomentField(required=False)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, label: Any, hint: Any, moment: Any = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].label, self.fields["reason"].help_text = label, hint
        if moment is None:
            del self.fields["moment"]
        else:
            self.fields["moment"].label = moment
            self.fields["moment"].help_text = _("Empty: now")


class TogetherForm(KeyedForm):
    """One text for all tied requests."""

    text = forms.CharField(
        label=_("What the requesters will read"),
        max_length=LONGEST_TEXT,
        widget=_area(4),
        error_messages={"required": _("Write what the requesters will read.")},
    )
    resolution = forms.ChoiceField(label=_("And the requests"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        words = dict(RESOLUTIONS)
        field = self.fields["resolution"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", _("stay open")),
            *((one.value, _("are closed: %(resolution)s") % {"resolution": words[one.value]}) for one in TOGETHER),
        ]

    def chosen(self) -> Resolution | None:
        value = self.cleaned_data["resolution"]
        return Resolution(value) if value else None

"""What an administrator types: whom to look for, why, and what an act needs besides."""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MinLengthValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.privacy.queries.subjects import SHORTEST

LONGEST_PERIOD = 366  # days


class SearchForm(forms.Form):
    """Sent in the body: what somebody is called must not stand in an address, which proxies write down."""

    words = forms.CharField(
        label=_("Name, e-mail, phone or personnel number"), max_length=200, validators=[MinLengthValidator(SHORTEST)]
    )


class KeyedForm(forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("Date and number of the demand or of the incident.")
    )

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, initial={"key": uuid.uuid4(), **more.pop("initial", {})}, **more)


class LooksForm(KeyedForm):
    """A time of an incident. `login`: who looked, where one account is suspected."""

    since = forms.DateField(label=_("From the day"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until, included"), widget=forms.DateInput(attrs={"type": "date"}))
    login = forms.CharField(label=_("Who looked: login"), max_length=150, required=False)
    kind = forms.ChoiceField(
        label=_("File"), choices=[("xlsx", "Excel (XLSX)"), ("csv", "CSV")], widget=forms.RadioSelect, initial="xlsx"
    )

    def clean_login(self) -> list[int]:
        login = self.cleaned_data["login"].strip().lower()
        if not login:
            return []
        found = list(User.objects.filter(login=login).values_list("pk", flat=True))
        if not found:
            raise forms.ValidationError(_("There is no account of this login."))
        return found

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        since, until = typed.get("since"), typed.get("until")
        if since is not None and until is not None:
            if until < since:
                self.add_error("until", _("This is before the beginning."))
            elif (until - since).days > LONGEST_PERIOD:
                self.add_error("until", _("At most a year at a time."))
        return typed

    def query(self) -> dict[str, Any]:
        """As an extract keeps it; until: the midnight after the last day."""
        typed = self.cleaned_data
        zone = timezone.get_current_timezone()
        since = datetime.combine(typed["since"], time.min, zone)
        until = datetime.combine(typed["until"], time.min, zone) + timedelta(days=1)
        return {"since": since.isoformat(), "until": until.isoformat(), "by": typed["login"]}


class ActForm(forms.Form):
    """What the order of Roskomnadzor asks of an act and the product does not know: it goes on the paper alone."""

    operator = forms.CharField(label=_("Operator: name of the organisation"), max_length=300)
    address = forms.CharField(label=_("Its address"), max_length=300)
    processor = forms.CharField(
        label=_("Who processed the data for the operator: name and address"), max_length=400, required=False,
        help_text=_("Where the processing was entrusted to somebody, as to the developer's support."),
    )  # fmt: skip
    person = forms.CharField(
        label=_("Whose data: name, as in the demand"), max_length=300, required=False,
        help_text=_("The product has erased it. Left empty, the number of the card stands there."),
    )  # fmt: skip
    responsible = forms.CharField(
        label=_("Who erased: surname, initials and position, one person a line"), max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def clean_responsible(self) -> list[str]:
        found = [line.strip() for line in self.cleaned_data["responsible"].splitlines() if line.strip()]
        if len(found) > 5:
            raise forms.ValidationError(_("At most five people."))
        return found

"""What a subscription is set up by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from provodnik.core.outbound import LONGEST_ADDRESS
from provodnik.desk.models import Customer
from provodnik.hooks.words import KINDS


class SubscriptionForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("What listens there."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=LONGEST_ADDRESS,
        help_text=_("https://… that takes POST. Redirects are not followed."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    kinds = forms.MultipleChoiceField(
        label=_("What to tell of"),
        choices=KINDS,
        widget=forms.CheckboxSelectMultiple(),
        error_messages={"required": _("Choose what to tell of.")},
    )
    customer = forms.ModelChoiceField(
        label=_("Whose requests"), queryset=Customer.objects.none(), required=False, empty_label=_("Of all customers")
    )
    with_details = forms.BooleanField(
        label=_("With texts and names"),
        help_text=_("Subject, text, names and the e-mail address leave the house. Without it only numbers and states."),
        required=False,
    )

    def __init__(self, *args: Any, may_send_details: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["customer"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Customer.objects.filter(is_active=True)
        if not may_send_details and not self.initial.get("with_details"):
            del self.fields["with_details"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned.setdefault("with_details", False)
        return cleaned

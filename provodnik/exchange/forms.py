"""Forms of the exchange."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from provodnik.exchange.models import Base, Limit
from provodnik.exchange.models.bases import GIVES


class BaseForm(forms.ModelForm):  # type: ignore[type-arg]
    code = forms.RegexField(
        r"^[a-z0-9][a-z0-9-]{0,39}$",
        label=_("Short name"),
        help_text=_("Small Latin letters, digits and dashes: it names the folder and stands in every batch."),
        error_messages={"invalid": _("Small Latin letters, digits and dashes alone.")},
    )

    class Meta:
        model = Base
        fields = ["code", "name"]


class GivesForm(forms.Form):
    gives = forms.ChoiceField(label=_("Requests of people"), choices=GIVES, required=False)


class LimitForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Limit
        fields = ["dismissals", "changes", "least"]

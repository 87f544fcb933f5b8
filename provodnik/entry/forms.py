"""What is typed from a slip, and what personnel chooses."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.forms import shared_field
from provodnik.entry.rules import Code, value
from provodnik.entry.states import LONGEST_TYPED, Fact, Name
from provodnik.people.forms import number

MOST_CHOSEN = 1000
_PLAIN = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


class SlipForm(forms.Form):
    """Both fields at once: nobody learns which of them was wrong."""

    code = forms.CharField(
        label=_("Code from the slip"),
        max_length=LONGEST_TYPED,
        help_text=_("Twelve signs. Capital or small, with hyphens or without: it does not matter."),
        widget=forms.TextInput(attrs=_PLAIN | {"class": "code"}),
    )
    fact = forms.CharField(
        label=_("What the slip asks for"),
        max_length=LONGEST_TYPED,
        help_text=_("Your date of birth like 07.03.1985, or the last four digits of your SNILS: the slip says which."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )
    shared = shared_field()


class LinkForm(forms.Form):
    """What an invitation asks for: the code stands in its address."""

    fact = forms.CharField(
        label=_("What the invitation asks for"),
        max_length=LONGEST_TYPED,
        help_text=_(
            "Your date of birth like 07.03.1985, or the last four digits of your SNILS: the message says which."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )
    shared = shared_field()


class ChosenForm(forms.Form):
    """Whom to print slips for."""

    key = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, *args: object, **options: object) -> None:
        initial = options.setdefault("initial", {})
        assert isinstance(initial, dict)
        initial.setdefault("key", uuid.uuid4())
        super().__init__(*args, **options)  # type: ignore[arg-type]


def chosen(request: HttpRequest) -> list[int]:
    """Ids of places of work; what is no number is nobody."""
    found = (number(text) for text in request.POST.getlist("people")[:MOST_CHOSEN])
    return [pk for pk in found if pk is not None]


class RulesForm(forms.Form):
    """How the people of an organisation get in."""

    names = forms.MultipleChoiceField(
        label=_("By what employees sign in"),
        choices=[
            (Name.NUMBER.value, _("Personnel number")),
            (Name.PHONE.value, _("Own phone")),
            (Name.EMAIL.value, _("Own e-mail")),
        ],
        widget=forms.CheckboxSelectMultiple(),
        error_messages={"required": _("Choose at least one: nobody knows his login by heart.")},
    )
    second_fact = forms.ChoiceField(
        label=_("What a slip asks for besides the code"),
        choices=[(Fact.BIRTH.value, _("Date of birth")), (Fact.SNILS.value, _("Last four digits of SNILS"))],
        widget=forms.RadioSelect(),
    )
    former_days = forms.IntegerField(
        label=_("For how many days who has left still reads his own data"),
        min_value=0,
        max_value=3650,
        help_text=_("After the last day of work. 0: not at all."),
    )
    managers = forms.BooleanField(
        label=_("Managers print slips for their own people"),
        required=False,
        help_text=_("On paper, for who is his direct report. The register tells who printed."),
    )

    @classmethod
    def of(cls, organisation_id: int, *, on: date) -> RulesForm:
        return cls(initial={code.name.lower(): value(code, organisation_id, on=on) for code in Code})

    def wanted(self) -> Mapping[Code, Any]:
        return {code: self.cleaned_data[code.name.lower()] for code in Code}

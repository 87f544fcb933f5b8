"""What the pages of consents read."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from provodnik.consents.actions.editions import LONGEST_NAME, LONGEST_TEXT
from provodnik.consents.models import Edition
from provodnik.consents.states import About
from provodnik.people.forms import number
from provodnik.ui.uploads import FilesField

MOST_TICKS = 1000


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class _Keyed(forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("key", uuid.uuid4())
        super().__init__(*args, **options)


class MarkForm(_Keyed):
    """Which text, on which day. `files` only where one person is marked."""

    edition = forms.TypedChoiceField(label=_("Which edition was signed"), coerce=int)
    given_on = forms.DateField(label=_("The day on the paper"), widget=_day())

    def __init__(self, editions: list[Edition], *args: Any, scans: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["edition"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(one.pk, one.name) for one in editions]
        if scans:
            self.fields["files"] = FilesField(label=_("Scan or photo of the signed paper"))


def ticked(request: HttpRequest) -> list[int]:
    """Ids of people; what is no number is nobody."""
    found = (number(text) for text in request.POST.getlist("people")[:MOST_TICKS])
    return [pk for pk in found if pk is not None]


class EditionForm(_Keyed):
    about = forms.ChoiceField(
        label=_("What it is about"),
        choices=[
            (About.DATA.value, _("Personal data")),
            (About.KEDO.value, _("Electronic documents")),
            (About.SIGNATURE.value, _("Electronic signature")),
        ],
        widget=forms.RadioSelect(),
    )
    name = forms.CharField(
        label=_("What the edition is called"), max_length=LONGEST_NAME, help_text=_("Such as “Edition of 01.09.2025”.")
    )
    since = forms.DateField(label=_("From which day it is signed"), widget=_day())
    text = forms.CharField(
        label=_("Text, as it stands on the paper"),
        max_length=LONGEST_TEXT,
        help_text=_("Employees read it in the cabinet. Once somebody has signed it, it cannot be changed."),
        widget=forms.Textarea(attrs={"rows": 14}),
    )


class MendForm(EditionForm):
    """Whose and about what it is stays."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        del self.fields["about"]


class _Apart(forms.Form):
    """One of several forms of a page that have fields of the same name."""

    apart = ""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options | {"auto_id": f"{self.apart}_%s"})


class WithdrawForm(_Apart):
    apart = "withdraw"
    ended_on = forms.DateField(label=_("The day on the paper"), widget=_day())
    reason = forms.CharField(
        label=_("What stands there"),
        max_length=1000,
        required=False,
        help_text=_("If there is something that matters. The employee reads it."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class MistakeForm(_Apart):
    apart = "mistake"
    reason = forms.CharField(
        label=_("What was the mistake"),
        max_length=1000,
        help_text=_("The employee reads it."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ScanForm(_Apart):
    apart = "scan"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["files"] = FilesField(label=_("Scan or photo of the signed paper"))


class OwnForm(forms.Form):
    reason = forms.CharField(
        label=_("Anything that personnel should know"),
        max_length=1000,
        required=False,
        help_text=_("You need not give a reason."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

"""What a visitor of the demo types."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from provodnik.demo.accounts import shown_addresses

LONGEST = 20_000


class LetterForm(forms.Form):
    """A letter to the desk from one of the demo's people, or from anybody."""

    key = forms.UUIDField(widget=forms.HiddenInput())
    sender = forms.EmailField(
        label=_("From"),
        max_length=200,
        help_text=_("Any address: that of a person of the demo, or one that nobody knows."),
        error_messages={"required": _("Whose letter is it? Give an address.")},
    )
    subject = forms.CharField(label=_("Subject"), max_length=300, required=False)
    text = forms.CharField(
        label=_("Text"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": _("Write something first.")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        options["initial"] = {"key": uuid.uuid4(), **(options.get("initial") or {})}
        super().__init__(*args, **options)
        self.fields["sender"].widget.attrs["list"] = "people"

    @property
    def addresses(self) -> list[tuple[str, str]]:
        return shown_addresses()


class ReplyForm(forms.Form):
    """An answer to a letter that lies in somebody's mailbox."""

    key = forms.UUIDField(widget=forms.HiddenInput())
    text = forms.CharField(
        label=_("Answer"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write something first.")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        options["initial"] = {"key": uuid.uuid4(), **(options.get("initial") or {})}
        super().__init__(*args, **options)

"""A file of another desk, as an administrator brings it."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from provodnik.desk.forms.files import safe_name
from provodnik.transfer.actions.running import LARGEST, largest_archive, too_large
from provodnik.transfer.models import KINDS


class BringForm(forms.Form):
    """Which file, of which desk."""

    key = forms.UUIDField(widget=forms.HiddenInput(), initial=uuid.uuid4)
    kind = forms.ChoiceField(label=_("What is in it"), choices=KINDS)
    source = forms.CharField(
        label=_("Name of the other desk"),
        max_length=60,
        help_text=_("The same number of the same desk is taken over once, from whichever file it comes."),
    )
    file = forms.FileField(
        label=_("File"), allow_empty_file=False, help_text=_("The table alone, or a ZIP of it and its files.")
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        limit = max(LARGEST, largest_archive())
        if (upload.size or 0) > limit:
            raise forms.ValidationError(too_large(limit))
        upload.name = safe_name(upload.name or "")
        return upload

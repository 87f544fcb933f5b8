"""What a requester types."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from provodnik.core.text import one_line, storable
from provodnik.desk.actions.base import LONGEST_TEXT
from provodnik.desk.forms.files import FilesField
from provodnik.desk.forms.own_fields import add_own_fields, own_values
from provodnik.desk.labels import IMPACT_HINTS, IMPACTS
from provodnik.desk.models import FieldDefinition, Subsystem
from provodnik.desk.typed_fields import Value


class KeyedForm(forms.Form):
    """A form that creates something: its key makes a second sending harmless (safety F59)."""

    key = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("key", uuid.uuid4())
        super().__init__(*args, **options)


class FeedbackForm(KeyedForm):
    """«Обратная связь» (R16, I7). `page`, `browser` come from the script and count only with `share`."""

    impact = forms.ChoiceField(
        label=_("How it gets in the way of work"),
        choices=IMPACTS,
        widget=forms.RadioSelect(),
        error_messages={"required": _("Choose what comes closest.")},
    )
    subsystem = forms.ModelChoiceField(
        label=_("Section of the portal"),
        queryset=Subsystem.objects.none(),
        required=False,
        empty_label=_("I do not know"),
    )
    text = forms.CharField(
        label=_("Tell us more"),
        help_text=_("What you did, what you expected to see, what came out"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "required": _("Tell what happened."),
            "max_length": _("The text is too long: put it into a file and attach it."),
        },
    )
    contact_email = forms.EmailField(
        label=_("Where to write about the solution"),
        max_length=254,
        error_messages={"required": _("Give an e-mail address: the notice of closing goes there.")},
    )
    share = forms.BooleanField(
        label=_("Attach the page, the portal's version and the browser"),
        help_text=_("It helps to find the cause. Nothing else of what is on the screen is sent."),
        required=False,
        initial=True,
    )
    page = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput())
    files = FilesField(label=_("Screenshot"))  # type: ignore[assignment]  # a field, not the form\'s own files

    def __init__(self, *args: Any, own: Sequence[FieldDefinition] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.own = own  # fields that the customer's contract asks for
        add_own_fields(self, own)
        field = self.fields["subsystem"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Subsystem.objects.filter(is_active=True)
        self.fields["impact"].hints = IMPACT_HINTS  # type: ignore[attr-defined]

    def own_fields(self) -> list[forms.BoundField]:
        """For the page."""
        return [self[f"field_{one.pk}"] for one in self.own]

    def own_values(self) -> dict[int, Value]:
        return own_values(self, self.own)

    def clean_text(self) -> str:
        return storable(self.cleaned_data["text"])

    def clean_contact_email(self) -> str:
        return str(self.cleaned_data["contact_email"]).strip().lower()

    def clean_page(self) -> str:
        return one_line(self.cleaned_data["page"], 300)


class AnswerForm(KeyedForm):
    """A requester's message into his request."""

    text = forms.CharField(
        label=_("Your answer"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": _("The text is too long: put it into a file and attach it.")},
    )
    files = FilesField(label=_("Files"))  # type: ignore[assignment]  # a field, not the form\'s own files

    def clean_text(self) -> str:
        return storable(self.cleaned_data["text"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("text", "").strip() and not cleaned.get("files"):
            self.add_error("text", _("Write something first."))
        return cleaned


class WithdrawForm(KeyedForm):
    text = forms.CharField(
        label=_("Why (not required)"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class ComplaintForm(KeyedForm):
    text = forms.CharField(
        label=_("What are you not content with?"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write what you are not content with.")},
    )
    files = FilesField()  # type: ignore[assignment]

    def clean_text(self) -> str:
        return storable(self.cleaned_data["text"])


MARKS = {1: _("very bad"), 2: _("bad"), 3: _("so-so"), 4: _("good"), 5: _("excellent")}


class RatingForm(forms.Form):
    rating = forms.TypedChoiceField(
        label=_("How did we do?"),
        coerce=int,
        choices=[(mark, str(mark)) for mark in MARKS],
        widget=forms.RadioSelect(),
        error_messages={"required": _("Choose a mark from 1 to 5.")},
    )
    text = forms.CharField(
        label=_("What to do better (not required)"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["rating"].hints = {str(mark): word for mark, word in MARKS.items()}  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        return storable(self.cleaned_data["text"])

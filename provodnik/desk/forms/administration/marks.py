"""Tags, and the fields that a contract asks for."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from provodnik.desk.forms.administration.fields import ToldInWords, ask_to_choose
from provodnik.desk.models import FieldDefinition, Tag


class TagForm(ToldInWords):
    class Meta:
        model = Tag
        fields = ["name", "is_active"]
        labels: ClassVar[dict[str, Any]] = {"name": _("Name"), "is_active": _("Offered")}
        help_texts: ClassVar[dict[str, Any]] = {
            "is_active": _("Without this mark it stays on its requests and is no longer proposed.")
        }


class ChoicesField(forms.CharField):
    """What can be chosen, one a line; kept as a list without repeats."""

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 4})
        super().__init__(required=False, max_length=10_000, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in re.split(r"[\r\n]+", super().clean(value))]
        return list(dict.fromkeys(line for line in lines if line))


class FieldDefinitionForm(ToldInWords):
    choices = ChoicesField(label=_("What can be chosen"), help_text=_("One a line; for “One of a list” alone."))

    class Meta:
        model = FieldDefinition
        fields = ["label", "hint", "kind", "choices", "required", "asked", "position", "is_active"]
        labels: ClassVar[dict[str, Any]] = {
            "label": _("Name"),
            "hint": _("Hint"),
            "kind": _("Kind"),
            "required": _("Required"),
            "asked": _("Asked of the requester"),
            "position": _("Order"),
            "is_active": _("In use"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "hint": _("One line under the name: where to look, how to write."),
            "asked": _("The requester fills it in and sees it. Without this mark the desk alone does."),
            "is_active": _("Without this mark it is not asked any more; what was filled in is kept."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        ask_to_choose(self.fields["kind"])
        if self.instance.pk is not None:
            self.fields["kind"].disabled = True
            self.fields["kind"].help_text = _("The kind does not change: values are kept by it.")

"""Fields of a customer's own in forms: asked of the requester in «Обратная связь», filled in by the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from provodnik.desk import typed_fields
from provodnik.desk.models import FieldDefinition
from provodnik.desk.typed_fields import Value


class OwnField(forms.Field):
    """The form's field for a customer's own one; cleans to a value as it is kept, None for nothing."""

    def __init__(self, definition: FieldDefinition) -> None:
        self.definition = definition
        super().__init__(
            label=definition.label,
            help_text=definition.hint,
            required=definition.required,
            widget=self._widget(),
            error_messages={"required": _("Fill this in.")},
        )

    def _widget(self) -> forms.Widget:
        kind, one = FieldDefinition.Kind(self.definition.kind), self.definition
        if kind == FieldDefinition.Kind.CHOICE:
            return forms.Select(choices=[("", _("Not chosen")), *((word, word) for word in one.choices)])
        if kind == FieldDefinition.Kind.YES_NO:
            return forms.Select(choices=[("", _("Not chosen")), ("true", _("Yes")), ("false", _("No"))])
        if kind == FieldDefinition.Kind.DATE:
            return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        if kind == FieldDefinition.Kind.NUMBER:
            return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "maxlength": 40})
        return forms.TextInput(attrs={"maxlength": typed_fields.LONGEST_VALUE})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, float):
            return str(value).replace(".", ",")
        return value.isoformat() if isinstance(value, date) else value

    def clean(self, value: Any) -> Any:
        super().clean(value)
        try:
            return typed_fields.read(self.definition, value)
        except typed_fields.Wrong as wrong:
            raise ValidationError(str(wrong)) from wrong


class FieldsForm(forms.Form):
    """Fields of the customer's own, `field_N` each; `values`: what is kept of them."""

    def __init__(
        self, *args: Any, definitions: Sequence[FieldDefinition], values: Mapping[str, Value], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.definitions = definitions
        add_own_fields(self, definitions)
        for one in definitions:
            self.initial.setdefault(f"field_{one.pk}", values.get(str(one.pk)))

    def typed(self) -> dict[int, object]:
        return {one.pk: self.cleaned_data[f"field_{one.pk}"] for one in self.definitions}


def add_own_fields(form: forms.Form, definitions: Sequence[FieldDefinition]) -> None:
    for one in definitions:
        form.fields[f"field_{one.pk}"] = OwnField(one)


def own_values(form: forms.Form, definitions: Sequence[FieldDefinition]) -> dict[int, Value]:
    """What was given in a clean form, by the id of the definition."""
    given = {one.pk: form.cleaned_data.get(f"field_{one.pk}") for one in definitions}
    return {pk: value for pk, value in given.items() if value is not None}

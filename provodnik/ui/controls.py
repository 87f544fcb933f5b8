"""Forms as the design system draws them: controls with our classes, cards of choices, the summary of mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape as escaped
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm, BoundField, CheckboxInput, FileInput, RadioSelect, Select, Textarea
from django.forms.widgets import CheckboxSelectMultiple, SelectMultiple
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _


def undeclared(attrs: Mapping[str, Any] | None) -> dict[str, Any]:
    """Attributes that the component itself does not take (cotton keeps all of them in one mapping)."""
    if not attrs:
        return {}
    return dict(attrs.attrs_dict() if hasattr(attrs, "attrs_dict") else attrs)


def _control_class(field: BoundField) -> str:
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        return "checkbox checkbox-primary"
    if isinstance(widget, FileInput):
        return "file-input w-full"
    if isinstance(widget, Textarea):
        return "textarea w-full"
    if isinstance(widget, SelectMultiple):
        return "select w-full h-auto"
    if isinstance(widget, Select):
        return "select w-full"
    return "input w-full"


def control(field: BoundField, attrs: Mapping[str, Any] | None = None, css: str = "") -> SafeString:
    """The control of a bound field with our classes; `attrs` are further HTML attributes, `css` replaces the width.

    Django itself adds id, aria-invalid and aria-describedby (id_<name>_helptext, id_<name>_error):
    c-field uses those ids.
    """
    extra = {name: value for name, value in undeclared(attrs).items() if value is not False and value is not None}
    base = _control_class(field)
    if css:
        base = f"{base.replace(' w-full', '')} {css}"
    own = field.field.widget.attrs.get("class", "")
    extra["class"] = " ".join(filter(None, [base, own]))
    return field.as_widget(attrs=extra)


def is_checkbox(field: BoundField) -> bool:
    """One check mark: its label stands beside it, not above."""
    return isinstance(field.field.widget, CheckboxInput)


def is_choices(field: BoundField) -> bool:
    """Several radios or check marks: they need a fieldset and a legend."""
    return isinstance(field.field.widget, (RadioSelect, CheckboxSelectMultiple))


@dataclass(frozen=True, slots=True)
class Choice:
    """One card of c-choices: its widget and a second line of text."""

    id: str
    tag: SafeString
    label: str
    hint: str


def choices(field: BoundField, hints: Mapping[Any, str] | None = None) -> list[Choice]:
    """Cards of a field with RadioSelect or CheckboxSelectMultiple; `hints` (or field.hints) by value."""
    known = hints or getattr(field.field, "hints", None) or {}
    many = isinstance(field.field.widget, CheckboxSelectMultiple)
    css = "checkbox checkbox-primary checkbox-sm" if many else "radio radio-primary radio-sm"
    cards = []
    for option in field:
        option.data["attrs"]["class"] = css
        value = option.data["value"]
        if value in ("", None):
            continue
        hint = known.get(value, known.get(str(value), ""))
        cards.append(Choice(option.id_for_label, mark_safe(option.tag()), str(option.choice_label), str(hint)))  # noqa: S308
    return cards


@dataclass(frozen=True, slots=True)
class Mistake:
    """A line of the error summary: where it leads and what it says."""

    target: str
    text: str


def _target(field: BoundField) -> str:
    if field.id_for_label:
        return field.id_for_label
    return f"{field.auto_id}_0" if is_choices(field) else str(field.auto_id)


def _in_summary(field: BoundField, error: ValidationError) -> str:
    """«Обязательное поле» says nothing away from its field: name the field."""
    if error.code == "required":
        return _("%(field)s: fill this in") % {"field": field.label}
    return " ".join(str(message) for message in error.messages)


def mistakes(form: BaseForm | None) -> list[Mistake]:
    """All errors of a form in the order of its fields; those of no field first, with an empty target."""
    if form is None or not form.is_bound:
        return []
    found = [Mistake("", str(error)) for error in form.non_field_errors()]
    for field in form:
        target = "" if field.is_hidden else _target(field)
        found += [Mistake(target, _in_summary(field, error)) for error in field.errors.as_data()]
    return found


def options(choices: Iterable[tuple[object, object]], chosen: object = "") -> SafeString:
    """{% options customers filters.customer %}: options of a select from (value, words); long lists cost no loop."""
    this = "" if chosen is None else str(chosen)
    made = []
    for value, words in choices:
        mark = " selected" if str(value) == this else ""
        made.append(f'<option value="{escaped(str(value))}"{mark}>{escaped(str(words))}</option>')
    return mark_safe("".join(made))  # noqa: S308 - every value is escaped

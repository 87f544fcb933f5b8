"""What a specialist types to tie requests together, to mark them, and to do one thing to many of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.desk.actions.base import LONGEST_TEXT
from provodnik.desk.actions.bulk import MOST
from provodnik.desk.actions.opening import LONGEST_SUBJECT, subject_from
from provodnik.desk.forms.requester import KeyedForm
from provodnik.desk.forms.workbench import AssignForm, PriorityForm
from provodnik.desk.labels import PRIORITIES, RESOLUTIONS, TYPES
from provodnik.desk.models import Contact, LinkKind, Message, Tag, Ticket
from provodnik.desk.search import number_in
from provodnik.desk.states import SPECIALIST_RESOLUTIONS

_TOO_LONG = _("The text is too long: put it into a file and attach it.")
LINKS = [
    (LinkKind.DUPLICATE.value, _("is a duplicate of")),
    (LinkKind.RELATED.value, _("is related to")),
    (LinkKind.CAUSE.value, _("is the cause of")),
    ("caused", _("follows from")),
]


class NumberField(forms.CharField):
    """The number of a request, as 1847, № 1847 or #1847."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(max_length=30, widget=widget, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        number = number_in(text)
        if number is None:
            raise ValidationError(_("The number of a request, for example 1847."))
        return number


class LinkToForm(forms.Form):
    kind = forms.ChoiceField(label=_("This request"), choices=LINKS, widget=forms.RadioSelect(), initial="related")
    other = NumberField(label=_("Number of the other request"))


class MergeForm(forms.Form):
    into = NumberField(label=_("Number in which it goes on"), help_text=_("The earlier of the two: its clock goes on."))
    text = forms.CharField(
        label=_("What to tell the requester besides (not required)"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("He is told the new number in any case."),
    )


class SplitForm(KeyedForm):
    subject = forms.CharField(
        label=_("Subject"),
        max_length=LONGEST_SUBJECT,
        error_messages={"required": _("Write in a few words what it is about.")},
    )
    type = forms.ChoiceField(label=_("Type"), choices=TYPES, widget=forms.RadioSelect())
    priority = forms.ChoiceField(label=_("Priority"), choices=PRIORITIES, widget=forms.RadioSelect())

    @classmethod
    def of(cls, message: Message) -> SplitForm:
        ticket = message.ticket
        return cls(initial={"subject": subject_from(message.text), "type": ticket.type, "priority": ticket.priority})


class TagsForm(forms.Form):
    """Names with commas between; a new word becomes a tag."""

    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=2000,
        help_text=_("With commas between. A new word becomes a tag."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "known-tags"}),
    )

    def names(self) -> list[str]:
        return [one for one in re.split(r"[,;\n]", self.cleaned_data["tags"]) if one.strip()]


class WatchersForm(forms.Form):
    users = forms.TypedMultipleChoiceField(
        label=_("Of the desk"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple()
    )
    contacts = forms.TypedMultipleChoiceField(
        label=_("Of the customer"),
        help_text=_("Those who may see the request. They are told of answers and of the closing, never of notes."),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple(),
    )

    def __init__(self, *args: Any, people: tuple[list[User], list[Contact]], **options: Any) -> None:
        super().__init__(*args, **options)
        users, contacts = people
        for name, choices in (
            ("users", [(one.pk, one.full_name or one.login) for one in users]),
            ("contacts", [(one.pk, one.name) for one in contacts]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = choices
        if not contacts:
            del self.fields["contacts"]


# --- one step for many requests


def numbers_in(values: Sequence[str]) -> list[int]:
    """Numbers of chosen requests: what is none is passed over; one more than MOST is enough to be refused."""
    found = [int(one) for one in values[:1000] if one.isascii() and one.isdigit() and len(one) < 19]
    return list(dict.fromkeys(found))[: MOST + 1]


class BulkAssignForm(AssignForm, KeyedForm):
    """To whom all of them are given."""

    def asked(self) -> dict[str, Any]:
        person = self.person()
        return {"to": person.pk if person else None}


class BulkPriorityForm(PriorityForm, KeyedForm):
    field_order = ["priority", "reason"]

    def asked(self) -> dict[str, Any]:
        return {"priority": self.cleaned_data["priority"], "reason": self.cleaned_data["reason"]}


class BulkTagsForm(KeyedForm):
    """Names of tags to put on and to take off."""

    tags = forms.CharField(
        label=_("Put on"),
        required=False,
        max_length=2000,
        help_text=_("With commas between. A new word becomes a tag."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "known-tags"}),
    )
    off = forms.ModelMultipleChoiceField(
        label=_("Take off"), required=False, queryset=Tag.objects.none(), widget=forms.CheckboxSelectMultiple()
    )

    def __init__(self, *args: Any, tickets: Sequence[Ticket] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        there = Tag.objects.filter(tagged__ticket__in=tickets).distinct()
        field = self.fields["off"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = there.order_by("name")
        if not there.exists():
            del self.fields["off"]

    def names(self) -> list[str]:
        return [one for one in re.split(r"[,;\n]", self.cleaned_data["tags"]) if one.strip()]

    def removed(self) -> list[int]:
        return [tag.pk for tag in self.cleaned_data.get("off") or ()]


class BulkAnswerForm(KeyedForm):
    text = forms.CharField(
        label=_("Answer"),
        help_text=_("Every requester reads it in his own request and in a letter."),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write something first."), "max_length": _TOO_LONG},
    )

    def asked(self) -> dict[str, Any]:
        return {"text": self.cleaned_data["text"]}


class BulkCloseForm(BulkAnswerForm):
    resolution = forms.ChoiceField(label=_("Resolution"), initial="solved")
    field_order = ["resolution", "text"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        known = {one.value for one in SPECIALIST_RESOLUTIONS}
        field = self.fields["resolution"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [pair for pair in RESOLUTIONS if pair[0] in known]
        self.fields["text"].label = _("Solution or explanation")

    def asked(self) -> dict[str, Any]:
        return {"resolution": self.cleaned_data["resolution"], "text": self.cleaned_data["text"]}


class BulkMergeForm(MergeForm):
    """Of the chosen requests one goes on; the earliest is proposed."""

    field_order = ["into", "text"]

    def __init__(self, *args: Any, tickets: Sequence[Ticket] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        first = min(tickets, key=lambda one: (one.registered_at, one.pk)).pk if tickets else None
        self.fields["into"] = forms.TypedChoiceField(
            label=_("Which one goes on"),
            help_text=_("The earliest is proposed: its clock goes on."),
            choices=[(one.pk, f"№ {one.pk} {one.subject[:80]}") for one in tickets],
            coerce=int,
            widget=forms.RadioSelect(),
            initial=first,
        )
        self.order_fields(self.field_order)

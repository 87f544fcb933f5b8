"""What a specialist types."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.desk import placeholders
from provodnik.desk.actions.base import LONGEST_TEXT
from provodnik.desk.actions.opening import LONGEST_SUBJECT
from provodnik.desk.forms.files import FilesField
from provodnik.desk.forms.requester import KeyedForm
from provodnik.desk.labels import PRIORITIES, PRIORITY_DEFINITIONS, RESOLUTIONS, TYPES
from provodnik.desk.models import Contact, Subsystem, Team, Ticket
from provodnik.desk.models.workbench import MODES
from provodnik.desk.queries.ticket_page import colleagues
from provodnik.desk.states import Priority, TicketType, allowed_resolutions

_TOO_LONG = _("The text is too long: put it into a file and attach it.")


class SayForm(KeyedForm):
    """Reply, note, question or closing: one text, four things to do with it. `seen`: the last fact that the page
    showed, `revision`: what it was made from; `macro`: the prepared answer it was begun with; `kept`: files that lie
    on the server already, with a text that was taken back."""

    mode = forms.ChoiceField(choices=MODES)
    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _TOO_LONG},
    )
    resolution = forms.ChoiceField(label=_("Resolution"), required=False)
    files = FilesField(label=_("Files"))  # type: ignore[assignment]  # the form's own `files` is an instance attribute
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput())
    seen = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput())
    macro = forms.IntegerField(min_value=0, max_value=2**62, required=False, widget=forms.HiddenInput())
    kept = forms.TypedMultipleChoiceField(required=False, coerce=uuid.UUID, empty_value=[])

    def __init__(
        self,
        *args: Any,
        ticket: Ticket,
        seen: int = 0,
        mode: str = "reply",
        files: Iterable[uuid.UUID] = (),
        **options: Any,
    ) -> None:
        initial = {"revision": ticket.revision, "seen": seen, "mode": mode, "resolution": "solved"}
        super().__init__(*args, initial={**initial, **options.pop("initial", {})}, **options)
        allowed = {one.value for one in allowed_resolutions(ticket.priority)}
        resolution = self.fields["resolution"]
        assert isinstance(resolution, forms.ChoiceField)
        resolution.choices = [pair for pair in RESOLUTIONS if pair[0] in allowed]
        kept = self.fields["kept"]
        assert isinstance(kept, forms.ChoiceField)
        kept.choices = [(str(one), str(one)) for one in files]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("mode") == "close" and not cleaned.get("resolution"):
            self.add_error("resolution", _("Choose a resolution."))
        left = placeholders.left_in(cleaned.get("text") or "")
        if left and cleaned.get("mode") != "note":
            words = _("These are still to be filled in: %(names)s.")
            self.add_error("text", words % {"names": ", ".join(left)})
        return cleaned


class DraftForm(forms.Form):
    """What is kept of a text that is being written: all but its files."""

    key = forms.UUIDField()
    mode = forms.ChoiceField(choices=MODES)
    text = forms.CharField(
        required=False, strip=False, max_length=LONGEST_TEXT, error_messages={"max_length": _TOO_LONG}
    )
    resolution = forms.CharField(required=False, max_length=16)
    macro = forms.IntegerField(min_value=0, max_value=2**62, required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"),
        help_text=_("The reason stays in the history."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write why: the reason stays in the history.")},
    )


class PriorityForm(ReasonForm):
    priority = forms.ChoiceField(label=_("Priority"), choices=PRIORITIES, widget=forms.RadioSelect())
    field_order = ["priority", "reason"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["priority"].hints = PRIORITY_DEFINITIONS  # type: ignore[attr-defined]


class TypeForm(ReasonForm):
    type = forms.ChoiceField(label=_("Type"), choices=TYPES, widget=forms.RadioSelect())
    field_order = ["type", "reason"]


class SubsystemForm(forms.Form):
    subsystem = forms.ModelChoiceField(
        label=_("Section of the portal"), queryset=Subsystem.objects.none(), required=False, empty_label=_("Not stated")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["subsystem"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Subsystem.objects.filter(is_active=True)


class AssignForm(forms.Form):
    """`assignee`: somebody of the desk; empty gives the request back to all."""

    assignee = forms.TypedChoiceField(label=_("Specialist"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.people: dict[int, User] = {one.pk: one for one in colleagues()}
        field = self.fields["assignee"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Nobody")), *((pk, str(one)) for pk, one in self.people.items())]

    def person(self) -> User | None:
        chosen = self.cleaned_data["assignee"]
        return self.people[chosen] if chosen else None


class TeamForm(forms.Form):
    team = forms.ModelChoiceField(
        queryset=Team.objects.filter(is_active=True), label=_("Team"), required=False, empty_label=_("None")
    )


class EmailForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail for the closing notice"),
        max_length=254,
        error_messages={"required": _("Give an e-mail address: the notice of closing goes there.")},
    )


class WhyForm(KeyedForm):
    """A reason in free words: reopening, telling in another way."""

    text = forms.CharField(
        label=_("What to write down"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _TOO_LONG},
    )


class ContactForm(forms.Form):
    contact = forms.ModelChoiceField(
        queryset=Contact.objects.filter(is_active=True, customer__is_active=True).select_related("customer"),
        error_messages={"required": _("Choose whose request it is."), "invalid_choice": _("There is no such contact.")},
    )


class NewRequestForm(KeyedForm):
    """A request that a specialist writes for somebody, after a telephone call."""

    contact = forms.ModelChoiceField(
        queryset=Contact.objects.filter(is_active=True, customer__is_active=True).select_related("customer"),
        widget=forms.HiddenInput(),
        error_messages={"required": _("Choose whose request it is."), "invalid_choice": _("There is no such contact.")},
    )
    subject = forms.CharField(
        label=_("Subject"),
        max_length=LONGEST_SUBJECT,
        error_messages={"required": _("Write in a few words what it is about.")},
    )
    text = forms.CharField(
        label=_("What happened"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Tell what happened."), "max_length": _TOO_LONG},
    )
    type = forms.ChoiceField(
        label=_("Type"), choices=TYPES, widget=forms.RadioSelect(), initial=TicketType.DEFECT.value
    )
    priority = forms.ChoiceField(
        label=_("Priority"), choices=PRIORITIES, widget=forms.RadioSelect(), initial=Priority.MEDIUM.value
    )
    files = FilesField(label=_("Files"))  # type: ignore[assignment]  # the form's own `files` is an instance attribute

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["priority"].hints = PRIORITY_DEFINITIONS  # type: ignore[attr-defined]

"""What the journal is narrowed by."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from provodnik.desk import journal_words
from provodnik.desk.models import Customer
from provodnik.desk.queries.journal import GROUPS, Filters
from provodnik.ui.text import full_day

LONGEST = 200
GROUP_NAMES = {
    "": _("Everything"),
    "deeds": _("Who did"),
    "looks": _("Who looked"),
    "access": _("Who may get in"),
}


def day_field(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class JournalForm(forms.Form):
    """Read from the address; what cannot be read is left out."""

    who = forms.CharField(label=_("Who"), max_length=200, required=False)
    q = forms.CharField(label=_("What it was called"), max_length=200, required=False)
    kind = forms.ChoiceField(label=_("What it is"), required=False)
    ticket = forms.IntegerField(label=_("Request №"), min_value=1, max_value=2**62, required=False)
    customer = forms.ModelChoiceField(Customer.objects.all(), label=_("Customer"), required=False, empty_label=_("any"))
    since = forms.DateField(
        label=_("Since"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    group = forms.CharField(label=_("Lines"), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, requests_only: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = journal_words.kinds()
        if requests_only:
            known = {key: name for key, name in known.items() if key in OF_REQUESTS}
            del self.fields["q"]
        choices = [("", _("anything")), *sorted(known.items(), key=lambda one: str(one[1]))]
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = choices

    def filters(self) -> Filters:
        self.is_valid()
        found = self.cleaned_data
        customer = found.get("customer")
        group = found.get("group", "")
        return Filters(
            who=found.get("who", ""),
            q=found.get("q", ""),
            group=group if group in GROUPS else "",
            kind=found.get("kind", ""),
            ticket=found.get("ticket"),
            customer=customer.pk if customer is not None else None,
            since=found.get("since"),
            until=found.get("until"),
        )

    def as_query(self) -> dict[str, str]:
        """What was understood, as an address says it."""
        self.is_valid()
        wanted = {name: self.data.get(name, "") for name in self.fields if self.cleaned_data.get(name)}
        return {name: str(value)[:LONGEST] for name, value in wanted.items()}

    def described(self) -> list[tuple[str, str]]:
        """(what, value) of each narrowing, in words."""
        self.is_valid()
        found = []
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if not value:
                continue
            if isinstance(value, date):
                value = full_day(value)
            elif name == "group":
                value = GROUP_NAMES.get(value, "")
            elif isinstance(field, forms.ChoiceField) and isinstance(value, str):
                value = journal_words.kinds().get(value, value)
            found.append((str(field.label), str(value)))
        return found


OF_REQUESTS = frozenset({"desk.ticket", "desk.attachment", "desk.message", "desk.legalhold"})

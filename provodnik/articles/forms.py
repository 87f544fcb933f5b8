"""What authors and readers type."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from provodnik.articles import markup
from provodnik.articles.actions.writing import Copy, Settings
from provodnik.articles.labels import AUDIENCE_HINTS, AUDIENCES, KIND_HINTS, KINDS
from provodnik.articles.models import Article, Section
from provodnik.articles.policies import RESOLUTIONS
from provodnik.articles.states import Audience, Kind
from provodnik.core.text import storable
from provodnik.desk.forms.files import FilesField
from provodnik.desk.forms.requester import KeyedForm
from provodnik.desk.labels import RESOLUTIONS as RESOLUTION_WORDS
from provodnik.desk.models import Customer, Subsystem

MOST_CUSTOMERS = 500


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class WritingForm(KeyedForm):
    """The working copy. `settled` False: what is true of all versions is shown to nobody who may not change it."""

    title = forms.CharField(
        label=_("Title"),
        help_text=_("As a person would ask: “How to change the password”"),
        max_length=200,
        error_messages={"required": _("Give the article a title.")},
    )
    summary = forms.CharField(
        label=_("In short"),
        help_text=_("One sentence: it stands in lists and in the search"),
        max_length=300,
        required=False,
    )
    text = forms.CharField(
        label=_("Text"),
        max_length=markup.LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 20, "spellcheck": "true"}),
        error_messages={"max_length": _("The text is too long: make two articles of it.")},
    )
    keywords = forms.CharField(
        label=_("Other words"),
        help_text=_("How else people call it: “salary slip, pay sheet”"),
        max_length=500,
        required=False,
    )
    files = FilesField(label=_("Pictures and files"))  # type: ignore[assignment]  # a field, not the form's own files
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS, widget=forms.RadioSelect())
    section = forms.ModelChoiceField(
        label=_("Section of the instructions"),
        queryset=Section.objects.all(),
        required=False,
        empty_label=_("Without a section"),
    )
    subsystem = forms.ModelChoiceField(
        label=_("Section of the portal"),
        help_text=_("The article comes first beside requests about it."),
        queryset=Subsystem.objects.all(),
        required=False,
        empty_label=_("Any"),
    )
    audience = forms.ChoiceField(label=_("For whom"), choices=AUDIENCES, widget=forms.RadioSelect())
    customers = forms.ModelMultipleChoiceField(
        label=_("Customers"),
        queryset=Customer.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
    )
    check_by = forms.DateField(
        label=_("Check by"),
        help_text=_("On this day the author is reminded to read it again."),
        required=False,
        widget=DayInput(),
    )
    revision = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput())
    note = forms.CharField(
        label=_("What has changed"),
        help_text=_("For the history of versions"),
        max_length=300,
        required=False,
    )

    SETTLED = ("kind", "section", "subsystem", "audience", "customers", "check_by")

    def __init__(self, *args: Any, settled: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        if not settled:
            for name in self.SETTLED:
                del self.fields[name]
            return
        self.fields["kind"].hints = KIND_HINTS  # type: ignore[attr-defined]
        self.fields["audience"].hints = AUDIENCE_HINTS  # type: ignore[attr-defined]
        customers = self.fields["customers"]
        assert isinstance(customers, forms.ModelMultipleChoiceField)
        served = Customer.objects.filter(is_active=True).values("pk")[:MOST_CUSTOMERS]
        customers.queryset = Customer.objects.filter(pk__in=served)

    @classmethod
    def first(cls, article: Article | None) -> dict[str, Any]:
        """The first values: an article's, or those of a new one."""
        if article is None:
            return {"kind": Kind.INSTRUCTION.value, "audience": Audience.EVERYONE.value}
        names = ("title", "summary", "keywords", "text", "kind", "section", "subsystem", "audience", "check_by")
        values = {name: getattr(article, name) for name in names}
        return {**values, "customers": article.customers.all(), "revision": article.revision}

    def clean_text(self) -> str:
        return storable(self.cleaned_data["text"]).replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("audience") == Audience.CUSTOMERS.value and not cleaned.get("customers"):
            self.add_error("customers", _("Choose the customers whose people read it."))
        return cleaned

    def copy(self) -> Copy:
        typed = self.cleaned_data
        return Copy(typed["title"], typed["text"], typed["summary"], typed["keywords"])

    def facts(self) -> Settings | None:
        if "audience" not in self.fields:
            return None
        typed = self.cleaned_data
        return Settings(
            kind=Kind(typed["kind"]),
            section=typed["section"],
            subsystem=typed["subsystem"],
            audience=Audience(typed["audience"]),
            customers=list(typed["customers"]),
            check_by=typed["check_by"],
        )


class PreviewForm(forms.Form):
    title = forms.CharField(max_length=200, required=False)
    text = forms.CharField(max_length=markup.LONGEST, required=False)


class SectionForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Section
        fields = ["name", "position"]
        labels = {"name": _("Name"), "position": _("Order")}
        help_texts = {"position": _("Smaller figures stand first.")}
        error_messages = {"name": {"unique": _("There is such a section already.")}}


class VoteForm(forms.Form):
    """`version`: the number that the page showed."""

    version = forms.IntegerField(min_value=1, max_value=10**6)
    helped = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    text = forms.CharField(
        label=_("What was missing"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_text(self) -> str:
        return storable(self.cleaned_data["text"])


class CloseForm(KeyedForm):
    """Close a request with an article: what is said, and how it ended."""

    resolution = forms.ChoiceField(
        label=_("Resolution"),
        choices=[pair for pair in RESOLUTION_WORDS if pair[0] in {one.value for one in RESOLUTIONS}],
        initial=RESOLUTIONS[0].value,
        widget=forms.RadioSelect(),
    )
    whole = forms.ChoiceField(
        label=_("What to send"),
        choices=[("yes", _("The steps in the letter, and the link")), ("no", _("The link alone"))],
        initial="yes",
        widget=forms.RadioSelect(),
    )
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput())

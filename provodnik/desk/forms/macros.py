"""What is typed of prepared answers, views and preferences."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.desk.actions.macros import LONGEST
from provodnik.desk.labels import PRIORITIES, RESOLUTIONS
from provodnik.desk.models import Macro, Preference, Tag
from provodnik.desk.models.workbench import MODES
from provodnik.desk.queries.extras import COLUMNS
from provodnik.desk.queries.ticket_page import colleagues
from provodnik.desk.states import SPECIALIST_RESOLUTIONS

_NO_CHANGE = ("", _("Does not change"))
_BY_SPECIALIST = {one.value for one in SPECIALIST_RESOLUTIONS}
HOLDS = [
    (0, _("At once")),
    (5, _("5 seconds")),
    (10, _("10 seconds")),
    (20, _("20 seconds")),
    (30, _("30 seconds")),
    (60, _("A minute")),
]


class MacroForm(forms.Form):
    """A prepared answer. `shared` exists for who may share."""

    title = forms.CharField(label=_("Title"), max_length=100, help_text=_("By it the answer is found after “/”."))
    text = forms.CharField(
        label=_("Text"), required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 8})
    )
    mode = forms.ChoiceField(label=_("What it is"), choices=MODES)
    resolution = forms.ChoiceField(
        label=_("Resolution"),
        required=False,
        choices=[("", _("As chosen")), *(pair for pair in RESOLUTIONS if pair[0] in _BY_SPECIALIST)],
        help_text=_("For closing."),
    )
    priority = forms.ChoiceField(label=_("Priority"), required=False, choices=[_NO_CHANGE, *PRIORITIES])
    assignee = forms.ChoiceField(label=_("Specialist"), required=False)
    tags = forms.ModelMultipleChoiceField(
        label=_("Tags that are put on"),
        queryset=Tag.objects.filter(is_active=True),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
    )
    shared = forms.BooleanField(label=_("For the whole desk"), required=False)

    def __init__(self, *args: Any, may_share: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not may_share:
            del self.fields["shared"]
        self.people: dict[str, User] = {str(one.pk): one for one in colleagues()}
        field = self.fields["assignee"]
        assert isinstance(field, forms.ChoiceField)
        deeds = [(str(value), label) for value, label in Macro.Assign.choices if value != Macro.Assign.PERSON]
        field.choices = [*deeds, *((pk, str(one)) for pk, one in self.people.items())]

    @staticmethod
    def of(macro: Macro) -> dict[str, Any]:
        """Its first values."""
        to = str(macro.assignee_id or "") if macro.assign == Macro.Assign.PERSON else macro.assign
        plain = {name: getattr(macro, name) for name in ("title", "text", "mode", "resolution", "priority")}
        return {**plain, "assignee": to, "tags": macro.tags, "shared": macro.is_shared and not macro._state.adding}

    def put_into(self, macro: Macro) -> Macro:
        """What was typed, on the row; nothing is saved."""
        typed = self.cleaned_data
        for name in ("title", "text", "mode", "priority"):
            setattr(macro, name, typed[name])
        macro.resolution = typed["resolution"] if typed["mode"] == "close" else ""
        macro.tags = [tag.pk for tag in typed["tags"]]
        macro.assignee = self.people.get(typed["assignee"])
        macro.assign = Macro.Assign.PERSON.value if macro.assignee else typed["assignee"]
        return macro


class ViewForm(forms.Form):
    """A saved view; `shared` exists for who may share."""

    name = forms.CharField(label=_("Name"), max_length=60)
    shared = forms.BooleanField(label=_("For the whole desk"), required=False)

    def __init__(self, *args: Any, may_share: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not may_share:
            del self.fields["shared"]


class PreferenceForm(forms.Form):
    """How a person has his workbench. `now`: the seconds that he has, were they chosen here or by the installation."""

    hold = forms.TypedChoiceField(
        label=_("An answer can be taken back"),
        choices=HOLDS,
        coerce=int,
        help_text=_("So long it waits before it leaves. Nobody sees it until then, and the clock does not change."),
    )
    after_close = forms.ChoiceField(
        label=_("After closing a request"), choices=Preference.AfterClose.choices, widget=forms.RadioSelect()
    )
    columns = forms.MultipleChoiceField(
        label=_("What a row of the list shows"),
        choices=list(COLUMNS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text=_("Under the subject, after the number. None chosen: the usual ones."),
    )

    def __init__(self, *args: Any, now: int, **options: Any) -> None:
        super().__init__(*args, **options)
        if now not in dict(HOLDS):
            hold = self.fields["hold"]
            assert isinstance(hold, forms.ChoiceField)
            hold.choices = sorted([*HOLDS, (now, _("%(count)s seconds") % {"count": now})], key=lambda pair: pair[0])

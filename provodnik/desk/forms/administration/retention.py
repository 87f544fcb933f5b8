"""How long what is kept; holds; a person's demand; who must have a second factor."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.actions.factors import LONGEST_GRACE
from provodnik.accounts.policies import REQUESTER, other_roles
from provodnik.desk.forms.administration.users import ROLES
from provodnik.desk.models import RetentionRule

LONGEST_KEPT = 600  # months
_FOR_EVER = _("Months after closing. Empty: for ever.")


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """Months by kind; of the rule for all others also what belongs to no request."""

    class Meta:
        model = RetentionRule
        fields = ["texts_months", "files_months", "letters_months", "strays_months", "journal_months"]
        labels: ClassVar[dict[str, Any]] = {
            "texts_months": _("Texts and names"),
            "files_months": _("Files"),
            "letters_months": _("Letters as they came"),
            "strays_months": _("Letters that became no request"),
            "journal_months": _("Lines of the journal"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "texts_months": _FOR_EVER,
            "files_months": _("May go earlier. Empty: with the texts."),
            "letters_months": _("May go earlier. Empty: with the texts."),
            "strays_months": _("Months after they came. Empty: for ever."),
            "journal_months": _("Seven or more. Empty: for ever."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.contract_id is not None:
            del self.fields["strays_months"], self.fields["journal_months"]
        for field in self.fields.values():
            assert isinstance(field, forms.IntegerField)
            field.widget.attrs["max"] = LONGEST_KEPT
            field.max_value = LONGEST_KEPT
            field.min_value = 1
            field.validators += forms.IntegerField(min_value=1, max_value=LONGEST_KEPT).validators


class HoldForm(forms.Form):
    number = forms.IntegerField(label=_("Request №"), min_value=1, max_value=2**62)
    reason = forms.CharField(
        label=_("Why"), max_length=500, help_text=_("A dispute, an inquiry, a court: with a date or a number.")
    )


class ForgetForm(forms.Form):
    """A person's demand."""

    texts = forms.ChoiceField(
        label=_("Texts of the person's requests"),
        choices=[("keep", _("Keep them, without names")), ("erase", _("Erase them, with files"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("The demand"), max_length=500, help_text=_("Its date or number: it stands in the act.")
    )
    sure = forms.BooleanField(label=_("I understand that this cannot be undone"))


def factor_roles() -> list[tuple[str, str]]:
    """Of whom a second factor may be asked: (code, name); those of accounts, those of parts above, everybody else."""
    own = [(role, str(name)) for role, name in ROLES]
    others = [(one.code, one.label) for one in other_roles().values()]
    return [*own, *others, (REQUESTER, str(_("Requesters, coordinators and employees")))]


class FactorsForm(forms.Form):
    """Which roles must have a second factor, each with its days of grace: `must_<role>`, `days_<role>`."""

    def __init__(self, data: Any = None, *, rules: dict[str, int]) -> None:
        initial: dict[str, Any] = {}
        for role, days in rules.items():
            initial |= {f"must_{role}": True, f"days_{role}": days}
        super().__init__(data, initial=initial)
        self.roles = factor_roles()
        for role, name in self.roles:
            self.fields[f"must_{role}"] = forms.BooleanField(label=name, required=False)
            self.fields[f"days_{role}"] = forms.IntegerField(
                label=_("Days to set it up"), min_value=0, max_value=LONGEST_GRACE, initial=7, required=False
            )

    def pairs(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        return [(str(role), self[f"must_{role}"], self[f"days_{role}"]) for role, _name in self.roles]

    def wanted(self) -> dict[str, int]:
        found = self.cleaned_data
        return {str(role): found.get(f"days_{role}") or 0 for role, _name in self.roles if found.get(f"must_{role}")}

"""What people's pages read from an address or a form."""

from __future__ import annotations

import uuid
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from provodnik.people.models import Organisation, Person
from provodnik.people.names import LONGEST_QUERY
from provodnik.people.states import WITH_SCAN, ChangeKind, DecisionKind, StaffRole
from provodnik.ui.uploads import FilesField
from provodnik.ui.zones import ZONES

LARGEST_ID = 2**63 - 1
ROLES = [(StaffRole.HR.value, _("Personnel (HR)")), (StaffRole.PAYROLL.value, _("Payroll accountant"))]
DECISIONS = [
    (DecisionKind.LEAVE.value, _("Leave")),
    (DecisionKind.ABSENCE.value, _("Absences")),
    (DecisionKind.DOCUMENTS.value, _("Documents")),
    (DecisionKind.REQUESTS.value, _("Applications")),
]


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def number(text: str | None) -> int | None:
    """An id in an address; None for whatever is no such number."""
    if not text or not text.isascii() or not text.isdecimal() or len(text) > 19 or int(text) > LARGEST_ID:
        return None
    return int(text)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the directory was asked for."""

    typed: str
    organisation: int | None
    unit: int | None
    after: int | None


def asked(request: HttpRequest) -> Asked:
    given = request.GET
    return Asked(
        typed=" ".join(given.get("q", "").replace("\0", " ")[:LONGEST_QUERY].split()),
        organisation=number(given.get("organisation")),
        unit=number(given.get("unit")),
        after=number(given.get("after")),
    )


class CorrectForm(forms.Form):
    """What personnel corrects by hand: how somebody is called and reached at work. The rules clean it once more."""

    surname = forms.CharField(label=_("Surname"), max_length=100, required=False)
    first_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    patronymic = forms.CharField(label=_("Patronymic"), max_length=100, required=False)
    work_phone = forms.CharField(label=_("Work phone"), max_length=60, required=False)
    work_email = forms.EmailField(label=_("Work e-mail"), required=False)
    room = forms.CharField(label=_("Room"), max_length=60, required=False)

    @classmethod
    def of(cls, person: Person) -> CorrectForm:
        return cls(initial={name: getattr(person, name) for name in cls.base_fields})

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class HouseForm(forms.Form):
    """What an organisation is called, where it is, who sees its directory."""

    name = forms.CharField(label=_("Full name of the organisation"), max_length=300)
    short_name = forms.CharField(label=_("Short name"), max_length=100, required=False)
    inn = forms.CharField(label=_("INN"), max_length=12, required=False, help_text=_("Ten digits."))
    region = forms.CharField(
        label=_("Region"),
        max_length=3,
        required=False,
        help_text=_("Code of the subject of the Federation, like 66: its own holidays hold here."),
    )
    zone = forms.ChoiceField(label=_("Time zone"), help_text=_("By it the days of the organisation begin and end."))
    shares_directory = forms.BooleanField(
        label=_("Seen in the directory by the other organisations"),
        required=False,
        help_text=_("If not, its people and structure are seen by its own people alone."),
    )
    is_active = forms.BooleanField(label=_("In use"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["zone"]
        assert isinstance(field, forms.ChoiceField)
        now = self.initial.get("zone", "")
        field.choices = [*ZONES, *([(now, now)] if now and now not in dict(ZONES) else [])]

    @classmethod
    def of(cls, house: Organisation, data: Any = None) -> HouseForm:
        return cls(data, initial={name: getattr(house, name) for name in cls.base_fields})


class HolidayForm(forms.Form):
    date = forms.DateField(label=_("Day"), widget=_day())
    name = forms.CharField(label=_("What is celebrated"), max_length=200)


class RoleForm(forms.Form):
    """Who gets which role. `user` is an id that was found by the search above the form."""

    user = forms.IntegerField(min_value=1, max_value=LARGEST_ID, error_messages={"required": _("Choose whom.")})
    role = forms.ChoiceField(label=_("Role"), choices=ROLES, widget=forms.RadioSelect())


class RuleForm(forms.Form):
    """One rule from a day on. `value` is read by the type of the rule (views.houses)."""

    value = forms.CharField(max_length=20, required=False)
    since = forms.DateField(label=_("From which day"), widget=_day())
    norm = forms.CharField(
        label=_("On what ground"),
        max_length=300,
        required=False,
        help_text=_("A local act or an article, if there is one."),
    )


class UnitForm(forms.Form):
    name = forms.CharField(label=_("What the unit is called"), max_length=300)
    parent = forms.CharField(label=_("Under which unit"), max_length=20, required=False)


class HeadForm(forms.Form):
    """Who heads a unit from a day on; nobody where `employment` is empty and `nobody` is said."""

    employment = forms.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    since = forms.DateField(label=_("From which day"), widget=_day())


class DeputyForm(forms.Form):
    """Who decides for whom, of what, from when to when."""

    manager = forms.IntegerField(min_value=1, max_value=LARGEST_ID, error_messages={"required": _("Choose for whom.")})
    deputy = forms.IntegerField(min_value=1, max_value=LARGEST_ID, error_messages={"required": _("Choose who.")})
    kinds = forms.MultipleChoiceField(
        label=_("What the deputy decides"),
        help_text=_("Payslips never: they are no decision, and nobody else opens them."),
        choices=DECISIONS,
        widget=forms.CheckboxSelectMultiple(),
        error_messages={"required": _("Choose at least one.")},
    )
    starts_on = forms.DateField(label=_("First day"), widget=_day())
    ends_on = forms.DateField(label=_("Last day"), help_text=_("A year at most."), widget=_day())


_LONG = {"rows": 5}
_CHANGES: dict[ChangeKind, dict[str, forms.Field]] = {
    ChangeKind.PHONE: {
        "phone": forms.CharField(
            label=_("New phone"), max_length=60, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
        )
    },
    ChangeKind.EMAIL: {
        "email": forms.EmailField(label=_("New e-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    },
    ChangeKind.NAME: {
        "surname": forms.CharField(label=_("Surname"), max_length=100),
        "first_name": forms.CharField(label=_("First name"), max_length=100),
        "patronymic": forms.CharField(label=_("Patronymic"), max_length=100, required=False),
    },
    ChangeKind.DOCUMENT: {
        "number": forms.CharField(label=_("Series and number"), max_length=40),
        "issued_by": forms.CharField(label=_("Issued by"), max_length=300),
        "issued_on": forms.DateField(label=_("Issued on"), widget=_day()),
        "unit_code": forms.CharField(label=_("Code of the office"), max_length=10, required=False),
    },
    ChangeKind.ADDRESS: {
        "registered": forms.CharField(label=_("Address of registration"), max_length=300),
        "lives": forms.CharField(
            label=_("Lives at"), max_length=300, required=False, help_text=_("If it is another address.")
        ),
    },
    ChangeKind.FAMILY: {
        "text": forms.CharField(
            label=_("What has changed"),
            max_length=2000,
            help_text=_("A marriage, a child with name and date of birth: only what deductions and benefits need."),
            widget=forms.Textarea(attrs=_LONG),
        )
    },
    ChangeKind.BANK: {
        "bik": forms.CharField(
            label=_("BIK of the bank"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "numeric"})
        ),
        "account": forms.CharField(
            label=_("Account"),
            max_length=40,
            help_text=_("Twenty digits, as the bank's application shows them. Not the number of the card."),
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        ),
        "bank": forms.CharField(label=_("Bank"), max_length=200),
    },
    ChangeKind.OTHER: {
        "text": forms.CharField(label=_("What has changed"), max_length=2000, widget=forms.Textarea(attrs=_LONG))
    },
}
MOST_TEXT = 60  # characters of a code that somebody types


class ChangeForm(forms.Form):
    """What is to be changed, by its kind. The rules (people.changes) judge it once more."""

    key = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, kind: ChangeKind, *args: Any, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("key", uuid.uuid4())
        super().__init__(*args, **options)
        for name, field in _CHANGES[kind].items():
            self.fields[name] = deepcopy(field)
        if kind not in (ChangeKind.PHONE, ChangeKind.EMAIL):
            self.fields["files"] = FilesField(
                label=_("Scan or photo of the document"),
                help_text="" if kind in WITH_SCAN else _("If there is one."),
            )

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name not in ("key", "files")}


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=MOST_TEXT,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "code"}),
    )


class AnswerForm(forms.Form):
    reason = forms.CharField(
        label=_("What is wrong"),
        max_length=1000,
        help_text=_("The employee reads it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

"""What people's pages read from an address or a form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from provodnik.people.models import Person
from provodnik.people.names import LONGEST_QUERY

LARGEST_ID = 2**63 - 1


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

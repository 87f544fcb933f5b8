"""Accounts and their roles."""

from __future__ import annotations

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.roles import Role

ROLES = [
    (Role.SPECIALIST.value, _("Specialist")),
    (Role.LEAD.value, _("Lead of support")),
    (Role.ADMINISTRATOR.value, _("Administrator")),
]
ROLE_HINTS = {
    Role.SPECIALIST.value: _("Works on requests of all customers"),
    Role.LEAD.value: _("Also answers for deadlines and quality"),
    Role.ADMINISTRATOR.value: _("Keeps customers, contracts, mailboxes and accounts"),
}
_LOGIN = re.compile(r"[^\s\x00-\x1f\"'<>\\|]+")


class UserForm(forms.Form):
    full_name = forms.CharField(label=_("Full name"), max_length=200)
    login = forms.CharField(
        label=_("Login"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        help_text=_("Without a role the person is a requester."),
        choices=ROLES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: object, new: bool = False, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        if new:
            self.fields["email"].required = True
            self.fields["email"].help_text = _("The invitation goes there.")

    def clean_login(self) -> str:
        login = str(self.cleaned_data["login"]).strip().lower()
        if not _LOGIN.fullmatch(login):
            raise ValidationError(_("A login has no spaces, quotes or brackets."))
        return login

    def clean_roles(self) -> list[Role]:
        return [Role(role) for role in self.cleaned_data["roles"]]

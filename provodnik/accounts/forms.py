"""What people type to get in and about themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.backends import LONGEST_PASSWORD

TOO_LONG = {"max_length": _("A password has at most %(limit_value)d characters.")}
RULES = _(
    "At least 10 characters. A few ordinary words in a row are easy to remember and hard to guess; "
    "not a usual word with figures, nor the name of the company."
)


def password_field(label: Any, *, new: bool = False, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=LONGEST_PASSWORD,
        help_text=help_text,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password" if new else "current-password"}),
        error_messages=TOO_LONG,
    )


class SignInForm(forms.Form):
    login = forms.CharField(
        label=_("Login or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = password_field(_("Password"))


class ForgotForm(forms.Form):
    login = forms.CharField(
        label=_("Login or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )


class NewPasswordForm(forms.Form):
    """Typed twice: nobody sees what he types."""

    new = password_field(_("New password"), new=True, help_text=RULES)
    again = password_field(_("The same once more"), new=True)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "new" in cleaned and "again" in cleaned and cleaned["new"] != cleaned["again"]:
            self.add_error("again", ValidationError(_("The two passwords differ.")))
        return cleaned


class ChangePasswordForm(NewPasswordForm):
    old = password_field(_("Current password"))
    field_order = ["old", "new", "again"]


class NameForm(forms.Form):
    full_name = forms.CharField(
        label=_("Full name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )

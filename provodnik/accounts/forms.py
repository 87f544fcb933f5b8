"""What people type to get in and about themselves."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.backends import LONGEST_PASSWORD
from provodnik.accounts.models import User
from provodnik.accounts.policies import is_of_use
from provodnik.accounts.scopes import Scope

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


def shared_field() -> forms.BooleanField:
    return forms.BooleanField(
        label=_("Somebody else's device"),
        required=False,
        help_text=_("After five minutes without a touch you are signed out, and nothing is remembered here."),
    )


class SignInForm(forms.Form):
    login = forms.CharField(
        label=_("Login or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = password_field(_("Password"))
    shared = shared_field()


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


def code_field(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=40,
        help_text=help_text,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false", "class": "code"}
        ),
    )


class SecondForm(forms.Form):
    """A code of the app or of the sheet: which one it is, its length says."""

    code = code_field(_("Code"), _("Six digits of the app, or ten digits of the printed sheet."))
    remember = forms.BooleanField(label=_("Do not ask on this device for 30 days"), required=False)


class ConfirmCodeForm(forms.Form):
    code = code_field(_("Code"), _("Six digits of the app, or ten digits of the printed sheet."))


class ConfirmPasswordForm(forms.Form):
    password = password_field(_("Password"))


class TotpForm(forms.Form):
    code = code_field(_("Code from the app"), _("Six digits that the app shows now."))


class PasskeyForm(forms.Form):
    name = forms.CharField(
        label=_("What to call the key"),
        max_length=60,
        required=False,
        help_text=_("So that you tell your keys apart: «Phone», «Work computer»."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    credential = forms.CharField(required=False, widget=forms.HiddenInput)


class PasskeyNameForm(forms.Form):
    name = forms.CharField(max_length=60)


TOKEN_LASTS = [("30", _("30 days")), ("90", _("90 days")), ("365", _("A year")), ("", _("Until it is revoked"))]
SCOPES = [
    (Scope.REQUESTS_READ.value, _("Read requests")),
    (Scope.REQUESTS_WRITE.value, _("Write requests, answer, withdraw, rate")),
    (Scope.NOTICES.value, _("My notices")),
    (Scope.DESK_READ.value, _("Read as the desk")),
    (Scope.DESK_WRITE.value, _("Work as the desk")),
    (Scope.DIRECTORY_READ.value, _("Read customers, people and contracts")),
    (Scope.KNOWLEDGE_WRITE.value, _("Write instructions, lead works")),
    (Scope.DESK_MANAGE.value, _("Keep teams, duties and rules of assignment")),
    (Scope.EXCHANGE.value, _("Push what 1C tells")),
]


class TokenForm(forms.Form):
    """A token of the API. What its owner may not do is not offered."""

    key = forms.UUIDField(widget=forms.HiddenInput())
    name = forms.CharField(
        label=_("What will use it"),
        help_text=_("For example “1C exchange” or “Grafana”: by this name you will recognise it."),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it is good for"),
        choices=SCOPES,
        widget=forms.CheckboxSelectMultiple(),
        error_messages={"required": _("Choose what the token is good for.")},
    )
    lasts = forms.ChoiceField(label=_("How long it lasts"), choices=TOKEN_LASTS, required=False, initial="90")

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        options.setdefault("initial", {}).setdefault("key", uuid.uuid4())
        super().__init__(*args, **options)
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [pair for pair in SCOPES if is_of_use(user, Scope(pair[0]))]

    def clean_lasts(self) -> timedelta | None:
        days = self.cleaned_data["lasts"]
        return timedelta(days=int(days)) if days else None

"""Mailboxes and test letters."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from provodnik.channels.models import Mailbox
from provodnik.desk.forms.administration.fields import LinesField

CONNECTION = ("host", "port", "security", "username")


def _password() -> forms.CharField:
    return forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class MailboxForm(forms.ModelForm):  # type: ignore[type-arg]
    """Passwords are written, never shown. One that is kept does not travel to another server: whoever changes the
    server types the password anew."""

    imap_password = _password()
    smtp_password = _password()
    authserv_ids = LinesField(
        label=_("Trusted verdicts"),
        rows=2,
        help_text=_("Names by which your own mail server signs Authentication-Results (RFC 8601), one a line."),
    )

    class Meta:
        model = Mailbox
        widgets: ClassVar[dict[str, Any]] = {
            "taken_since": forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
        }
        fields = [
            "name",
            "address",
            "position",
            "is_active",
            "imap_host",
            "imap_port",
            "imap_security",
            "imap_username",
            "folder",
            "taken_since",
            "smtp_host",
            "smtp_port",
            "smtp_security",
            "smtp_username",
            "authserv_ids",
        ]
        labels: ClassVar[dict[str, Any]] = {
            "name": _("Sender's name"),
            "address": _("Address"),
            "position": _("Order"),
            "is_active": _("In use"),
            "imap_host": _("Server"),
            "imap_port": _("Port"),
            "imap_security": _("Protection"),
            "imap_username": _("Login"),
            "folder": _("Folder"),
            "taken_since": _("Letters since"),
            "smtp_host": _("Server"),
            "smtp_port": _("Port"),
            "smtp_security": _("Protection"),
            "smtp_username": _("Login"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "imap_host": _("Empty: nothing is fetched."),
            "smtp_host": _("Empty: nothing is sent from here."),
        }
        error_messages: ClassVar[dict[str, Any]] = {"address": {"unique": _("There is such a mailbox already.")}}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for way in ("imap", "smtp"):
            if getattr(self.instance, f"{way}_secret"):
                self.fields[f"{way}_password"].help_text = _("Kept. Type a new one to replace it.")

    def clean_address(self) -> str:
        return str(self.cleaned_data["address"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for way in ("imap", "smtp"):
            moved = any(
                f"{way}_{part}" in cleaned and cleaned[f"{way}_{part}"] != self.initial.get(f"{way}_{part}")
                for part in CONNECTION
            )
            kept = bool(getattr(self.instance, f"{way}_secret"))
            if kept and moved and cleaned.get(f"{way}_host") and not cleaned.get(f"{way}_password"):
                self.add_error(
                    f"{way}_password",
                    ValidationError(_("The server or the login has changed: type the password once more.")),
                )
        return cleaned

    @property
    def imap_fields(self) -> list[forms.BoundField]:
        return [
            self[name]
            for name in ("imap_port", "imap_security", "imap_username", "imap_password", "folder", "taken_since")
        ]

    @property
    def smtp_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("smtp_port", "smtp_security", "smtp_username", "smtp_password")]


class TestLetterForm(forms.Form):
    __test__ = False  # not a test of pytest's
    recipient = forms.EmailField(label=_("Where to send"), max_length=254)

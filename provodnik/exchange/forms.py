"""Forms of the exchange."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

from cryptography import x509
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from provodnik.core import outbound
from provodnik.core.outbound import OutboundError
from provodnik.exchange.models import Base, Limit, ODataAccess
from provodnik.exchange.models.bases import GIVES
from provodnik.exchange.odata.client import keeps_keys
from provodnik.exchange.odata.sets import CHOICES


class BaseForm(forms.ModelForm):  # type: ignore[type-arg]
    code = forms.RegexField(
        r"^[a-z0-9][a-z0-9-]{0,39}$",
        label=_("Short name"),
        help_text=_("Small Latin letters, digits and dashes: it names the folder and stands in every batch."),
        error_messages={"invalid": _("Small Latin letters, digits and dashes alone.")},
    )

    class Meta:
        model = Base
        fields = ["code", "name"]


class GivesForm(forms.Form):
    gives = forms.ChoiceField(label=_("Requests of people"), choices=GIVES, required=False)


class LimitForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Limit
        fields = ["dismissals", "changes", "least"]


PUBLISHED = "/odata/standard.odata"  # where 1C puts its standard OData interface below the address of a base
_PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class ODataForm(forms.ModelForm):  # type: ignore[type-arg]
    """The password is written, never shown, and does not travel to another host."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    hour = forms.TypedChoiceField(
        label=_("At what hour"), coerce=int, choices=[(hour, f"{hour}:00") for hour in range(24)], initial=3
    )
    reads = forms.MultipleChoiceField(
        label=_("What to read"),
        choices=[(name, told) for name, (told, _sets) in CHOICES.items()],
        initial=list(CHOICES),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Leave out what 1C does not open or what comes by another way."),
    )

    class Meta:
        model = ODataAccess
        fields = ["is_on", "address", "user", "hour", "ca"]
        widgets: ClassVar[dict[str, Any]] = {
            "address": forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://1c.local/zup", **_PLAIN}),
            "user": forms.TextInput(attrs=_PLAIN),
            "ca": forms.Textarea(attrs={"rows": 3, **_PLAIN, "placeholder": "-----BEGIN CERTIFICATE-----"}),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "address": _(
                "As the base is opened in a browser. Over http:// the password travels open: prefer https://."
            ),
            "user": _("One who may read and do nothing else."),
            "ca": _("PEM. Needed where the certificate of 1C is signed by your own authority."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk is not None:
            self.fields["reads"].initial = self.instance.reads
        if self.instance.password_sealed:
            self.fields["password"].help_text = _("Kept. Type a new one to replace it.")

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip().rstrip("/")
        try:
            goal = outbound.target(address)
            if keeps_keys(goal.host):
                raise ValidationError(_("This address is never asked: it belongs to the machine itself."))
            parts = urlsplit(address)
        except OutboundError as error:
            raise ValidationError(_("This is no address: https://, the host and the name of the base.")) from error
        if parts.query or parts.fragment:
            raise ValidationError(_("Leave out what stands behind “?” and “#”."))
        return address if "/odata/" in f"{parts.path}/" else f"{address}{PUBLISHED}"

    def clean_ca(self) -> str:
        text = str(self.cleaned_data["ca"]).replace("\r\n", "\n").strip()
        try:
            if text and not x509.load_pem_x509_certificates(text.encode()):
                raise ValueError
        except ValueError as error:
            told = _("This is no certificate in PEM: it begins with -----BEGIN CERTIFICATE-----.")
            raise ValidationError(told) from error
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("password") or "address" not in cleaned:
            return cleaned
        if not self.instance.password_sealed:
            self.add_error("password", ValidationError(_("1C is asked with a password: type it.")))
        elif _whither(cleaned["address"]) != _whither(self.initial["address"]):
            self.add_error("password", ValidationError(_("The address has changed: type the password once more.")))
        return cleaned


def _whither(address: str) -> tuple[str, str, int]:
    goal = outbound.target(address)
    return goal.scheme, goal.host, goal.port

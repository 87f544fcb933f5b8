"""How an administrator describes a gateway."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from provodnik.core import outbound
from provodnik.core.outbound import OutboundError
from provodnik.sms import filling
from provodnik.sms.models import Gateway

_PREFIX = re.compile(r"\+[1-9][0-9]{0,5}")
_PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class GatewayForm(forms.ModelForm):  # type: ignore[type-arg]
    """The secret is written, never shown, and does not travel to another address."""

    secret = forms.CharField(
        label=_("Secret"),
        required=False,
        strip=True,
        max_length=500,
        help_text=_("Stands where the template says {secret}."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = Gateway
        fields = [
            "is_active", "method", "address", "headers", "kind", "body", "wanted", "prefixes", "most_a_number",
            "most_a_day", "resets",
        ]  # fmt: skip
        widgets: ClassVar[dict[str, Any]] = {
            "address": forms.TextInput(attrs={"inputmode": "url", **_PLAIN}),
            "headers": forms.Textarea(attrs={"rows": 2, **_PLAIN, "placeholder": "Authorization: Bearer {secret}"}),
            "body": forms.Textarea(attrs={"rows": 4, **_PLAIN, "placeholder": '{"to": "{digits}", "text": "{text}"}'}),
            "prefixes": forms.TextInput(attrs=_PLAIN),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "address": _("https://… Placeholders {phone}, {digits}, {text} and {secret} may stand behind the host."),
            "headers": _("Name: value, one a line."),
            "body": _("{phone} is +79…, {digits} the same without the plus, {text} the message."),
            "wanted": _("Must stand in a good answer. Empty: any answer of success is good."),
            "prefixes": _("Beginnings of numbers, in a row: +7 +375. To others nothing is sent."),
            "resets": _("A link for a new password goes to a confirmed phone, where an account has no e-mail."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.secret_sealed:
            self.fields["secret"].help_text = _("Kept. Type a new one to replace it.")

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip()
        if not filling.has_host_of_its_own(address):
            raise ValidationError(_("The host must not depend on a message."))
        try:
            goal = outbound.target(re.sub(r"\{(phone|digits|text|secret)\}", "x", address))
            if re.fullmatch(r"[0-9a-f.:]+", goal.host):
                outbound.judged(goal.host, [goal.host], outbound.allowed())
        except OutboundError as error:
            words = _("This address is inside the network: the installation's settings must open it first.")
            raise ValidationError(words if error.code == "inside" else _("This is no address.")) from error
        return address

    def clean_headers(self) -> str:
        text = str(self.cleaned_data["headers"]).replace("\r\n", "\n").strip()
        if filling.read_headers(text) is None:
            raise ValidationError(_("Write headers as “Name: value”, one a line, ten at most."))
        return text

    def clean_prefixes(self) -> str:
        found = str(self.cleaned_data["prefixes"]).replace(",", " ").split()
        if not found or not all(_PREFIX.fullmatch(one) for one in found):
            raise ValidationError(_("Write beginnings of numbers with a plus, in a row: +7 +375."))
        return " ".join(found)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        body, kind = cleaned.get("body", ""), cleaned.get("kind")
        if kind == "json" and not filling.is_json(body):
            self.add_error("body", ValidationError(_("This is no JSON. Placeholders stand inside of quotes.")))
        everywhere = body + cleaned.get("address", "") if kind != "none" else cleaned.get("address", "")
        if "address" in cleaned and ("{text}" not in everywhere or not re.search(r"\{(phone|digits)\}", everywhere)):
            self.add_error("body", ValidationError(_("The number and the text must stand in the body or the address.")))
        moved = "address" in cleaned and cleaned["address"] != self.initial.get("address")
        if self.instance.secret_sealed and moved and not cleaned.get("secret"):
            self.add_error("secret", ValidationError(_("The address has changed: type the secret once more.")))
        return cleaned


class TestMessageForm(forms.Form):
    __test__ = False  # not a test of pytest's

    number = forms.CharField(
        label=_("Number"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})
    )

    def clean_number(self) -> str:
        digits = re.sub(r"[\s()\-–—.]", "", str(self.cleaned_data["number"]))
        digits = f"+7{digits[1:]}" if re.fullmatch(r"8[0-9]{10}", digits) else digits
        if not re.fullmatch(r"\+[1-9][0-9]{7,14}", digits):
            raise ValidationError(_("This is no phone number: it needs its code, like +7 912 345-67-89."))
        return digits

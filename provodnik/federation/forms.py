"""What an administrator writes down of directories and providers."""

from __future__ import annotations

from typing import Any, ClassVar

from cryptography import x509
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.roles import Role
from provodnik.core.decisions import Refused
from provodnik.federation.ldap import filters
from provodnik.federation.models import Directory, Provider
from provodnik.federation.oidc import provider as oidc
from provodnik.federation.setups import read_servers
from provodnik.federation.states import Admits

MOST_GROUPS = 50
ROLE_NAMES = {
    Role.SPECIALIST.value: _("specialist"),
    Role.LEAD.value: _("lead"),
    Role.ADMINISTRATOR.value: _("administrator"),
}
_PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
ADMITS = [
    (Admits.KNOWN.value, _("Employees whose personnel number is told, and who was linked by hand")),
    (Admits.EVERYBODY.value, _("Everybody who signs in there: a new account without any rights is made")),
]


def _secret(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        strip=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


def _whose(form: forms.ModelForm) -> None:  # type: ignore[type-arg]
    field = form.fields["organisation"]
    assert isinstance(field, forms.ModelChoiceField)
    field.empty_label = _("Of all organisations")


class DirectoryForm(forms.ModelForm):  # type: ignore[type-arg]
    """The password is written, never shown, and does not travel to another server."""

    logins = forms.CharField(
        label=_("Names to sign in by"),
        max_length=300,
        help_text=_("Attributes, in a row: sAMAccountName userPrincipalName, or uid mail."),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    bind_password = _secret(_("Its password"))
    groups = forms.CharField(
        label=_("Roles by groups"),
        required=False,
        max_length=20_000,
        help_text=_(
            "One a line: the group's DN, an arrow, a role (specialist, lead, administrator). Empty: they give nothing."
        ),
        widget=forms.Textarea(
            attrs={"rows": 3, **_PLAIN, "placeholder": "CN=Helpdesk,OU=Groups,DC=corp => specialist"}
        ),
    )
    admits = forms.ChoiceField(label=_("Whom it lets in"), choices=ADMITS, widget=forms.RadioSelect())

    class Meta:
        model = Directory
        fields = [
            "name", "is_active", "position", "kind", "servers", "security", "ca", "bind_dn", "base", "narrow", "logins",
            "number_attribute", "name_attribute", "email_attribute", "phone_attribute", "room_attribute",
            "organisation", "admits",
        ]  # fmt: skip
        widgets: ClassVar[dict[str, Any]] = {
            "servers": forms.Textarea(attrs={"rows": 2, **_PLAIN}),
            "ca": forms.Textarea(attrs={"rows": 3, **_PLAIN}),
            "narrow": forms.TextInput(attrs=_PLAIN),
            "bind_dn": forms.TextInput(attrs=_PLAIN),
            "base": forms.TextInput(attrs=_PLAIN),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "servers": _(
                "One a line, with a port where it is not the usual one. The next is asked when one is silent."
            ),
            "ca": _("PEM. Empty: the authorities that the system knows."),
            "bind_dn": _("An account that may search and do nothing else. Empty: the directory is searched as nobody."),
            "base": _("For example OU=Staff,DC=corp,DC=example."),
            "narrow": _("Who may sign in at all, for example (objectClass=person)."),
            "number_attribute": _(
                "Links people with employees: an attribute that nobody can change for himself, like employeeNumber."
            ),
            "position": _("The first one is asked first."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial["logins"] = " ".join(self.instance.logins)
            rows = self.instance.group_roles.all()
            self.initial["groups"] = "\n".join(f"{row.group} => {row.role}" for row in rows)
        _whose(self)
        if self.instance.bind_secret:
            self.fields["bind_password"].help_text = _("Kept. Type a new one to replace it.")

    def clean_logins(self) -> list[str]:
        names = str(self.cleaned_data["logins"]).replace(",", " ").split()
        if not 0 < len(names) <= 5 or not all(filters.attribute_is_one(name) for name in names):
            raise ValidationError(_("Write from one to five names of attributes."))
        return names

    def clean_servers(self) -> str:
        return "\n".join(str(self.cleaned_data["servers"]).split())

    def clean_narrow(self) -> str:
        text = str(self.cleaned_data["narrow"]).strip()
        if filters.why_no_filter(text):
            raise ValidationError(
                _("This is no filter: it begins and ends with a bracket, and brackets come in pairs.")
            )
        return text

    def clean_ca(self) -> str:
        text = str(self.cleaned_data["ca"]).replace("\r\n", "\n").strip()
        try:
            if text and not x509.load_pem_x509_certificates(text.encode()):
                raise ValueError
        except ValueError as error:
            raise ValidationError(
                _("This is no certificate in PEM: it begins with -----BEGIN CERTIFICATE-----.")
            ) from error
        return text

    def clean_groups(self) -> list[tuple[str, str]]:
        found = []
        for line in str(self.cleaned_data["groups"]).splitlines():
            if not line.strip():
                continue
            group, arrow, role = (part.strip() for part in line.rpartition("=>"))
            if not arrow or "=" not in group or role not in ROLE_NAMES or len(group) > 500:
                raise ValidationError(_("Not understood: %(line)s"), params={"line": line[:100]})
            found.append((group, role))
        if len(found) > MOST_GROUPS:
            raise ValidationError(_("Too many groups."))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("number", "name", "email", "phone", "room"):
            field = f"{name}_attribute"
            if cleaned.get(field) and not filters.attribute_is_one(cleaned[field]):
                self.add_error(field, ValidationError(_("This is no name of an attribute.")))
        try:
            read_servers(cleaned.get("servers", ""), cleaned.get("security", ""))
        except Refused as refused:
            self.add_error("servers", str(refused))
        moved = any(cleaned.get(name) != self.initial.get(name) for name in ("servers", "security", "bind_dn", "ca"))
        if self.instance.bind_secret and moved and cleaned.get("bind_dn") and not cleaned.get("bind_password"):
            words = _("The server or the account has changed: type the password once more.")
            self.add_error("bind_password", ValidationError(words))
        elif cleaned.get("bind_dn") and not cleaned.get("bind_password") and not self.instance.bind_secret:
            words = _("An account without a password is nobody for a directory: type its password.")
            self.add_error("bind_password", ValidationError(words))
        return cleaned

    @property
    def attributes(self) -> list[forms.BoundField]:
        names = ("number_attribute", "name_attribute", "email_attribute", "phone_attribute", "room_attribute")
        return [self[name] for name in names]


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]
    client_secret = _secret(_("Client secret"))
    admits = forms.ChoiceField(label=_("Whom it lets in"), choices=ADMITS, widget=forms.RadioSelect())

    class Meta:
        model = Provider
        fields = [
            "name", "is_active", "position", "issuer", "client_id", "scopes", "number_claim", "organisation", "admits",
        ]  # fmt: skip
        widgets: ClassVar[dict[str, Any]] = {
            "issuer": forms.TextInput(attrs={"inputmode": "url", **_PLAIN}),
            "client_id": forms.TextInput(attrs=_PLAIN),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "name": _("Stands on the button: «Sign in by …»."),
            "issuer": _("https://…, letter for letter as the provider writes it."),
            "number_claim": _(
                "A claim that links people with employees and that nobody can change for himself. Empty: by hand alone."
            ),
            "position": _("The first one stands first."),
        }
        error_messages: ClassVar[dict[str, Any]] = {"issuer": {"unique": _("There is such a provider already.")}}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _whose(self)
        if self.instance.client_secret_sealed:
            self.fields["client_secret"].help_text = _("Kept. Type a new one to replace it.")

    def clean_issuer(self) -> str:
        address = str(self.cleaned_data["issuer"]).strip()
        if code := oidc.why_no_address(address):
            words = {
                "no_tls": _("The address must begin with https://. Without it, a host inside must be opened first."),
            }
            raise ValidationError(words.get(code, _("This is no address of a provider.")))
        if "?" in address:
            raise ValidationError(_("This is no address of a provider."))
        return address

    def clean_scopes(self) -> str:
        names = str(self.cleaned_data["scopes"]).split()
        if not all(name.isascii() and name.isprintable() and '"' not in name and "\\" not in name for name in names):
            raise ValidationError(_("Scopes are words without quotes, in a row."))
        return " ".join(dict.fromkeys(["openid", *names]))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        moved = any(cleaned.get(name) != self.initial.get(name) for name in ("issuer", "client_id"))
        if self.instance.client_secret_sealed and moved and not cleaned.get("client_secret"):
            words = _("The provider or the client has changed: type the secret once more.")
            self.add_error("client_secret", ValidationError(words))
        return cleaned


class LinkForm(forms.Form):
    """Whose name in the directory an account gets."""

    name = forms.CharField(label=_("His name in the directory"), max_length=150, widget=forms.TextInput(attrs=_PLAIN))

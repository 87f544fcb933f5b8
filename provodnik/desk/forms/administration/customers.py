"""Customers, their people and contracts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from provodnik.desk.forms.administration.fields import DateField, HoursField, LinesField, ToldInWords
from provodnik.desk.models import Calendar, Contact, Contract, Customer, Subsystem
from provodnik.desk.states import DEFAULT_ALLOWANCES, DEFAULT_COMPLAINT_ALLOWANCE, Priority

_DOMAIN = re.compile(r"(?:[a-zа-яё0-9](?:[a-zа-яё0-9-]{0,61}[a-zа-яё0-9])?\.)+[a-zа-яё][a-zа-яё0-9-]{1,62}")
# Anybody may have an address there: it says nothing of whose person writes.
PUBLIC_DOMAINS = frozenset(
    {
        "mail.ru",
        "bk.ru",
        "inbox.ru",
        "list.ru",
        "internet.ru",
        "vk.com",
        "yandex.ru",
        "ya.ru",
        "rambler.ru",
        "gmail.com",
        "outlook.com",
        "hotmail.com",
        "icloud.com",
        "yahoo.com",
        "proton.me",
    }
)


class CustomerForm(forms.ModelForm):  # type: ignore[type-arg]
    domains = LinesField(
        label=_("Mail domains"),
        help_text=_("One a line. A letter from an unknown person of such a domain belongs to this customer."),
    )

    class Meta:
        model = Customer
        fields = ["name", "short_name", "domains"]
        labels: ClassVar[dict[str, Any]] = {"name": _("Name"), "short_name": _("Short name")}
        help_texts: ClassVar[dict[str, Any]] = {"short_name": _("For lists: «Верхнереченск»")}
        error_messages: ClassVar[dict[str, Any]] = {"name": {"unique": _("There is such a customer already.")}}

    def clean_domains(self) -> list[str]:
        domains: list[str] = [domain.lstrip("@") for domain in self.cleaned_data["domains"]]
        for domain in domains:
            if len(domain) > 253 or not _DOMAIN.fullmatch(domain):
                raise ValidationError(_("«%(domain)s» is not a domain.") % {"domain": domain[:80]})
            if domain in PUBLIC_DOMAINS:
                raise ValidationError(
                    _("«%(domain)s» is a public mail service: letters of strangers would become this customer's.")
                    % {"domain": domain}
                )
        return domains


class ContactForm(ToldInWords):
    class Meta:
        model = Contact
        fields = ["name", "email", "phone", "position", "organisation", "is_coordinator", "is_active"]
        labels: ClassVar[dict[str, Any]] = {
            "name": _("Full name"),
            "email": _("E-mail"),
            "phone": _("Phone"),
            "position": _("Position"),
            "organisation": _("Organisation"),
            "is_coordinator": _("Coordinator of the customer"),
            "is_active": _("Works there"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "email": _("Letters from this address are known as the person's; notices of closing go there."),
            "organisation": _("When the customer is a group of several."),
            "is_coordinator": _("Sees all requests of the customer, not only own ones."),
            "is_active": _("Without this mark the person neither signs in nor is known by e-mail."),
        }
        error_messages: ClassVar[dict[str, Any]] = {}

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        email = cleaned.get("email")
        if email:
            others = Contact.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).select_related("customer")
            if other := others.first():
                self.add_error(
                    "email",
                    _("This address belongs to %(name)s (%(customer)s).")
                    % {"name": other.name, "customer": other.customer},
                )
        return cleaned


class LinkForm(forms.Form):
    login = forms.CharField(
        label=_("Login or e-mail of the account"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )


class ContractForm(ToldInWords):
    signed_on = DateField(label=_("Signed on"), required=False)
    starts_on = DateField(label=_("In force from"), help_text=_("This day included."))
    ends_on = DateField(
        label=_("In force until"), required=False, help_text=_("This day included. Empty: without an end.")
    )
    calendar = forms.ModelChoiceField(
        label=_("Working time"),
        queryset=Calendar.objects.all(),
        required=False,
        empty_label=_("Round the clock"),
        help_text=_("Only this time counts towards a deadline."),
    )
    urgent_allowance = HoursField(label=_("Urgent, hours"))
    high_allowance = HoursField(label=_("High, hours"))
    medium_allowance = HoursField(label=_("Medium, hours"))
    low_allowance = HoursField(label=_("Low, hours"))
    complaint_allowance = HoursField(
        label=_("Answer a complaint, hours"),
        required=False,
        help_text=_("About the work of support, whatever its priority. Empty: 24 h."),
    )
    warn_before = HoursField(label=_("Warn before the deadline, hours"))

    class Meta:
        model = Contract
        fields = [
            "number",
            "signed_on",
            "starts_on",
            "ends_on",
            "calendar",
            "urgent_allowance",
            "high_allowance",
            "medium_allowance",
            "low_allowance",
            "complaint_allowance",
            "reopen_days",
            "warn_before",
            "target_share",
        ]
        labels: ClassVar[dict[str, Any]] = {
            "number": _("Number"),
            "reopen_days": _("Days to reopen"),
            "target_share": _("Closed in time, %"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "reopen_days": _("Within them an answer reopens a closed request; later it becomes a new one."),
            "target_share": _("The share promised by the contract. Empty: it promises none."),
        }

    ALLOWANCES = ("urgent_allowance", "high_allowance", "medium_allowance", "low_allowance")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for priority in Priority:
            hours = int(DEFAULT_ALLOWANCES[priority].total_seconds() // 3600)
            self.fields[f"{priority.value}_allowance"].help_text = _("By the regulation %(hours)d h") % {"hours": hours}
        self.fields["reopen_days"].widget.attrs["max"] = 365
        self.fields["target_share"].widget.attrs.update({"min": 1, "max": 100})

    def clean_complaint_allowance(self) -> timedelta:
        return self.cleaned_data["complaint_allowance"] or DEFAULT_COMPLAINT_ALLOWANCE

    def clean_reopen_days(self) -> int:
        days = int(self.cleaned_data["reopen_days"])
        if days > 365:
            raise ValidationError(_("At most 365 days."))
        return days

    def clean_target_share(self) -> int | None:
        share: int | None = self.cleaned_data["target_share"]
        if share is not None and not 1 <= share <= 100:
            raise ValidationError(_("From 1 to 100 per cent."))
        return share

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("It ends before it begins."))
        return cleaned

    @property
    def allowance_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.ALLOWANCES]


class SubsystemForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Subsystem
        fields = ["name", "position", "is_active"]
        labels: ClassVar[dict[str, Any]] = {
            "name": _("Name"),
            "position": _("Place in the list"),
            "is_active": _("Offered in new requests"),
        }
        error_messages: ClassVar[dict[str, Any]] = {"name": {"unique": _("There is such a subsystem already.")}}

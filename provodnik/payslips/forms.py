"""What the pages of payslips read from an address or a form."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from provodnik.payslips.content import KOPECK, MOST_WHOLE


class MoneyField(forms.CharField):
    """Roubles as people type them: «9 876 543,21», «9876543.21 ₽» → Decimal of two places."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=30, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **more)

    def to_python(self, value: Any) -> Any:
        text = re.sub(r"[\s\u00a0\u202f₽]", "", str(super().to_python(value))).replace(",", ".").replace("−", "-")
        if not text:
            return None
        try:
            amount = Decimal(text) if re.fullmatch(r"-?\d{1,12}(\.\d{1,2})?", text) else None
        except InvalidOperation:
            amount = None
        if amount is None or abs(amount) >= MOST_WHOLE:
            raise ValidationError(_("Roubles and kopecks: 9 876 543,21."))
        return amount.quantize(KOPECK)

    def validate(self, value: Any) -> None:
        if value is None and self.required:
            raise ValidationError(self.error_messages["required"])

    def run_validators(self, value: Any) -> None:
        """The text was judged above."""


class CheckForm(forms.Form):
    """The totals of 1C's own register."""

    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    count = forms.IntegerField(label=_("Payslips in the register"), min_value=0, max_value=10**7)
    to_pay = MoneyField(label=_("To be paid by the register, ₽"))


class ScheduleForm(forms.Form):
    """Now, or a moment on the organisation's own clock."""

    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    when = forms.CharField(
        label=_("Publish at"),
        required=False,
        max_length=40,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )

    def moment(self, zone: str, now: datetime) -> datetime:
        """Raises ValidationError. Nothing chosen means now."""
        text = self.cleaned_data.get("when", "")
        if not text:
            return now
        try:
            local = datetime.fromisoformat(text)
        except ValueError as error:
            raise ValidationError(_("A day and a time are expected.")) from error
        try:
            return local if local.tzinfo is not None else local.replace(tzinfo=ZoneInfo(zone))
        except OverflowError as error:
            raise ValidationError(_("A day and a time are expected.")) from error


class RevisionForm(forms.Form):
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("The worker reads it.")
    )


class WithdrawAllForm(ReasonForm):
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


class PackForm(forms.Form):
    key = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)
    unit = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class AskForm(forms.Form):
    key = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)
    line = forms.IntegerField(required=False, min_value=0, max_value=32_000, widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("Question to the accountant"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Answer to the worker"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("It stays by the line; the worker is told that there is one, without sums."),
    )  # fmt: skip

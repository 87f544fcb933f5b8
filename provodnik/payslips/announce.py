"""Notices under the bell: that there is something to read, never what: no sums, no names of lines (cabinet B2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.notify.actions import Told, notify, tell_each
from provodnik.payslips.models import PayQuestion, PayslipVersion
from provodnik.payslips.words import of_month


def published(ids: Sequence[int], *, at: datetime) -> None:
    """To each of these versions' workers who has an account. Two statements for a portion."""
    lines = []
    for version in _theirs(ids):
        slip, user = version.payslip, version.payslip.employment.person.user_id
        told = _("The payslip %(month)s is ready") if version.number == 1 else _("The payslip %(month)s was corrected")
        if user is not None:
            text = told % {"month": of_month(slip.period, slip.part)}
            lines.append(Told(user, f"payslip:{version.pk}", text, reverse("payslips:show", args=[slip.pk])))
    tell_each(lines, at=at)


def withdrawn(ids: Sequence[int], *, at: datetime) -> None:
    last = {version.payslip_id: version for version in _theirs(ids)}  # one line, however many versions there were
    lines = []
    for version in last.values():
        slip, user = version.payslip, version.payslip.employment.person.user_id
        if user is not None:
            text = _("The payslip %(month)s was taken back") % {"month": of_month(slip.period, slip.part)}
            lines.append(Told(user, f"payslip:back:{version.pk}", text, reverse("payslips:index")))
    tell_each(lines, at=at)


def _theirs(ids: Sequence[int]) -> list[PayslipVersion]:
    rows = PayslipVersion.objects.filter(pk__in=ids, payslip__employment__person__user__is_active=True)
    return list(rows.select_related("payslip__employment__person").order_by("pk"))


def asked(question: PayQuestion, *, at: datetime) -> None:
    """To the payroll accountants of the organisation."""
    url = reverse("payslips:question", args=[question.pk])
    notify(
        User.objects.filter(staff_of__organisation=question.organisation_id, staff_of__role="payroll").distinct(),
        key=f"payquestion:{question.pk}",
        text=_("A question about a payslip"),
        url=url,
        at=at,
    )


def answered(question: PayQuestion, *, at: datetime) -> None:
    """To who asked."""
    version = question.version
    slip = version.payslip
    if question.asked_by is None:
        return
    notify(
        [question.asked_by],
        key=f"payanswer:{question.pk}",
        text=_("The accountant has answered your question about the payslip %(month)s")
        % {"month": of_month(slip.period, slip.part)},
        url=f"{reverse('payslips:version', args=[slip.pk, version.number])}#q{question.pk}",
        at=at,
    )

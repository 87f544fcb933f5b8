"""Words of payslips: months, parts, states."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils.dates import MONTHS
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from provodnik.payslips.content import Change, Line
from provodnik.payslips.states import BatchState, Group, Happened, Looked, Pay
from provodnik.ui.text import NBSP, number

Words = str | Promise

PARTS: dict[str, Words] = {
    Pay.FIRST.value: gettext_lazy("First half of the month"),
    Pay.FINAL.value: gettext_lazy("Final calculation"),
    Pay.BETWEEN.value: gettext_lazy("Payment between the pay days"),
}
GROUPS: dict[str, Words] = {
    Group.PAY.value: gettext_lazy("Wage"),
    Group.OTHER.value: gettext_lazy("Other accruals"),
    Group.DEDUCTION.value: gettext_lazy("Deductions"),
    Group.PAYMENT.value: gettext_lazy("Paid out already"),
}
STATES: dict[str, tuple[Words, str, str]] = {
    BatchState.LOADED.value: (gettext_lazy("Totals to be compared"), "warning", "circle-alert"),
    BatchState.CHECKED.value: (gettext_lazy("Checked, not published"), "info", "list-checks"),
    BatchState.SCHEDULED.value: (gettext_lazy("Waits for its moment"), "info", "clock"),
    BatchState.PUBLISHING.value: (gettext_lazy("Being published"), "info", "loader-circle"),
    BatchState.PUBLISHED.value: (gettext_lazy("Payslips are published"), "success", "circle-check"),
}
EVENTS: dict[str, tuple[Words, str]] = {
    Happened.LOADED.value: (gettext_lazy("Payslips have come from 1C"), "download"),
    Happened.CHECKED.value: (gettext_lazy("Totals compared"), "list-checks"),
    Happened.SCHEDULED.value: (gettext_lazy("Publishing decided"), "clock"),
    Happened.UNSCHEDULED.value: (gettext_lazy("Publishing called off"), "undo-2"),
    Happened.PUBLISHED.value: (gettext_lazy("Payslips are published"), "send"),
    Happened.WITHDRAWN.value: (gettext_lazy("Payslips taken back"), "rotate-ccw"),
    Happened.PRINTED.value: (gettext_lazy("Pack for printing made"), "printer"),
}
LOOKS: dict[str, Words] = {
    Looked.PAGE.value: gettext_lazy("on the screen"),
    Looked.FILE.value: gettext_lazy("as a PDF"),
    Looked.PACK.value: gettext_lazy("in a printed pack"),
}


def month_name(period: date) -> str:
    """«октябрь 2026»."""
    return f"{str(MONTHS[period.month]).lower()}{NBSP}{period.year}"


def month_alone(period: date) -> str:
    """«октябрь»."""
    return str(MONTHS[period.month]).lower()


def of_month(period: date, part: str) -> str:
    """«за октябрь 2026», «за первую половину октября» in words that notices use."""
    if part == Pay.FIRST.value:
        return _("for the first half: %(month)s") % {"month": month_name(period)}
    if part == Pay.BETWEEN.value:
        return _("for a payment in between: %(month)s") % {"month": month_name(period)}
    return _("for %(month)s") % {"month": month_name(period)}


def roubles(amount: Decimal) -> str:
    """«42 011,02 ₽»."""
    return f"{number(amount, 2)}{NBSP}₽"


def quantity(value: Decimal) -> str:
    """Days or hours: as 1C says them, without zeros at the end."""
    return number(value.normalize() if value != value.to_integral_value() else value.quantize(Decimal(1)))


def days_of(value: Decimal) -> str:
    """«22 дня», «20,5 дня»."""
    if value != value.to_integral_value():
        return _("%(count)s days (a fraction)") % {"count": quantity(value)}
    whole = int(value)
    return ngettext("%(count)d day", "%(count)d days", whole) % {"count": whole}


def details(line: Line) -> list[str]:
    """What a line was counted from."""
    counted = [days_of(line.days)] if line.days is not None else []
    if line.hours is not None:
        counted.append(_("%(count)s h") % {"count": quantity(line.hours)})
    found = [", ".join(counted)] if counted else []
    if line.period is not None:
        found.append(_("for %(month)s") % {"month": month_name(line.period)})
    return [*found, line.ground] if line.ground else found


def days_instead(now: Decimal, before: Decimal) -> str:
    return _("%(now)s instead of %(before)s") % {"now": days_of(now), "before": quantity(before)}


def came_or_went(change: Change) -> str:
    if change.before is None and change.now is not None:
        return _("was not there before")
    if change.now is None and change.before is not None:
        return _("is not there any more")
    return ""

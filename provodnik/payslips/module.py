"""The front door of payslips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.parts import Finding, NavItem, Part, address
from provodnik.payslips.actions.publishing import due
from provodnik.payslips.actions.reading import LOOKED
from provodnik.payslips.actions.taking import KIND, take
from provodnik.payslips.models import PayQuestion
from provodnik.payslips.policies import keeps_payslips
from provodnik.people.policies import works_here

LATE = timedelta(days=3)


def menu(request: HttpRequest) -> Sequence[NavItem]:
    """Costs no statement. Inside the accountant's own section, its pages."""
    user = request.user
    if not isinstance(user, User) or not works_here(user):
        return []
    home, batches, questions = address("payslips:index"), address("payslips:batches"), address("payslips:questions")
    keeping = request.path.startswith((batches, questions))
    inside = user.is_desk or user.is_administrator
    group = _("More") if inside else ""
    mine = request.path.startswith(home) and not keeping
    lines = [NavItem(_("Pay"), home, "wallet", current=mine, group=group)]
    if keeping:
        lines += [
            NavItem(
                _("Publishing of payslips"), batches, "send", current=request.path.startswith(batches), group=group,
                short=_("Payslips")
            ),
            NavItem(
                _("Questions about pay"), questions, "message-circle-question",
                current=request.path.startswith(questions), group=group, short=_("Questions"),
            ),
        ]  # fmt: skip
    return lines


def menu_of_former(request: HttpRequest) -> Sequence[NavItem]:
    url = address("payslips:index")
    return [NavItem(_("Pay"), url, "wallet", current=request.path.startswith(url))]


def way_from_people(user: User) -> tuple[str, str, str] | None:
    """(words, address, icon) beside the directory, for payroll accountants."""
    return (_("Payslips"), address("payslips:batches"), "wallet") if keeps_payslips(user) else None


def looked_at() -> dict[str, str]:
    return {LOOKED: _("payslip")}


def check_payslips() -> Iterable[Finding]:
    """What should have been published, and questions that nobody answers."""
    now = timezone.now()
    late = len(due(now=now - timedelta(minutes=10)))
    if late:
        yield Finding("error", _("Batches of payslips whose moment has passed: %(count)d.") % {"count": late})
    waiting = PayQuestion.objects.filter(answered_at__isnull=True, asked_at__lt=now - LATE).count()
    if waiting:
        yield Finding(
            "warning", _("Questions about pay without an answer for three days: %(count)d.") % {"count": waiting}
        )
    if not late and not waiting:
        yield Finding("ok", _("Payslips are published in time, questions answered."))


PART = Part(
    name="payslips",
    menu=menu,
    checks=[("payslips", check_payslips)],
    extra={
        "exchange_takes": {KIND: take},
        "looks_at_people": looked_at,
        "beside_people": way_from_people,
        "former_may": {"payslips:index", "payslips:show", "payslips:version", "payslips:pdf", "payslips:ask"},
        "menu_of_former": menu_of_former,
    },
)

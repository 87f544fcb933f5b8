"""The payroll accountant's pages: batches, the control page of one, its payslips, its publishing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from provodnik.core.decisions import Refused
from provodnik.payslips.actions import publishing, withdrawing
from provodnik.payslips.forms import CheckForm, PackForm, ReasonForm, RevisionForm, ScheduleForm, WithdrawAllForm
from provodnik.payslips.models import PayBatch
from provodnik.payslips.policies import kept_versions, may_check, may_schedule, may_unschedule, visible_batches
from provodnik.payslips.queries import control
from provodnik.payslips.queries import keeping as queries
from provodnik.payslips.states import BatchState
from provodnik.payslips.views.common import keeping, page
from provodnik.payslips.words import STATES
from provodnik.people.forms import number as id_of
from provodnik.people.views.common import me


def of(request: HttpRequest, pk: int) -> PayBatch:
    """The batch, for its organisation's accountant."""
    rows = visible_batches(me(request)).select_related("organisation", "checked_by", "published_by")
    batch = rows.filter(pk=pk).first()
    if batch is None:
        raise Http404
    return batch


@keeping
@require_safe
def batches(request: HttpRequest) -> HttpResponse:
    user = me(request)
    houses = queries.houses(user)
    wanted = id_of(request.GET.get("organisation"))
    house = next((one for one in houses if one.pk == wanted), None)
    if wanted is not None and house is None:
        raise Http404
    found = queries.batches(user, organisation=house.pk if house else None, after=request.GET.get("after"))
    context = {
        "page": found,
        "houses": houses,
        "house": house,
        "later": "after" in request.GET,
        "waiting": queries.open_questions(user),
    }
    return page(request, "payslips/batches.html", context)


@keeping
@require_safe
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    return control_page(request, of(request, pk))


def control_page(request: HttpRequest, row: PayBatch, *, status: int = 200, **forms: Form) -> HttpResponse:
    """`forms`: those with errors, by the names that the template has."""
    is_underway = row.state == BatchState.PUBLISHING.value
    context: dict[str, Any] = {
        "batch": row,
        "state": STATES[row.state],
        "is_underway": is_underway,
        "check_form": forms.get("check_form") or CheckForm(initial={"revision": row.revision}),
        "schedule_form": forms.get("schedule_form") or ScheduleForm(initial={"revision": row.revision}),
        "revision_form": RevisionForm(initial={"revision": row.revision}),
        "withdraw_form": forms.get("withdraw_form") or WithdrawAllForm(initial={"revision": row.revision}),
        "pack_form": forms.get("pack_form") or PackForm(),
        "may_check": may_check(row),
        "may_schedule": may_schedule(row),
        "may_unschedule": may_unschedule(row),
        "control": control.control(row),
        "events": queries.history(row),
        "packs": (packs := queries.packs(row)),
        "is_packing": any(pack.is_underway for pack in packs),
    }
    context["spots"] = control.spots(row) if context["control"].fresh else []
    context["units"] = (
        queries.units_with_paper(row) if context["control"].without_account and context["control"].published else []
    )
    return page(request, "payslips/batch.html", context, status=status)


def _decide(request: HttpRequest, pk: int, name: str, form: Form, act: Callable[[PayBatch], str]) -> HttpResponse:
    """One decision about a batch: carried out and said, or the page again with the reason beside its field."""
    row = of(request, pk)
    if form.is_valid():
        try:
            messages.success(request, act(row))
            return redirect("payslips:batch", row.pk)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        except ValidationError as wrong:
            form.add_error("when", wrong)
    return control_page(request, of(request, pk), status=422, **{name: form})


@keeping
@require_POST
def check(request: HttpRequest, pk: int) -> HttpResponse:
    form = CheckForm(request.POST)

    def act(row: PayBatch) -> str:
        given = form.cleaned_data
        publishing.check(
            row.pk, count=given["count"], to_pay=given["to_pay"], revision=given["revision"], by=me(request),
            at=timezone.now(),
        )  # fmt: skip
        return _("The totals agree. Now say when the payslips are to be seen.")

    return _decide(request, pk, "check_form", form, act)


@keeping
@require_POST
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    form = ScheduleForm(request.POST)

    def act(row: PayBatch) -> str:
        now = timezone.now()
        when = form.moment(row.organisation.zone, now)
        publishing.schedule(row.pk, when=when, revision=form.cleaned_data["revision"], by=me(request), at=now)
        return _("Decided: the payslips will be seen at that moment.") if when > now else _("They are being published.")

    return _decide(request, pk, "schedule_form", form, act)


@keeping
@require_POST
def unschedule(request: HttpRequest, pk: int) -> HttpResponse:
    form = RevisionForm(request.POST)

    def act(row: PayBatch) -> str:
        publishing.unschedule(row.pk, revision=form.cleaned_data["revision"], by=me(request), at=timezone.now())
        return _("Called off. Nobody sees them until you say when.")

    return _decide(request, pk, "revision_form", form, act)


@keeping
@require_POST
def withdraw_batch(request: HttpRequest, pk: int) -> HttpResponse:
    form = WithdrawAllForm(request.POST)

    def act(row: PayBatch) -> str:
        given = form.cleaned_data
        count = withdrawing.withdraw_all(
            row.pk, reason=given["reason"], revision=given["revision"], by=me(request), at=timezone.now()
        )
        return ngettext("%(count)d payslip was taken back.", "%(count)d payslips were taken back.", count) % {
            "count": count
        }

    return _decide(request, pk, "withdraw_form", form, act)


@keeping
@require_POST
def withdraw(request: HttpRequest, slip: int) -> HttpResponse:
    """One payslip; a correction that is published later opens it again."""
    version = kept_versions(me(request)).filter(payslip=slip).select_related("payslip").order_by("-number").first()
    if version is None:
        raise Http404
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why: the worker reads it."))
        return redirect("payslips:show", slip)
    try:
        withdrawing.withdraw(slip, reason=form.cleaned_data["reason"], by=me(request), at=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Taken back. The worker reads the reason and no sums."))
    return redirect("payslips:show", slip)


def _typed(request: HttpRequest) -> str:
    return " ".join(request.GET.get("q", "").replace("\0", " ")[:100].split())


@keeping
@require_safe
def slips(request: HttpRequest, pk: int) -> HttpResponse:
    row, which = of(request, pk), request.GET.get("which", "")
    found = queries.slips(row, which=which, typed=_typed(request), after=id_of(request.GET.get("after")))
    context = {"batch": row, "page": found, "which": which, "typed": _typed(request)}
    return page(request, "payslips/slips.html", context)


@keeping
@require_safe
def missing(request: HttpRequest, pk: int) -> HttpResponse:
    row = of(request, pk)
    found = queries.missing(row, typed=_typed(request), after=id_of(request.GET.get("after")))
    context = {"batch": row, "page": found, "which": "missing", "typed": _typed(request)}
    return page(request, "payslips/slips.html", context)

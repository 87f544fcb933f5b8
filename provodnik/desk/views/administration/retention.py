"""Retention and erasure: rules, what goes tonight, holds, acts, a person's demand."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.accounts.views.confirm import sure_only
from provodnik.core.decisions import Refused
from provodnik.core.models import ErasureAct
from provodnik.core.text import formula_safe
from provodnik.desk import act_words
from provodnik.desk.actions import erasure_jobs, forgetting, retention
from provodnik.desk.forms.administration.retention import ForgetForm, HoldForm, RuleForm
from provodnik.desk.models import Contact, Contract, LegalHold, RetentionRule, Ticket
from provodnik.desk.queries import retention as queries
from provodnik.desk.views.administration.common import administrators_only, do, handle, me, paged, put

form_methods = require_http_methods(["GET", "HEAD", "POST"])
HERE = "settings:retention"
LATEST = 10


@administrators_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The rules, who is kept whole, the latest acts."""
    rules = {rule.contract_id: rule for rule in queries.rules()}
    today = timezone.localdate()
    contracts = Contract.objects.select_related("customer").exclude(ends_on__lt=today).order_by("customer__name")[:200]
    context = {
        "default": rules.get(None) or RetentionRule(),
        "contracts": [(contract, rules.get(contract.pk)) for contract in contracts],
        "others": [rule for pk, rule in rules.items() if pk is not None and pk not in {one.pk for one in contracts}],
        "holds": LegalHold.objects.filter(until__isnull=True).order_by("-since", "-id")[:LATEST],
        "acts": [act_words.told(act) for act in ErasureAct.objects.order_by("-begun_at", "-id")[:LATEST]],
    }
    return render(request, "desk/settings/retention.html", context)


def _rule(request: HttpRequest, rule: RetentionRule, *, heading: str, back: str, **more: Any) -> HttpResponse:
    form = RuleForm(request.POST or None, instance=rule)
    return handle(
        request,
        form,
        "desk/settings/retention_rule.html",
        save=lambda: retention.keep_rule(form.save(commit=False), by=me(request), at=timezone.now()),
        told=_("The rule is saved: the next night follows it."),
        to=reverse(HERE),
        heading=heading,
        back=back,
        **more,
    )


@administrators_only
@sure_only(HERE)
@form_methods
def default_rule(request: HttpRequest) -> HttpResponse:
    return _rule(request, queries.default_rule(), heading=_("Every other contract"), back=reverse(HERE))


@administrators_only
@sure_only(HERE)
@form_methods
def contract_rule(request: HttpRequest, pk: int) -> HttpResponse:
    contract = get_object_or_404(Contract.objects.select_related("customer"), pk=pk)
    rule = RetentionRule.objects.filter(contract=contract).first() or RetentionRule(contract=contract)
    heading = _("Contract %(number)s") % {"number": contract.number}
    return _rule(request, rule, heading=heading, back=reverse(HERE), contract=contract)


@administrators_only
@require_safe
def tonight(request: HttpRequest) -> HttpResponse:
    """What the rules would erase now: the dry run."""
    now = timezone.now()
    default = queries.default_rule()
    strays = queries.months_before(now, default.strays_months) if default.strays_months is not None else None
    lines = queries.journal_before(default, now=now)
    forecasts = [
        (queries.forecast(part), act_words.WHAT[part.what.value]())
        for rule in queries.rules()
        for part in queries.parts_of(rule, now=now)
    ]
    context = {
        "forecasts": forecasts,
        "goes": any(one.requests or one.files or one.letters for one, _what in forecasts),
        "strays": len(queries.strays_due(strays)) if strays else None,
        "journal": queries.journal_due(lines)[: queries.MOST].count() if lines else None,
        "most": queries.MOST,
        "now": now,
    }
    return render(request, "desk/settings/retention_tonight.html", context)


@administrators_only
@form_methods
def holds(request: HttpRequest) -> HttpResponse:
    """Which requests are kept whole; POST: one more."""
    form = HoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            retention.hold(**form.cleaned_data, by=me(request), at=timezone.now())
        except Refused as refused:
            put(form, refused)
        else:
            messages.success(request, _("The request is kept whole until the hold is lifted."))
            return redirect("settings:holds")
    rows = LegalHold.objects.select_related("by", "lifted_by").order_by("until", "-since", "-id")
    context = {"form": form, "page": paged(request, rows)}
    return render(request, "desk/settings/holds.html", context, status=422 if form.errors else 200)


@administrators_only
@require_POST
def lift_hold(request: HttpRequest, pk: int) -> HttpResponse:
    made = get_object_or_404(LegalHold, pk=pk)
    return do(
        request,
        lambda: retention.lift(made, by=me(request), at=timezone.now()),
        told=_("The hold is lifted: the request follows its rule again."),
        to=reverse("settings:holds"),
    )


@administrators_only
@require_safe
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """An act of erasure: by which rule, what, how many, when; progress while it runs."""
    found = get_object_or_404(ErasureAct, pk=pk)
    lines = [line for lines in found.steps.order_by("pk").values_list("lines", flat=True)[:20] for line in lines]
    by = User.objects.filter(pk=found.by).first() if found.by is not None else None
    context = {"act": act_words.told(found), "lines": act_words.lines(found, lines[:200]), "by": by}
    return render(request, "desk/settings/act.html", context)


@administrators_only
@require_safe
def act_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole act as a table, to be signed and filed (order of Roskomnadzor No. 179 of 28.10.2022)."""
    found = get_object_or_404(ErasureAct, pk=pk)
    journal.looked(me(request), "core.erasureact", pk, at=timezone.now(), verb="downloaded")
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text, delimiter=";")
    told = act_words.told(found)
    by = User.objects.filter(pk=found.by).first() if found.by is not None else None
    for name, value in [*told.facts, (_("Asked for by"), by.full_name if by else _("the nightly job"))]:
        writer.writerow([formula_safe(str(name)), formula_safe(str(value))])
    writer.writerow([])
    writer.writerow([_("Request"), _("What"), _("By which rule"), _("How many")])
    for lines in found.steps.order_by("pk").values_list("lines", flat=True).iterator(chunk_size=100):
        for line in act_words.lines(found, lines):
            writer.writerow([line.number, *(formula_safe(one) for one in (line.what, line.rule, line.counts))])
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="act-{found.pk}.csv"'
    return response


@administrators_only
@sure_only(HERE)
@form_methods
def forget_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's demand to be erased."""
    contact = get_object_or_404(Contact.objects.select_related("customer", "user"), pk=pk)
    form = ForgetForm(request.POST or None)
    may = forgetting.may_forget(contact)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            begun = erasure_jobs.ask_to_forget(
                contact, texts=typed["texts"] == "erase", reason=typed["reason"], by=me(request), at=timezone.now()
            )
        except Refused as refused:
            put(form, refused)
        else:
            messages.success(request, _("The erasure has begun. The act tells how far it is."))
            return redirect("settings:act", pk=begun.pk)
    own = Ticket.objects.filter(contact_id=contact.pk)
    context = {
        "form": form,
        "contact": contact,
        "may": may,
        "requests": own.count(),
        "erased": own.filter(erased_at__isnull=False).count(),
        "hints": {
            "keep": gettext_lazy("The desk may still learn from them."),
            "erase": gettext_lazy("Nothing of them remains."),
        },
    }
    return render(request, "desk/settings/forget.html", context, status=422 if form.errors else 200)

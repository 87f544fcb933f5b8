"""Pages of taking over: files and their form, one file's report."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.core.decisions import Refused
from provodnik.desk.views.administration.common import administrators_only, me, put
from provodnik.transfer import queries
from provodnik.transfer.actions import running
from provodnik.transfer.forms import BringForm
from provodnik.transfer.models import OUTCOMES, Transfer
from provodnik.transfer.states import Kind


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """What was brought, and the form for more."""
    user, now = me(request), timezone.now()
    form = BringForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            made = running.bring(
                typed["file"],
                name=typed["file"].name,
                kind=Kind(typed["kind"]),
                source=typed["source"],
                key=typed["key"],
                by=user,
                at=now,
            )
        except Refused as refused:
            put(form, refused)
        else:
            return redirect("transfer:show", pk=made.pk)
    context = {"form": form, "rows": queries.latest(), "now": now}
    return render(request, "transfer/index.html", context, status=422 if form.is_bound and form.errors else 200)


def _one(pk: int) -> Transfer:
    return get_object_or_404(Transfer.objects.select_related("by"), pk=pk)


@administrators_only
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, and the report line by line."""
    transfer = _one(pk)
    outcome = request.GET.get("outcome", "")
    after = request.GET.get("after", "")
    found = queries.lines(transfer, outcome, int(after) if after.isdecimal() and len(after) < 10 else 0)
    shown = found[: queries.SHOWN]
    context: dict[str, Any] = {
        "transfer": transfer,
        "lines": [(line, queries.address(transfer, line.thing)) for line in shown],
        "aside": transfer.aside[: queries.SHOWN],
        "outcome": outcome,
        "outcomes": [
            ("", _("All"), transfer.done),
            *((value, label, getattr(transfer, value)) for value, label in OUTCOMES),
        ],
        "after": shown[-1].place if len(found) > queries.SHOWN else None,
        "now": timezone.now(),
    }
    return render(request, "transfer/show.html", context)


def _counted(transfer: Transfer) -> list[tuple[str, object, int]]:
    return [(value, label, getattr(transfer, value)) for value, label in OUTCOMES]


@administrators_only
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take over what was looked through."""
    return _done(request, pk, running.take, "")


@administrators_only
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    return _done(request, pk, running.stop, _("Stopped. What was taken over stays."))


def _done(request: HttpRequest, pk: int, action: Any, told: str) -> HttpResponse:
    try:
        action(pk, by=me(request), at=timezone.now())
    except Transfer.DoesNotExist as error:
        raise Http404 from error
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        if told:
            messages.success(request, told)
    return redirect("transfer:show", pk=pk)


@administrators_only
@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """The report as a table."""
    answer: Any = StreamingHttpResponse(queries.as_csv(_one(pk)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="transfer-{pk}.csv"'
    answer["X-Content-Type-Options"] = "nosniff"
    made: HttpResponse = answer
    return made

"""Tables as files, and the report to print."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from provodnik.accounts import journal
from provodnik.core import files
from provodnik.core.decisions import Refused
from provodnik.desk.models import Customer
from provodnik.quality import papers, periods
from provodnik.quality.actions import exports
from provodnik.quality.models import Export
from provodnik.quality.policies import Scope, may_have
from provodnik.quality.queries import exports as queries
from provodnik.quality.queries.filters import Filters
from provodnik.quality.queries.paper import paper
from provodnik.quality.views.common import address, filters_of, frame_of, report_only

TYPES = {
    Export.Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Export.Kind.CSV: "text/csv; charset=utf-8",
}


class AskForm(forms.Form):
    """Which file, of what the address filters."""

    key = forms.UUIDField(widget=forms.HiddenInput())
    kind = forms.ChoiceField(choices=Export.Kind.choices)


def _context(request: HttpRequest, scope: Scope, filters: Filters) -> dict[str, Any]:
    shown = queries.of(scope)
    today = timezone.localdate()
    return {
        "frame": frame_of(scope),
        "filters": filters,
        "query": address("quality:files", filters, scope).partition("?")[2],
        "back": address("quality:index", filters, scope),
        "described": queries.described(filters, scope),
        "files": [(one, Filters.read(one.query, scope, today=timezone.localdate(one.asked_at))) for one in shown],
        "busy": any(one.is_underway for one in shown),
        "kept_days": exports.KEPT.days,
        "form": AskForm(initial={"key": uuid.uuid4(), "kind": Export.Kind.XLSX}),
        "now": timezone.now(),
        "today": today,
    }


@report_only
@require_safe
def index(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The files of the asker with how far each is, and a form for another. Asked by the script: the list alone."""
    context = _context(request, scope, filters_of(request, scope))
    if getattr(request, "htmx", False):
        return render(request, "quality/_files.html", context)
    return render(request, "quality/files.html", context)


@report_only
@require_POST
def ask(request: HttpRequest, scope: Scope) -> HttpResponse:
    filters = filters_of(request, scope)
    form = AskForm(request.POST)
    if form.is_valid():
        try:
            kind = Export.Kind(form.cleaned_data["kind"])
            exports.ask(scope, filters, kind, key=form.cleaned_data["key"], at=timezone.now())
            return redirect(address("quality:files", filters, scope))
        except Refused as refused:
            form.add_error(None, str(refused))
    context = {**_context(request, scope, filters), "form": form}
    return render(request, "quality/files.html", context, status=422)


@report_only
@require_POST
def cancel(request: HttpRequest, scope: Scope, pk: int) -> HttpResponse:
    export = get_object_or_404(_own(scope), pk=pk)
    exports.cancel(export.pk, by=scope.user, at=timezone.now())
    return redirect(reverse("quality:files"))


@report_only
@require_safe
def download(request: HttpRequest, scope: Scope, pk: int) -> HttpResponseBase:
    """The file, for who asked for it while he may see what is in it; nothing of it runs in our origin."""
    export = get_object_or_404(_own(scope).select_related("blob"), pk=pk, state=Export.State.DONE)
    if export.blob is None or not may_have(scope, export):
        raise Http404
    try:
        stream = files.open_stream(export.blob)
    except OSError as error:  # the disk has lost it: doctor tells
        raise Http404 from error
    if request.method == "GET":
        journal.looked(scope.user, "quality.export", pk, at=timezone.now(), verb="downloaded")
    kind = TYPES[Export.Kind(export.kind)]
    response: HttpResponseBase
    if stream is not None:
        response = FileResponse(stream, content_type=kind)
    else:
        response = HttpResponse(files.read(export.blob), content_type=kind)
    name = _named(str(export.query.get("period", "")))
    return _attached(response, f"{name}.{export.kind}", export.blob.size)


def _own(scope: Scope) -> QuerySet[Export]:
    return Export.objects.filter(user=scope.user, scope=scope.name)


@report_only
@require_safe
def to_print(request: HttpRequest, scope: Scope, customer: int, period: str) -> HttpResponseBase:
    """The report for a customer as a PDF. A specialist reads the whole desk's, as the customer does."""
    chosen = periods.read(period)
    if chosen is None or (not scope.is_desk and scope.customer_id != customer):
        raise Http404
    found = get_object_or_404(Customer, pk=customer)
    now = timezone.now()
    made = papers.render("report", paper(found, chosen, scope, now=now), at=now)
    if request.method == "GET":
        journal.looked(scope.user, "quality.report", chosen.key, at=now, customer=customer, verb="downloaded")
    name = _named(f"{found} {chosen.key}")
    return _attached(HttpResponse(made, content_type="application/pdf"), f"{name}.pdf", len(made))


def _named(what: str) -> str:
    return _("Quality of support %(what)s") % {"what": what}


def _attached(response: HttpResponseBase, name: str, size: int) -> HttpResponseBase:
    response["Content-Length"] = str(size)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response

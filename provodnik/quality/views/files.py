"""Tables as files, and the report to print."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from provodnik.accounts import journal
from provodnik.core import files
from provodnik.core.decisions import Refused
from provodnik.desk.forms.journal import JournalForm
from provodnik.desk.models import Customer
from provodnik.desk.views.administration.common import administrators_only, me
from provodnik.quality import papers, periods
from provodnik.quality.actions import exports
from provodnik.quality.models import Export
from provodnik.quality.policies import JOURNAL, Scope, may_have, may_print
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


def _listed(shown: list[tuple[Export, str]]) -> dict[str, Any]:
    """What both pages of files show. `shown`: each file with what it is of."""
    return {
        "files": shown,
        "busy": any(one.is_underway for one, _of in shown),
        "kept_days": exports.KEPT.days,
        "form": AskForm(initial={"key": uuid.uuid4(), "kind": Export.Kind.XLSX}),
        "now": timezone.now(),
    }


def _context(request: HttpRequest, scope: Scope, filters: Filters) -> dict[str, Any]:
    shown = [
        (one, Filters.read(one.query, scope, today=timezone.localdate(one.asked_at)).period.label())
        for one in queries.of(scope.user, Export.Of.REQUESTS, scope.name)
    ]
    return {
        **_listed(shown),
        "frame": frame_of(scope),
        "heading": _("Tables of requests"),
        "sub": _(
            "All requests of the period with their figures, one a line. The file is made in the background: "
            "you may leave the page."
        ),
        "here": address("quality:files", filters, scope),
        "ask": address("quality:ask", filters, scope),
        "back": address("quality:index", filters, scope),
        "back_words": _("Back to the report"),
        "described": [(_("Period"), filters.period.label()), *queries.described(filters, scope)],
    }


def _shown(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Asked by the script while a file is made: the list alone."""
    if getattr(request, "htmx", False):
        return render(request, "quality/_files.html", context)
    return render(request, "quality/files.html", context, status=status)


@report_only
@require_safe
def index(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The files of the asker with how far each is, and a form for another."""
    return _shown(request, _context(request, scope, filters_of(request, scope)))


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
    return _shown(request, {**_context(request, scope, filters), "form": form}, status=422)


def _of_journal(request: HttpRequest, asked: JournalForm) -> dict[str, Any]:
    query = urlencode(asked.as_query())
    shown = [
        (one, "; ".join(value for _name, value in JournalForm(one.query).described()) or _("Everything"))
        for one in queries.of(me(request), Export.Of.JOURNAL, JOURNAL)
    ]
    return {
        **_listed(shown),
        "frame": "desk/settings/base.html",
        "heading": _("Tables of the journal"),
        "sub": _(
            "Who did what and who looked, one line each. The file is made in the background: you may leave the page."
        ),
        "here": f"{reverse('quality:journal')}?{query}",
        "ask": f"{reverse('quality:ask_journal')}?{query}",
        "back": f"{reverse('settings:journal')}?{query}",
        "back_words": _("Back to the journal"),
        "described": asked.described() or [(_("Lines"), _("Everything"))],
    }


@administrators_only
@require_safe
def of_journal(request: HttpRequest) -> HttpResponse:
    """The same of the journal, for administrators."""
    return _shown(request, _of_journal(request, JournalForm(request.GET)))


@administrators_only
@require_POST
def ask_journal(request: HttpRequest) -> HttpResponse:
    """That the journal is taken along is a line of it, too."""
    asked, form = JournalForm(request.GET), AskForm(request.POST)
    if form.is_valid():
        chosen, now = form.cleaned_data, timezone.now()
        try:
            kind = Export.Kind(chosen["kind"])
            exports.ask_for(Export.Of.JOURNAL, kind, asked.as_query(), by=me(request), key=chosen["key"], at=now)
            journal.looked(me(request), "accounts.journalentry", "", at=now, verb="exported")
            return redirect(f"{reverse('quality:journal')}?{urlencode(asked.as_query())}")
        except Refused as refused:
            form.add_error(None, str(refused))
    return _shown(request, {**_of_journal(request, asked), "form": form}, status=422)


def _own(request: HttpRequest, pk: int, **wanted: Any) -> Export:
    """A file of the asker that he may still have; anything else does not exist."""
    found = get_object_or_404(Export.objects.select_related("blob"), pk=pk, user=me(request), **wanted)
    if not may_have(me(request), found):
        raise Http404
    return found


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    export = exports.cancel(_own(request, pk).pk, by=me(request), at=timezone.now())
    return redirect(reverse("quality:journal" if export.of == Export.Of.JOURNAL else "quality:files"))


@login_required
@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, for who asked for it while he may see what is in it; nothing of it runs in our origin."""
    export = _own(request, pk, state=Export.State.DONE)
    if export.blob is None:
        raise Http404
    try:
        stream = files.open_stream(export.blob)
    except OSError as error:  # the disk has lost it: doctor tells
        raise Http404 from error
    if request.method == "GET":
        journal.looked(me(request), "quality.export", pk, at=timezone.now(), verb="downloaded")
    kind = TYPES[Export.Kind(export.kind)]
    response: HttpResponseBase
    if stream is not None:
        response = FileResponse(stream, content_type=kind)
    else:
        response = HttpResponse(files.read(export.blob), content_type=kind)
    name = _("Journal") if export.of == Export.Of.JOURNAL else _named(str(export.query.get("period", "")))
    return _attached(response, f"{name}.{export.kind}", export.blob.size)


@report_only
@require_safe
def to_print(request: HttpRequest, scope: Scope, customer: int, period: str) -> HttpResponseBase:
    """The report for a customer as a PDF. A specialist reads the whole desk's, as the customer does."""
    chosen = periods.read(period)
    if chosen is None or not may_print(scope, customer):
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

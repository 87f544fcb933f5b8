"""The journal's pages: the administrator's, of everything; a lead's, of requests."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from provodnik.accounts.models import JournalEntry
from provodnik.core.parts import page_of_tables
from provodnik.desk import event_words, journal_words
from provodnik.desk.forms.journal import GROUP_NAMES, JournalForm
from provodnik.desk.queries import journal as queries
from provodnik.desk.views.administration.common import administrators_only, me
from provodnik.desk.views.workbench.common import leads_only


def _context(request: HttpRequest, *, requests_only: bool) -> dict[str, Any]:
    form = JournalForm(request.GET, requests_only=requests_only)
    filters = form.filters()
    rows = queries.entries(filters, requests_only=requests_only)
    before = request.GET.get("before", "")[:40]
    page = queries.page(rows, before)
    lines = [_line(row, page.customers) for row in page.rows]
    if requests_only and filters.ticket is not None and not filters.who and filters.group != "looks":
        lines = _with_deeds(request, filters.ticket, page, lines, newest=not before)
    kept = request.GET.copy()
    kept.pop("before", None)
    without = kept.copy()
    without.pop("group", None)
    rest = kept.urlencode()
    return {
        "form": form,
        "filters": filters,
        "lines": lines,
        "older": f"?{rest}&before={page.older}" if page.older else "",
        "newest": f"?{rest}" if before else "",
        "query": rest,
        "chips": [
            (name, f"?{without.urlencode()}&group={key}", filters.group == key)
            for key, name in GROUP_NAMES.items()
            if not requests_only or key in ("", "deeds", "looks")
        ],
        "open": filters.is_any,
    }


def _line(row: JournalEntry, customers: dict[int, str]) -> dict[str, Any]:
    told = journal_words.told(row)
    return {
        "at": row.at,
        "icon": told.icon,
        "text": told.text,
        "changes": told.changes,
        "who": row.by,
        "customer": customers.get(row.customer or 0, ""),
        "ticket": row.ticket,
        "is_look": row.slot is not None,
    }


def _with_deeds(
    request: HttpRequest, number: int, page: queries.Page, lines: list[dict[str, Any]], *, newest: bool
) -> list[dict[str, Any]]:
    """The request's own history among who looked, in one order."""
    reader, now = me(request), timezone.now()
    since = page.rows[-1].at if page.rows and page.older else None
    until = page.rows[0].at if page.rows and not newest else None
    deeds: list[dict[str, Any]] = [
        {
            "at": event.at,
            "icon": (words := event_words.words(event, reader, now)).icon,
            "text": words.text,
            "changes": [],
            "who": event.by,
            "customer": "",
            "ticket": number,
            "is_look": False,
        }
        for event in queries.deeds_of(number, since=since, until=until)
    ]
    return sorted([*lines, *deeds], key=lambda line: line["at"], reverse=True)


@administrators_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    context = _context(request, requests_only=False)
    tables = page_of_tables("journal")
    context["table_url"] = f"{reverse(tables)}?{context['query']}" if tables else ""
    return render(request, "desk/settings/journal.html", context)


@leads_only
@require_safe
def of_requests(request: HttpRequest) -> HttpResponse:
    """Who looked at requests and their files, who did what with one of them."""
    return render(request, "desk/workbench/journal.html", _context(request, requests_only=True))

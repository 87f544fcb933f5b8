"""The requests behind a figure."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from provodnik.quality.policies import Scope
from provodnik.quality.queries import behind as queries
from provodnik.quality.queries.exports import described
from provodnik.quality.queries.filters import Filters
from provodnik.quality.queries.promises import contracts
from provodnik.quality.views.common import address, filters_of, frame_of, report_only


def described_line(filters: Filters, scope: Scope) -> str:
    """«октябрь 2026 · Чистая вода»."""
    return " · ".join([filters.period.label(), *(value for _name, value in described(filters, scope))])


@report_only
@require_safe
def behind(request: HttpRequest, scope: Scope) -> HttpResponse:
    """A list of requests, in the order of the figure; each leads to its own page."""
    figure = request.GET.get("figure", "closed")
    if not queries.known(figure):
        raise Http404
    filters, now = filters_of(request, scope), timezone.now()
    page = queries.page(filters, scope, figure, now=now, after=request.GET.get("after", ""))
    route = "desk:ticket" if scope.is_desk else "requests:show"
    context = {
        "frame": frame_of(scope),
        "scope": scope,
        "filters": filters,
        "contracts": contracts(filters, scope),
        "page": page,
        "rows": [(line, reverse(route, args=[line.ticket.pk])) for line in page.lines],
        "described": described_line(filters, scope),
        "back": address("quality:index", filters, scope),
        "older": address("quality:behind", filters, scope, figure=figure, after=page.after) if page.after else "",
        "now": now,
        "open": page.lines and page.lines[0].case is None,
    }
    return render(request, "quality/behind.html", context)

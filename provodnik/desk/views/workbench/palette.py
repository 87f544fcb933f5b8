"""Requests for the palette (Ctrl+K): the first few that a search finds."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from provodnik.desk.labels import STATUSES
from provodnik.desk.queries import found
from provodnik.desk.queries.queue import Row
from provodnik.desk.views.workbench.common import desk_only, user_of
from provodnik.ui.text import short_name

MOST = 7


@desk_only
@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    result = found.search(user_of(request), request.GET.get("q", ""), now=timezone.now())
    return JsonResponse({"requests": [_told(hit.row) for hit in result.hits[:MOST]]})


def _told(row: Row) -> dict[str, object]:
    pieces = [row.customer, short_name(row.requester) if row.requester else "", str(dict(STATUSES)[row.status])]
    view = "closed" if row.closed_at is not None else "open"
    return {
        "number": row.number,
        "subject": row.subject,
        "about": " · ".join(filter(None, pieces)),
        "url": f"{reverse('desk:ticket', args=[row.number])}?view={view}",
    }

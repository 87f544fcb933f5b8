"""The queue, and search: the list column of the workbench."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from provodnik.desk.filter_words import due_choices
from provodnik.desk.labels import PRIORITIES, STATUSES, TYPES
from provodnik.desk.menus import rail_of
from provodnik.desk.queries import found, queue
from provodnik.desk.queries.choices import choices, own_fields
from provodnik.desk.queries.extras import extras
from provodnik.desk.views.workbench.common import desk_only, is_fragment, place_of, user_of


def list_context(request: HttpRequest, *, now: Any, number: int | None = None) -> dict[str, Any]:
    """The list column: a page of the view that the address names; `number`: the request that is open beside it."""
    view, filters = place_of(request)
    page = queue.page(user_of(request), view, filters, now=now, after=request.GET.get("after", ""))
    known = rail_of(request, user_of(request))
    columns = known.columns
    context: dict[str, Any] = {"page": page, "query": page.query, "number": number, "now": now}
    saved = next((one for one in known.saved if one.id == filters.saved), None)
    context |= {"view_name": saved.name if saved else "", "counted_as": saved.key if saved else view.key}
    if columns:
        context |= {"columns": columns, "extras": extras(page.rows, columns)}
    # a saved view says by its name what it shows: its filters are looked at when they are asked for
    if "filters" in request.GET or (filters and saved is None):
        context |= {"choices": choices(), "statuses": STATUSES, "priorities": PRIORITIES, "types": TYPES}
        context |= {"fields": own_fields(filters.customer, dict(filters.marks.fields)), "due": due_choices(filters.due)}
    return context


@desk_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """A view of the queue. On a phone the list is the whole screen."""
    context = list_context(request, now=timezone.now())
    if is_fragment(request) and request.GET.get("after"):
        return render(request, "desk/workbench/_rows.html", context)
    if is_fragment(request):
        return render(request, "desk/workbench/_list.html", context)
    return render(request, "desk/workbench/queue.html", context)


@desk_only
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Requests by number, name and words."""
    before = request.GET.get("before", "")
    now = timezone.now()
    result = found.search(
        user_of(request),
        request.GET.get("q", ""),
        now=now,
        before=int(before) if before.isdecimal() and len(before) < 19 else None,
    )
    return render(request, "desk/workbench/search.html", {"found": result, "now": now})

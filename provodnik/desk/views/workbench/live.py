"""The pulse of the workbench: what the open page asks every few seconds."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from provodnik.desk import event_words
from provodnik.desk.queries import live, queue, ticket_page
from provodnik.desk.queries.views import UNREAD, VIEWS, lately, shown
from provodnik.desk.views.workbench.common import desk_only, place_of, query_of, ticket_url, user_of


@desk_only
@require_safe
def pulse(request: HttpRequest) -> HttpResponse:
    """204 when nothing changed since `since` and `full` is not asked for; else counters, changed rows, whether they
    belong to the view, alarms, and what others did in the open request (`n`, after the fact `seen`)."""
    user, now = user_of(request), timezone.now()
    changed = live.changes(user, live.moment_of(request.GET.get("since", ""), now), now=now)
    if not changed.rows and not request.GET.get("full"):
        return HttpResponse(status=204)
    view, filters = place_of(request)
    numbers = [row.number for row in changed.rows]
    belong = queue.matching(user, view, filters, numbers, now=now) if numbers else set()
    opened = _number(request.GET.get("n", ""))
    query = query_of(request)
    counts = lately(user, now)
    answer: dict[str, Any] = {
        "since": live.mark(now),
        "counters": {
            key: {"text": shown(count) if count else "", "tone": VIEWS[key].tone if count else ""}
            for key, count in counts.items()
            if key in VIEWS
        },
        "rows": [
            {
                "number": row.number,
                "belongs": row.number in belong,
                "html": render_to_string(
                    "desk/workbench/_row.html", {"row": row, "number": opened, "query": query, "now": now, "user": user}
                ),
            }
            for row in changed.rows
        ],
        "alarms": [
            {
                "number": row.number,
                "text": _("Urgent request № %(number)s: %(subject)s") % {"number": row.number, "subject": row.subject},
                "url": ticket_url(row.number, query),
            }
            for row in changed.alarms
        ],
        "unread": counts[UNREAD],
    }
    if opened is not None and opened in numbers:
        seen = _number(request.GET.get("seen", "")) or 0
        events = ticket_page.since(opened, seen, but=user)
        answer["news"] = [event_words.words(event, user, now).text for event in events]
    return JsonResponse(answer)


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() and len(text) < 19 else None

"""The pulse of the workbench: what the open page asks every few seconds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from provodnik.accounts.models import User
from provodnik.desk import event_words
from provodnik.desk.actions import presence
from provodnik.desk.presence_words import here_words, mark_of
from provodnik.desk.queries import live, queue, ticket_page
from provodnik.desk.queries.extras import extras
from provodnik.desk.queries.rail import rail
from provodnik.desk.queries.views import UNREAD, VIEWS, shown
from provodnik.desk.views.workbench.common import desk_only, place_of, query_of, ticket_url, user_of


@desk_only
@require_safe
def pulse(request: HttpRequest) -> HttpResponse:
    """204 when nothing changed since `since` and `full` is not asked for; else counters, changed rows, whether they
    belong to the view, alarms, what others did in the open request (`n`, after the fact `seen`), and who else has it
    before him (`here`: what the page knows of that already; `w`: something is being written)."""
    user, now = user_of(request), timezone.now()
    changed = live.changes(user, live.moment_of(request.GET.get("since", ""), now), now=now)
    opened = _number(request.GET.get("n", ""))
    here = "" if opened is None else _here(user, opened, writing=request.GET.get("w") == "1", now=now)
    moved = opened is not None and mark_of(here) != request.GET.get("here", mark_of(""))
    if not changed.rows and not request.GET.get("full") and not moved:
        return HttpResponse(status=204)
    view, filters = place_of(request)
    numbers = [row.number for row in changed.rows]
    belong = queue.matching(user, view, filters, numbers, now=now) if numbers else set()
    query = query_of(request)
    known = rail(user, now)
    counts = known.counts
    chosen = {"columns": known.columns, "extras": extras(changed.rows, known.columns)} if known.columns else {}
    answer: dict[str, Any] = {
        "since": live.mark(now),
        "counters": {
            key: {"text": shown(count) if count else "", "tone": VIEWS[key].tone if count else ""}
            for key, count in counts.items()
            if key in VIEWS
        }
        | {one.key: {"text": shown(one.count) if one.count else "", "tone": ""} for one in known.saved},
        "rows": [
            {
                "number": row.number,
                "belongs": row.number in belong,
                "html": render_to_string(
                    "desk/workbench/_row.html",
                    {"row": row, "number": opened, "query": query, "now": now, "user": user, **chosen},
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
    if opened is not None:
        answer["here"] = {"text": here, "mark": mark_of(here)}
    if opened is not None and opened in numbers:
        seen = _number(request.GET.get("seen", "")) or 0
        events = ticket_page.since(opened, seen, but=user)
        answer["news"] = [event_words.words(event, user, now).text for event in events]
    return JsonResponse(answer)


def _here(user: User, number: int, *, writing: bool, now: datetime) -> str:
    return here_words(presence.look(number, by=user, writing=writing, now=now))


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None

"""Pages that need no sign-in. The status page is the same for everybody and is read most when something is down: made
without asking who reads, kept for seconds in the process and in caches on the way."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from provodnik.works import telling
from provodnik.works.actions import personal as actions
from provodnik.works.models import Silence
from provodnik.works.queries import calendar as calendars
from provodnik.works.queries import status
from provodnik.works.tokens import contact_of_letters, user_of_calendar

KEPT = 10.0  # seconds in this process
IN_CACHES = 30  # seconds in caches on the way
ICS = "text/calendar; charset=utf-8"

_made: dict[str, tuple[float, bytes]] = {}


def _kept(name: str, make: Callable[[datetime], bytes]) -> bytes:
    """What was made some seconds ago. While one makes it anew, others get the old one."""
    known = _made.get(name)
    if known is not None:
        if known[0] > time.monotonic():
            return known[1]
        _made[name] = (time.monotonic() + KEPT, known[1])
    try:
        content = make(timezone.now())
    except (OperationalError, InterfaceError):
        if known is None:
            raise
        return known[1]  # the database is away: what was true a moment ago says more than an error
    _made[name] = (time.monotonic() + KEPT, content)
    return content


def forget() -> None:
    """Make them anew at the next asking."""
    _made.clear()


def _page(now: datetime) -> bytes:
    found = status.status(now)
    context = {
        "status": found,
        "now": now,
        "lines": {
            work.pk: [telling.line(event, now, inside=False) for event in work.told]  # type: ignore[attr-defined]
            for work in [*found.going, *found.coming, *found.past]
        },
        "days_label": _days_label(found),
    }
    return render_to_string("works/status.html", context).encode()


def _days_label(found: status.Status) -> str:
    """The strip of days for who does not see it."""
    bad = sum(1 for day in found.days if day.tone != "success")
    return ngettext(
        "Something was to be told of %(bad)d day of %(all)d", "Something was to be told of %(bad)d days of %(all)d", bad
    ) % {"bad": bad, "all": len(found.days)}


def _cached(request: HttpRequest, name: str, make: Callable[[datetime], bytes], content_type: str) -> HttpResponse:
    if not settings.STATUS_PAGE:
        raise Http404
    content = _kept(name, make)
    tag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    if tag in request.headers.get("If-None-Match", "")[:500]:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(content, content_type=content_type)
    response["ETag"] = tag
    response["Cache-Control"] = f"public, max-age={IN_CACHES}"
    return response


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """What works now, what does not, what was in the last 90 days."""
    return _cached(request, "page", _page, "text/html; charset=utf-8")


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The same as a calendar."""
    return _cached(request, "feed", calendars.public, ICS)


@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """A person's own calendar of works, by its secret address: programs of calendars cannot sign in."""
    user = user_of_calendar(token)
    if user is None:
        raise Http404
    response = HttpResponse(calendars.personal(user, timezone.now()), content_type=ICS)
    response["Content-Disposition"] = 'inline; filename="works.ics"'
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def letters(request: HttpRequest, token: str) -> HttpResponse:
    """From a letter: no more of them about planned works. Looking changes nothing (programs open links of letters)."""
    contact = contact_of_letters(token)
    if contact is None:
        raise Http404
    if request.method == "POST":
        if request.POST.get("letters") == "1":
            actions.listen(contact)
        else:
            actions.silence(contact, at=timezone.now())
    context = {"silent": Silence.objects.filter(contact=contact).exists(), "done": request.method == "POST"}
    return render(request, "works/letters.html", context)

"""Somebody else's device («чужое устройство»): a crew's tablet, a terminal at the base. The session ends after five
minutes in which nobody did anything, and leaves nothing behind."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse

SHARED = "_shared"
LASTS = timedelta(minutes=5)
# Of a browser that has it: what was kept of our pages, their drafts and every mark of ours (W3C Clear Site Data).
EVERYTHING = '"cache", "cookies", "storage"'


def wanted(request: HttpRequest) -> bool:
    """Whether it was ticked in the form, or in a step before."""
    return bool(request.POST.get("shared")) or is_shared(request)


def is_shared(request: HttpRequest) -> bool:
    session = getattr(request, "session", None)
    return session is not None and bool(session.get(SHARED))


def begin(request: HttpRequest) -> None:
    request.session[SHARED] = True
    request.session.set_expiry(int(LASTS.total_seconds()))


def used(request: HttpRequest, response: HttpResponse) -> None:
    """A page was asked for by hand: five minutes more. What a page asks by itself (a counter, a list that looks for
    something new) is no sign of anybody being there."""
    if request.method == "POST" or "HX-Request" not in request.headers:
        request.session.modified = True
    response["Cache-Control"] = "no-store"

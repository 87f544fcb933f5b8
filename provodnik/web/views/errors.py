"""Pages for what went wrong: said in words, with what to do next, and never with a traceback."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from psycopg_pool import PoolTimeout

AWAY = (OperationalError, InterfaceError, PoolTimeout)
RETRY_AFTER = 5  # seconds


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return HttpResponse(render_to_string("400.html"), status=400)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Called while the error is being handled. A database that went away while a middleware spoke to it, where no
    view is to blame, is no error of ours either."""
    if isinstance(sys.exc_info()[1], AWAY):
        return unavailable(RETRY_AFTER)
    return HttpResponse(render_to_string("500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long, or came from another site: say so, keep nothing."""
    return HttpResponse(render_to_string("403.html"), status=403)


def too_large(request: HttpRequest) -> HttpResponse:
    """More was sent than all files of a message may have together; nothing of it was read."""
    return HttpResponse(render_to_string("413.html"), status=413)


def unavailable(retry_after: int) -> HttpResponse:
    """The database is away. Rendered without it; `retry_after` in seconds."""
    return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": str(retry_after)})

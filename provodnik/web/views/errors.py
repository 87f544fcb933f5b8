"""Pages for what went wrong: said in words, with what to do next, and never with a traceback."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from psycopg_pool import PoolTimeout

from provodnik.core.logs import request_number
from provodnik.core.parts import parts

AWAY = (OperationalError, InterfaceError, PoolTimeout)
READ_ONLY = "25006"  # SQLSTATE of a database that takes no changes now: a standby, a full disk, an administrator's word
RETRY_AFTER = 5  # seconds


def is_away(error: BaseException | None) -> bool:
    """Whether it is the database that cannot serve now, and not a mistake of ours."""
    return isinstance(error, AWAY) or getattr(getattr(error, "__cause__", None), "sqlstate", "") == READ_ONLY


def _as_its_part_says(
    request: HttpRequest, status: int, headers: Mapping[str, str] | None = None
) -> HttpResponse | None:
    """A part whose addresses are asked by programs says what went wrong in its own shape
    (Part.extra["problem"]: (request, status, headers) -> an answer, or None for addresses that are not its own)."""
    answers = (part.extra["problem"](request, status, headers or {}) for part in parts() if "problem" in part.extra)
    return next((answer for answer in answers if answer is not None), None)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _as_its_part_says(request, 400) or HttpResponse(render_to_string("400.html"), status=400)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Called while the error is being handled. A database that went away while a middleware spoke to it, where no
    view is to blame, is no error of ours either."""
    if is_away(sys.exc_info()[1]):
        return unavailable(request, RETRY_AFTER)
    return _as_its_part_says(request, 500) or HttpResponse(
        render_to_string("500.html", {"number": request_number.get()}), status=500
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long, or came from another site: say so, keep nothing."""
    return HttpResponse(render_to_string("403.html"), status=403)


def too_large(request: HttpRequest) -> HttpResponse:
    """More was sent than all files of a message may have together; nothing of it was read."""
    return _as_its_part_says(request, 413) or HttpResponse(render_to_string("413.html"), status=413)


def withheld(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A file that an antivirus does not let out: who may see that it exists reads why."""
    return render(request, "withheld.html", {"why": str(exception)}, status=403)


def unavailable(request: HttpRequest, retry_after: int) -> HttpResponse:
    """The database is away. Rendered without it; `retry_after` in seconds."""
    headers = {"Retry-After": str(retry_after)}
    told = _as_its_part_says(request, 503, headers)
    return told or HttpResponse(render_to_string("503.html"), status=503, headers=headers)

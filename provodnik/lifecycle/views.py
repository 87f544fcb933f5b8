"""What a monitoring system asks: does the process live, does work get done, how much of everything is there."""

from __future__ import annotations

import threading
import time
from hmac import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from provodnik.core import jobs, timekeeping
from provodnik.core.metrics import CONTENT_TYPE
from provodnik.lifecycle.health import JOB_LATE
from provodnik.lifecycle.metrics import gather

KEPT = 5.0  # seconds for which a word about the work is given again: anybody may ask
_lock = threading.Lock()
_last: list[tuple[float, bool]] = []


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """200 while this process answers, whatever the database does: what restarts a process asks this."""
    return JsonResponse({"status": "ok"})


@require_safe
def work(request: HttpRequest) -> HttpResponse:
    """200 while background work is done: a worker has been heard of, no due job waits too long, and the clock of this
    machine may be believed. No figures, no versions (safety A73)."""
    if _works():
        return JsonResponse({"status": "ok"})
    return JsonResponse({"status": "failing"}, status=503)


def _works() -> bool:
    with _lock:
        if _last and time.monotonic() - _last[0][0] < KEPT:
            return _last[0][1]
        waited, heard = gather.standing()
        heard_of = heard is not None and heard < 3 * jobs.DEAD_AFTER
        fine = heard_of and waited < JOB_LATE and timekeeping.doubt() is None
        _last[:] = [(time.monotonic(), fine)]
        return fine


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For who brings the token of the settings; for everybody else, and while none is set, there is nothing here."""
    token = settings.METRICS_TOKEN.encode()
    word, _space, brought = request.headers.get("Authorization", "").partition(" ")
    if not token or word.lower() != "bearer" or not compare_digest(brought.strip().encode(), token):
        raise Http404
    return HttpResponse(gather.text(timezone.now()), content_type=CONTENT_TYPE)

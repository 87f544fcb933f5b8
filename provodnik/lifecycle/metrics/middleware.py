"""Counts each answer by the part of the house that gave it. Costs some microseconds; addresses are not kept."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver

from provodnik.lifecycle.metrics.shared import Counters

STATIC, OTHER = "static", "other"
SPARE = 8  # places for processes that begin while those that they replace still end

_counters: list[Counters] = []


def counters() -> Counters:
    """Made when the application is loaded, before there are workers."""
    if not _counters:
        spaces = sorted(str(name) for name in get_resolver().namespace_dict)
        _counters.append(Counters([*spaces, STATIC, OTHER], settings.WEB_WORKERS + SPARE))
    return _counters[0]


class Counted:
    """Stands before all others, so that what they refuse counts too. For a file or a long answer it is the time until
    its beginning; what granian itself refuses (lifecycle/gateway.py) is not seen here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = self.get_response(request)
        counters().count(_name(request), response.status_code, time.perf_counter() - begun)
        return response


def _name(request: HttpRequest) -> str:
    match = request.resolver_match
    if match is not None:
        return match.namespaces[0] if match.namespaces else OTHER
    return STATIC if request.path.startswith(settings.STATIC_URL) else OTHER

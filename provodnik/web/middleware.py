"""What every request passes: a clear 503 while the database is away, and no caching of personal pages."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from psycopg_pool import PoolTimeout

from provodnik.web.views.errors import unavailable

log = logging.getLogger(__name__)
Next = Callable[[HttpRequest], HttpResponse]
AWAY = (OperationalError, InterfaceError, PoolTimeout)
RETRY_AFTER = 5  # seconds


class RefuseWhileDatabaseIsAway:
    """Answer 503 with Retry-After instead of an error page (safety F12–F16). Nothing acknowledged is lost: the
    transaction of the request did not commit."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        except AWAY as error:
            return self._refuse(error)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Views' errors arrive here: Django turns them into a 500 before __call__ could see them."""
        return self._refuse(exception) if isinstance(exception, AWAY) else None

    def _refuse(self, error: Exception) -> HttpResponse:
        log.error("the database is away: %s", type(error).__name__)
        return unavailable(RETRY_AFTER)


class PersonalPagesAreNotCached:
    """Pages stay out of every cache, and the Back button after sign-out shows nothing (safety A39)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response

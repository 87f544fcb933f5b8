"""What every request passes: a clear 503 while the database is away, an end to what is sent, no caching of personal
pages."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from secrets import token_hex

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from provodnik.accounts.addresses import is_from_proxy
from provodnik.core.logs import request_number
from provodnik.core.scanning import Withheld
from provodnik.web.views.errors import RETRY_AFTER, is_away, too_large, unavailable, withheld

log = logging.getLogger(__name__)
_NUMBER = re.compile(r"[A-Za-z0-9-]{8,64}")
Next = Callable[[HttpRequest], HttpResponse]


class NumberOfRequest:
    """Gives each request a number, which stands in the log, in the answer and on the page of an error: by it the line
    of what broke is found. A proxy of ours may have given one already."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        brought = request.META.get("HTTP_X_REQUEST_ID", "")
        number = brought if brought and is_from_proxy(request) and _NUMBER.fullmatch(brought) else token_hex(8)
        kept = request_number.set(number)
        try:
            response = self.get_response(request)
        finally:
            request_number.reset(kept)
        response["X-Request-ID"] = number
        return response


class RefuseWhileDatabaseIsAway:
    """Answer 503 with Retry-After instead of an error page (safety F12–F16, F19). Nothing acknowledged is lost: the
    transaction of the request did not commit. Errors of middlewares become 503 in errors.server_error."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        except Exception as error:
            if not is_away(error):
                raise
            return self._refuse(request, error)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Views' errors arrive here: Django turns them into a 500 before __call__ could see them."""
        if isinstance(exception, Withheld):
            return withheld(request, exception)
        return self._refuse(request, exception) if is_away(exception) else None

    def _refuse(self, request: HttpRequest, error: Exception) -> HttpResponse:
        log.error("the database is away: %s", type(error).__name__)
        return unavailable(request, RETRY_AFTER)


class RefuseTooLarge:
    """Answer 413 to more than one message's files, before a byte of it is written to the disk (safety A25). A body
    without a length is none: WSGI reads as much as Content-Length says."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length[:20]) > settings.LARGEST_REQUEST:
            return too_large(request)
        return self.get_response(request)


class BelieveOnlyOwnProxies:
    """X-Forwarded-Proto says «https» for our own proxies alone; what anybody else sends is taken away (safety A37)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_from_proxy(request):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        return self.get_response(request)


class OneLanguage:
    """Say the language and the time zone at the start of a request. They are always the same here, but asking for one
    that was never said costs an exception each time, some hundred times a page."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        translation.activate(settings.LANGUAGE_CODE)
        timezone.activate(timezone.get_default_timezone())
        return self.get_response(request)


class PersonalPagesAreNotCached:
    """Pages stay out of every cache, and the Back button after sign-out shows nothing (safety A39)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response

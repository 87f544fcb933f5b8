"""Everything that goes wrong, in one shape: application/problem+json (RFC 9457), in words that a person can read."""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pydantic
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from psycopg_pool import PoolTimeout

from provodnik.core.decisions import ChangedMeanwhile, Refused
from provodnik.core.volume import TooMuch

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 5  # seconds, while the database is away
Words = str | Promise

# code → (status, title). The code is the last part of `type`, and an anchor of the page that explains it.
KINDS: Mapping[str, tuple[int, Words]] = {
    "malformed": (400, gettext_lazy("The request cannot be read")),
    "unauthorized": (401, gettext_lazy("A token is needed")),
    "refused": (403, gettext_lazy("This may not be done")),
    "scope": (403, gettext_lazy("The token is not good for this")),
    "not-found": (404, gettext_lazy("There is no such thing")),
    "method": (405, gettext_lazy("This method does not exist here")),
    "in-progress": (409, gettext_lazy("The same request is being worked on")),
    "changed": (412, gettext_lazy("Somebody changed it meanwhile")),
    "too-large": (413, gettext_lazy("The request is too large")),
    "media-type": (415, gettext_lazy("The body is of another kind than expected")),
    "invalid": (422, gettext_lazy("Some values are not right")),
    "key-reused": (422, gettext_lazy("The idempotency key belongs to another request")),
    "too-many": (429, gettext_lazy("Too many requests")),
    "failed": (500, gettext_lazy("Something went wrong on our side")),
    "away": (503, gettext_lazy("The server cannot answer now")),
}


class Problem(Exception):
    """An answer that is no success. `errors`: (field, what is wrong with it); `headers` of the answer."""

    def __init__(
        self,
        code: str,
        detail: Words = "",
        *,
        errors: Sequence[tuple[str, Words]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code, self.detail, self.errors, self.headers = code, detail, errors, headers or {}

    def response(self) -> HttpResponse:
        status, title = KINDS[self.code]
        told: dict[str, Any] = {
            "type": f"{settings.BASE_URL}/api/v1/docs#problem-{self.code}",
            "title": str(title),
            "status": status,
        }
        if self.detail:
            told["detail"] = str(self.detail)
        if self.errors:
            told["errors"] = [{"field": field, "detail": str(words)} for field, words in self.errors]
        body = json.dumps(told, ensure_ascii=False)
        return HttpResponse(body, status=status, content_type=MEDIA_TYPE, headers=dict(self.headers))


def not_found() -> Problem:
    """One answer for what is not there and for what is not the asker's."""
    return Problem("not-found", _("There is nothing under this address, or it is not for you."))


def field_problem(field: str, detail: Words) -> Problem:
    """One value of the body is not right."""
    return Problem("invalid", errors=[(field, detail)])


def _of_refusal(request: HttpRequest, refused: Refused) -> Problem:
    if isinstance(refused, ChangedMeanwhile):
        return Problem("changed", refused.reason)
    if isinstance(refused, TooMuch):
        return Problem("too-many", refused.reason, headers={"Retry-After": str(refused.seconds)})
    if refused.field:
        return field_problem(refused.field, refused.reason)
    return Problem("refused", refused.reason)


# What pydantic found, as a person would say it; %(…)s are its own bounds.
_TOLD: Mapping[str, Words] = {
    **dict.fromkeys(["string_type", "string_unicode"], gettext_lazy("A text is expected.")),
    **dict.fromkeys(["string_too_short", "too_short"], gettext_lazy("Write something here.")),
    **dict.fromkeys(
        ["int_type", "int_parsing", "int_from_float", "int_parsing_size"], gettext_lazy("A whole number is expected.")
    ),
    **dict.fromkeys(["bool_type", "bool_parsing"], gettext_lazy("true or false is expected.")),
    **dict.fromkeys(
        ["uuid_parsing", "uuid_type"],
        gettext_lazy("An identifier of the form 123e4567-e89b-42d3-a456-426614174000 is expected."),
    ),
    **dict.fromkeys(["model_type", "model_attributes_type", "dict_type"], gettext_lazy("An object is expected.")),
    **dict.fromkeys(
        [
            "moment_type",
            "date_type",
            "date_parsing",
            "date_from_datetime_parsing",
            "datetime_type",
            "datetime_parsing",
            "datetime_from_date_parsing",
            "timezone_aware",
        ],
        gettext_lazy("A day as 2026-11-23 or an instant as 2026-11-23T22:00:00+03:00 is expected."),
    ),
    "missing": gettext_lazy("This field must be there."),
    "extra_forbidden": gettext_lazy("There is no such field."),
    "string_too_long": gettext_lazy("At most %(max_length)s characters."),
    "too_long": gettext_lazy("At most %(max_length)s of them."),
    "greater_than_equal": gettext_lazy("At least %(ge)s."),
    "less_than_equal": gettext_lazy("At most %(le)s."),
    "enum": gettext_lazy("One of: %(expected)s."),
    "literal_error": gettext_lazy("One of: %(expected)s."),
    "list_type": gettext_lazy("A list is expected."),
}


def _told(error: Mapping[str, Any]) -> str:
    told = _TOLD.get(error["type"])
    if told is None:
        return _("This value is not right.")
    bounds = {name: str(value).replace(" or ", ", ") for name, value in error.get("ctx", {}).items()}
    return str(told) % bounds


def _of_validation(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """What is wrong with a path is nothing there; with a query, malformed; with a body, invalid."""
    places = {str(error["loc"][0]) for error in errors}
    if "path" in places:
        return not_found()
    found: list[tuple[str, Words]] = []
    for error in errors[:50]:
        # ("body", "data", "text") or ("query", "state"): the first two of a body are the place and our own argument
        names = error["loc"][2:] if error["loc"][0] == "body" else error["loc"][1:]
        found.append((".".join(str(name) for name in names), _told(error)))
    return Problem("invalid" if places & {"body", "form", "file"} else "malformed", errors=found)


def problem_of(request: HttpRequest, error: Exception) -> Problem:
    """What to answer to an exception."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Http404 | ObjectDoesNotExist):
        return not_found()
    if isinstance(error, Refused):
        return _of_refusal(request, error)
    if isinstance(error, ValidationError):
        return _of_validation(error.errors)
    if isinstance(error, AuthenticationError):
        return Problem(
            "unauthorized",
            _("Send a living token in the header Authorization: Bearer."),
            headers={"WWW-Authenticate": "Bearer"},
        )
    if isinstance(error, HttpError):
        cause = error.__cause__  # ninja hides what our own reader of bodies has said
        return cause if isinstance(cause, Problem) else Problem("malformed")
    if isinstance(error, RequestDataTooBig):
        return Problem("too-large")
    if isinstance(error, SuspiciousOperation | MultiPartParserError | UnreadablePostError):
        return Problem("malformed")
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout):
        log.error("the database is away: %s", type(error).__name__)
        return Problem("away", headers={"Retry-After": str(RETRY_AFTER)})
    log.error("an API request failed", exc_info=error)
    return Problem("failed", _("It is written down; nothing of the request was kept."))


# What is refused before a request reaches the API; anything else under its addresses is answered by itself.
_OUTSIDE = {400: "malformed", 413: "too-large", 500: "failed", 503: "away"}
_FOR_PEOPLE = re.compile(r"/api/v1/docs(/|$)")


def outside(request: HttpRequest, status: int, headers: Mapping[str, str]) -> HttpResponse | None:
    """The front door's answer to what went wrong before (Part.extra["problem"]); None for a page."""
    if not request.path.startswith("/api/v1/") or _FOR_PEOPLE.match(request.path) or status not in _OUTSIDE:
        return None
    return Problem(_OUTSIDE[status], headers=headers).response()


def too_many(seconds: float) -> Problem:
    wait = str(max(1, math.ceil(seconds)))
    return Problem("too-many", _("Go on in %(seconds)s s.") % {"seconds": wait}, headers={"Retry-After": wait})


def install(api: NinjaAPI) -> None:
    """Make these the answers of the whole API."""

    def answer(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
        assert isinstance(error, Exception)
        return problem_of(request, error).response()

    for kind in (Exception, Http404, HttpError, ValidationError):
        api.add_exception_handler(kind, answer)


class Mistake(pydantic.BaseModel):
    """One wrong value."""

    field: str
    detail: str


class ProblemShape(pydantic.BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: list[Mistake] = []

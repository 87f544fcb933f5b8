"""What every request of the API passes before and after its function."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from ninja.operation import Operation

from provodnik.api.problems import Problem, not_found, problem_of
from provodnik.api.reading import LARGEST_BODY, judge_query

Run = Callable[..., HttpResponseBase]
View = Callable[..., HttpResponseBase]
FORM_ROOM = 64 * 1024  # bytes of a multipart body beside its file


def guarded(run: Run) -> Run:
    """Judge the address and the kind of body, run, put the headers beside the answer."""
    operation: Operation = run.__self__  # type: ignore[attr-defined]  # ninja hands over the bound method
    known = _parameters(operation)
    kind, largest = _body_of(operation)

    @wraps(run)
    def door(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
        try:
            judge_query(request, known)
            _judge_body(request, kind, largest)
        except Problem as problem:
            return problem.response()
        response = run(request, **arguments)
        for name, value in getattr(request, "api_headers", {}).items():
            if response.status_code < 400:
                response[name] = value
        return _not_modified(request, response)

    return door


def _parameters(operation: Operation) -> frozenset[str]:
    found: set[str] = set()
    for model in operation.models:
        if model.__ninja_param_source__ == "query":
            found |= set(getattr(model, "__ninja_flatten_map__", {}))
    return frozenset(found)


def _body_of(operation: Operation) -> tuple[str, int]:
    sources = {model.__ninja_param_source__ for model in operation.models}
    if "file" in sources:
        return "multipart/form-data", 0
    return ("application/json", LARGEST_BODY) if "body" in sources else ("", 0)


def _judge_body(request: HttpRequest, kind: str, largest: int) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if kind and request.content_type != kind:
        raise Problem("media-type", _("Content-Type: %(kind)s is expected.") % {"kind": kind})
    if largest and length.isdecimal() and int(length[:20]) > largest:
        raise Problem("too-large")


def _not_modified(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """304 to who has what he would get (RFC 9110, 13.1.2)."""
    mark = response.headers.get("ETag")
    if request.method != "GET" or mark is None or response.status_code != 200:
        return response
    wanted = [one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")]
    if mark not in wanted and wanted != ["*"]:
        return response
    return HttpResponse(status=304, headers={"ETag": mark})


def at_the_door(patterns: list[URLPattern | URLResolver]) -> list[URLPattern]:
    """The addresses that ninja made, each once (it makes one for each router that has it), answering HEAD like GET and
    everything unknown by a problem."""
    views: dict[str, list[View]] = {}
    names: dict[str, list[str]] = {}
    for pattern in patterns:
        assert isinstance(pattern, URLPattern)
        if pattern.name != "api-root":
            route = str(pattern.pattern)
            views.setdefault(route, []).append(pattern.callback)
            names.setdefault(route, []).append(str(pattern.name))
    return [path(route, _view(views[route]), name=name) for route, found in names.items() for name in found]


def _view(views: list[View]) -> View:
    def answered(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
        head = request.method == "HEAD"
        if head:
            request.method = "GET"
        try:
            response = _first(views, request, arguments)
        except Exception as error:  # whatever it is, the answer has one shape
            response = problem_of(request, error).response()
        if head and isinstance(response, HttpResponse):
            response.content = b""
        patch_vary_headers(response, ["Authorization"])
        return response

    answered.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie opens anything here
    return answered


def _first(views: list[View], request: HttpRequest, arguments: dict[str, Any]) -> HttpResponseBase:
    """The answer of the view that has the method; a problem that names the methods when none has."""
    allowed: set[str] = set()
    for view in views:
        response = view(request, **arguments)
        if response.status_code != 405:
            return response
        allowed |= set(response.headers["Allow"].split(", "))
    methods = ", ".join(sorted(allowed))
    return Problem(
        "method", _("Here one may: %(methods)s.") % {"methods": methods}, headers={"Allow": methods}
    ).response()


def nothing_here(request: HttpRequest) -> HttpResponse:
    """Under /api/v1/ even what does not exist answers in the API's own shape."""
    return not_found().response()


nothing_here.csrf_exempt = True  # type: ignore[attr-defined]

"""What the pages share: for whom they exist, what the address asks for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.quality.policies import Scope, scope_of
from provodnik.quality.queries.filters import Filters

P = ParamSpec("P")


def report_only(
    view: Callable[Concatenate[HttpRequest, Scope, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """The report does not exist for whom `policies.scope_of` gives nothing."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        assert isinstance(request.user, User)
        scope = scope_of(request.user)
        if scope is None:
            raise Http404
        return view(request, scope, *args, **kwargs)

    return guarded


def filters_of(request: HttpRequest, scope: Scope) -> Filters:
    return Filters.read(request.GET, scope, today=timezone.localdate())


def frame_of(scope: Scope) -> str:
    return "ui/workbench.html" if scope.is_desk else "ui/cabinet.html"


def address(name: str, filters: Filters, scope: Scope, **more: str) -> str:
    """A page of the report with the filters; "" among `more` takes a filter away."""
    query = {**filters.as_query(scope), **more}
    return f"{reverse(name)}?{urlencode({key: value for key, value in query.items() if value})}"

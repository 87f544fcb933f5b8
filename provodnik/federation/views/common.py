"""What pages of federation share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from provodnik.accounts.models import User
from provodnik.accounts.policies import may_administer
from provodnik.core.decisions import Refused

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
form_methods = require_http_methods(["GET", "HEAD", "POST"])


def administrators_only(view: View[P]) -> Callable[..., HttpResponse]:
    """For anybody else the page does not exist; who is not signed in is asked to."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        if not may_administer(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def put(form: Any, refused: Refused) -> None:
    form.add_error(refused.field if refused.field in form.fields else None, str(refused))

"""What the views of payslips share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from provodnik.accounts import halfway
from provodnik.accounts.views.confirm import confirm_address
from provodnik.payslips.policies import keeps_payslips
from provodnik.people.views.common import frame_of, me

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def keeping(view: View[P]) -> View[P]:
    """For payroll accountants; for anybody else the page does not exist."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not keeps_payslips(me(request)):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, template, context | {"frame": frame_of(me(request)), "now": timezone.now()}, status=status)


def proof(request: HttpRequest) -> HttpResponse | None:
    """A way to the question «is it you?» for who was not asked lately (safety A57): a phone that lies about."""
    if halfway.is_sure(request, now=timezone.now()):
        return None
    return HttpResponseRedirect(confirm_address(request.get_full_path()))

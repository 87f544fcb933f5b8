"""What the views of the exchange share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.core.decisions import Decision
from provodnik.exchange import policies
from provodnik.exchange.objects import Moment
from provodnik.people.views.common import frame_of, me

__all__ = ["administrators", "lookers", "me", "moment", "number", "only", "page", "personnel"]
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def only(may: Callable[[User], Decision | bool]) -> Callable[[View[P]], View[P]]:
    """For whom this part of the exchange is there; for anybody else the page does not exist."""

    def guard(view: View[P]) -> View[P]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not may(me(request)):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return guard


lookers = only(policies.may_look)
administrators = only(policies.may_administer)


def is_personnel(user: User) -> bool:
    return bool(policies.houses(user))


personnel = only(is_personnel)


def number(request: HttpRequest, name: str) -> int | None:
    """A whole number of the address, or None."""
    value = request.GET.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 18 else None


def moment() -> Moment:
    now = timezone.now()
    return Moment(now, timezone.localdate(now))


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    user = me(request)
    context |= {"frame": frame_of(user), "now": timezone.now(), "is_personnel": is_personnel(user)}
    return render(request, template, context, status=status)

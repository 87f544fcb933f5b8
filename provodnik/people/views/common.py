"""What the views of people share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.people.policies import houses_of, may_look

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def me(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)
    return user


def clock() -> tuple[datetime, date]:
    """This moment, and the day of the installation."""
    now = timezone.now()
    return now, timezone.localdate(now)


def looking(view: View[P]) -> View[P]:
    """For whom there is a directory; for anybody else the page does not exist."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not may_look(me(request)):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def personnel(view: View[P]) -> View[P]:
    """For the personnel of any organisation; for anybody else the page does not exist."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not houses_of(me(request)).exists():
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def frame_of(user: User) -> str:
    """Who works at the desk or administers sees the workbench's frame, others the cabinet's."""
    return "ui/workbench.html" if user.is_desk or user.is_administrator else "ui/cabinet.html"

"""What the views of works share: who may come in, in which frame, what does not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from provodnik.accounts.models import User
from provodnik.core.decisions import Decision
from provodnik.desk.views.workbench.common import user_of
from provodnik.works.models import Work
from provodnik.works.policies import may_lead, may_look
from provodnik.works.queries import pages

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def _guard(policy: Callable[[User], Decision], view: View[P]) -> View[P]:
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not policy(user_of(request)):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def looking(view: View[P]) -> View[P]:
    """For whom there is a list of works."""
    return _guard(may_look, view)


def leading(view: View[P]) -> View[P]:
    """For who leads works; for anybody else the page does not exist."""
    return _guard(may_lead, view)


def work_or_404(request: HttpRequest, pk: int) -> Work:
    try:
        return pages.work_for(user_of(request), pk)
    except Work.DoesNotExist as error:
        raise Http404 from error


def frame_of(user: User) -> str:
    """Who works at the desk or administers sees the workbench's frame, others the cabinet's."""
    return "ui/workbench.html" if user.is_desk or user.is_administrator else "ui/cabinet.html"


def came_from(request: HttpRequest, otherwise: str) -> str:
    """The page of this product that the person was on."""
    address = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return address
    return otherwise

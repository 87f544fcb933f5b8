"""What these pages share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from provodnik.people.models import Organisation
from provodnik.people.policies import kept_organisations, may_keep
from provodnik.people.views.common import clock, frame_of, me

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def keepers(view: View[P]) -> View[P]:
    """For administrators and who keeps any organisation; for anybody else the page does not exist."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user = me(request)
        if not user.is_administrator and not kept_organisations(user).exists():
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def house_of(request: HttpRequest, pk: int, *, personnel: bool = False) -> Organisation:
    """An organisation whose page the asker opens; `personnel`: that he is the personnel of."""
    user = me(request)
    found = kept_organisations(user).filter(pk=pk).first()
    if found is None or (personnel and not may_keep(user, found.pk)):
        raise Http404
    return found


def page(
    request: HttpRequest, template: str, house: Organisation | None, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    now, on = clock()
    context |= {"house": house, "frame": frame_of(me(request)), "now": now, "on": on}
    return render(request, template, context, status=status)


def typed_of(request: HttpRequest) -> str:
    """What was looked for above a form."""
    return " ".join(request.GET.get("who", "").replace("\0", " ")[:100].split())

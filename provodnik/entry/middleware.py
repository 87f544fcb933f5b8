"""Who works here no more reads his own and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse

from provodnik.accounts.models import User
from provodnik.core.parts import parts

# His card and his account; parts above add what is his by Part.extra["former_may"]: names of routes.
OWN = frozenset(
    {
        "web:health",
        "people:me",
        "people:person",  # visible_people gives him himself alone
        "people:card",
        "people:looks",
        "accounts:sign_out",
        "accounts:sign_in",
        "accounts:profile",
        "accounts:change_password",
        "accounts:confirm",
        "accounts:factors",
        "accounts:add_totp",
        "accounts:remove_totp",
        "accounts:add_passkey",
        "accounts:rename_passkey",
        "accounts:remove_passkey",
        "accounts:codes",
        "accounts:forget_device",
        "accounts:end_session",
        "accounts:end_other_sessions",
        "entry:start",
        "entry:start_with",
        "entry:start_link",
        "entry:password",
    }
)


@cache
def open_to_former() -> frozenset[str]:
    return OWN.union(*(part.extra.get("former_may", ()) for part in parts()))


class FormerSeesLittle:
    """For an account of somebody who has left every other address is not there. Costs no statement: the mark stands in
    the account's own row."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(settings.PUBLIC_PATHS):
            return self.get_response(request)
        user = request.user
        if isinstance(user, User) and user.is_former:
            name = _name(request)
            if name == "web:home":
                return HttpResponseRedirect(reverse("people:me"))
            if name not in open_to_former():
                raise Http404
        return self.get_response(request)


def _name(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""

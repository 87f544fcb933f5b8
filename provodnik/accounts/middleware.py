"""Who is signed in, and what every page of a signed-in person leaves in his list of sessions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from provodnik.accounts import shared
from provodnik.accounts.addresses import client_address
from provodnik.accounts.models import Session, User
from provodnik.accounts.policies import must_set_up

EVERY = timedelta(minutes=5)  # a write for each page would cost more than the line is worth
_BACKEND = "provodnik.accounts.backends.LoginOrEmailBackend"


class WhoIsSignedIn(AuthenticationMiddleware):
    """`request.user`: the owner that came with the session in one statement, judged as Django judges him; whatever is
    not plain (another backend, an older secret key) is left to Django."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _owner(request))  # type: ignore[assignment]


def _owner(request: HttpRequest) -> User | AnonymousUser:
    session = request.session
    if session.get(BACKEND_SESSION_KEY) == _BACKEND:
        owner: User | None = getattr(session, "owner", None)
        if (
            owner is not None
            and session.get(SESSION_KEY) == str(owner.pk)
            and constant_time_compare(session.get(HASH_SESSION_KEY, ""), owner.get_session_auth_hash())
        ):
            return owner
    user = get_user(request)
    assert isinstance(user, (User, AnonymousUser))
    return user


class SessionIsSeen:
    """Note when, and from where, a session was last used; on somebody else's device this is what keeps it alive."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        row = getattr(request.session, "row", None)
        now = timezone.now()
        if row is not None and row.user_id is not None and now - row.seen_at > EVERY:
            Session.objects.filter(pk=row.pk).update(seen_at=now, address=client_address(request))
        if row is not None and row.user_id is not None and request.session.get(shared.SHARED):
            shared.used(request, response)
        return response


# All that somebody may open whose role wants a second factor that he has not set up.
SETTING_UP = frozenset(
    {
        "web:health",
        "accounts:sign_out",
        "accounts:factors",
        "accounts:add_totp",
        "accounts:add_passkey",
        "accounts:codes",
        "accounts:confirm",
    }
)


class SecondFactorFirst:
    """Who must have a second factor and has none is led to set it up, and can do nothing else. Costs no statement:
    the day stands in the account's own row."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(settings.PUBLIC_PATHS):  # the same for everybody: nobody is asked who he is
            return self.get_response(request)
        user = request.user
        if isinstance(user, User) and must_set_up(user, now=timezone.now()) and not self._is_open(request):
            if "HX-Request" in request.headers:  # a piece of a page cannot show another page
                return HttpResponse(status=204, headers={"HX-Redirect": reverse("accounts:factors")})
            return HttpResponseRedirect(reverse("accounts:factors"))
        return self.get_response(request)

    @staticmethod
    def _is_open(request: HttpRequest) -> bool:
        try:
            return resolve(request.path_info).view_name in SETTING_UP
        except Resolver404:
            return False

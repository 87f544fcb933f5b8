"""Who asks: a living token in the header, its owner as he is now, the scope and the pace. No cookie counts."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja.security import HttpBearer

from provodnik.accounts import api_tokens
from provodnik.accounts.models import ApiToken, User
from provodnik.accounts.policies import must_set_up
from provodnik.accounts.scopes import Scope
from provodnik.api import pace
from provodnik.api.problems import Problem, too_many


class Token(HttpBearer):
    """The token needs one of `scopes`; without any, every living token will do."""

    openapi_description = gettext_noop("A token from the profile: Authorization: Bearer pvd_…")

    def __init__(self, *scopes: Scope) -> None:
        super().__init__()
        self.scopes = [scope.value for scope in scopes]

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        now = timezone.now()
        found = api_tokens.read(token, now=now)
        if found is None:
            return None
        if must_set_up(found.owner, now=now):
            raise Problem("refused", _("The token's owner must set up a second factor first."))
        wait = pace.spend(found, rate=settings.API_RATE, now=now)
        if wait:
            raise too_many(wait.total_seconds())
        if self.scopes and not set(self.scopes) & set(found.scopes):
            needed = " ".join(self.scopes)
            raise Problem(
                "scope",
                _("The token needs the scope %(scope)s.") % {"scope": needed},
                headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{needed}"'},
            )
        request.user = found.owner
        return found


def me(request: HttpRequest) -> User:
    """The token's owner."""
    return cast(User, request.user)


def token_of(request: HttpRequest) -> ApiToken:
    return cast(ApiToken, request.auth)  # type: ignore[attr-defined]

"""Sign-in by login, e-mail or what else somebody is known by, and password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from provodnik.accounts.models import User
from provodnik.accounts.queries import signs_in_as

LONGEST_PASSWORD = 1000  # a password of megabytes is an attack on the processor (CVE-2023-30082 of osTicket)


class LoginOrEmailBackend(BaseBackend):
    """Takes the same time whether or not the user exists (safety A51)."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        secret = (password or "")[:LONGEST_PASSWORD]
        user = signs_in_as(username or "")
        if user is None or not user.has_usable_password():
            User(login="nobody").set_password(secret)  # spend what checking would have spent
            return None
        right = user.check_password(secret)  # always, so that a switched-off account costs the same
        return user if right and user.is_active and len(password or "") <= LONGEST_PASSWORD else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()

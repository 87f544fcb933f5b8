"""Lines of the menu that the desk brings: a requester's, a specialist's, an administrator's."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.parts import NavItem
from provodnik.desk import policies


def menu(request: HttpRequest) -> Sequence[NavItem]:
    user = request.user
    if not isinstance(user, User):
        return []
    return [*requester(request, user)]


def requester(request: HttpRequest, user: User) -> list[NavItem]:
    """«Мои обращения» and «Обратная связь», for who writes requests."""
    if policies.contact_of(user) is None:
        return []
    new, own = reverse("requests:new"), reverse("requests:index")
    inside = request.path.startswith(own)
    return [
        NavItem(_("My requests"), own, "inbox", current=inside and request.path != new, short=_("Requests")),
        NavItem(_("Feedback"), new, "life-buoy", current=request.path == new, short=_("Write")),
    ]

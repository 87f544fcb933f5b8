"""The front door of the API: its lines in the menu of administration."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.api.erasing import erase, forget
from provodnik.api.problems import outside
from provodnik.core.parts import NavItem, Part, address


def menu(request: HttpRequest) -> Sequence[NavItem]:
    """For an administrator inside the settings; anybody else comes to it from his profile."""
    user = request.user
    if not isinstance(user, User) or not user.is_administrator:
        return []
    if not request.path.startswith(address("settings:overview")):
        return []
    tokens, group = address("accounts:all_tokens"), _("Exchange")
    return [
        NavItem(_("Tokens of the API"), tokens, "key-round", current=request.path == tokens, group=group),
        NavItem(_("What the API can do"), address("api:docs"), "file-text", group=group),
    ]


PART = Part(name="api", menu=menu, extra={"problem": outside, "erase": [erase], "forget": [forget]})

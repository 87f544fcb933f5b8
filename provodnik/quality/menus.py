"""The line «Качество», for whom there is a report."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.parts import NavItem, address
from provodnik.quality.policies import scope_of


def menu(request: HttpRequest) -> Sequence[NavItem]:
    user = request.user
    if not isinstance(user, User):
        return []
    scope = scope_of(user)
    if scope is None:
        return []
    home = address("quality:index")
    group = _("More") if scope.is_desk else ""
    return [NavItem(_("Quality"), home, "chart-column", current=request.path.startswith(home), group=group)]

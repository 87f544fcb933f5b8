"""The front door of personal data: a line of the administration, what its looks are called, what goes at an erasure."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.parts import NavItem, Part, address
from provodnik.privacy.erasing import forget


def menu(request: HttpRequest) -> Sequence[NavItem]:
    """Inside the administration, in its group «Access». No statement."""
    user = request.user
    if not isinstance(user, User) or not user.is_administrator:
        return []
    if not request.path.startswith(address("settings:overview")):
        return []
    home = address("privacy:index")
    current = request.path.startswith(home)
    return [NavItem(_("Data of people"), home, "id-card", current=current, group=_("Access"))]


def looked_at() -> dict[str, str]:
    """For «who looked at my data»."""
    return {"privacy.person": _("What is kept of me, all of it")}


PART = Part(name="privacy", menu=menu, extra={"looks_at_people": looked_at, "forget": [forget]})

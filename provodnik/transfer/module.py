"""The front door of transfer: a line among the sections of administration."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.parts import NavItem, Part, address
from provodnik.transfer.erasing import erase, forget
from provodnik.transfer.policies import may_transfer


def menu(request: HttpRequest) -> Sequence[NavItem]:
    """Only inside the administration: a file of another desk is brought once in the life of an installation."""
    user = request.user
    if (
        not isinstance(user, User)
        or not request.path.startswith(address("settings:overview"))
        or not may_transfer(user)
    ):
        return []
    home = address("transfer:index")
    here = request.path.startswith(home)
    return [NavItem(_("From another desk"), home, "upload", current=here, group=_("Exchange"))]


PART = Part(name="transfer", menu=menu, extra={"erase": [erase], "forget": [forget]})

"""The front door of entry: a way from the directory for personnel."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.parts import NavItem, Part, address
from provodnik.entry.policies import houses
from provodnik.entry.queries.naming import account_named


def menu(request: HttpRequest) -> Sequence[NavItem]:
    """Inside its own section: personnel come from the directory. No statement."""
    home = address("entry:index")
    if not isinstance(request.user, User) or not request.path.startswith(home):
        return []
    return [NavItem(_("Slips of entry"), home, "key-round", current=True)]


def way_from_people(user: User) -> tuple[str, str, str] | None:
    """(words, address, icon) beside the directory, for personnel."""
    return (_("Slips of entry"), address("entry:index"), "key-round") if houses(user).exists() else None


PART = Part(name="entry", menu=menu, extra={"beside_people": way_from_people, "sign_in_names": account_named})

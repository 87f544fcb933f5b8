"""Lines of the menu for whoever organises the desk: leads and administrators."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.parts import NavItem, address
from provodnik.desk.policies import may_organise


def assignment(request: HttpRequest, user: User) -> list[NavItem]:
    """One line for a lead; every page once inside the settings."""
    if not may_organise(user):
        return []
    home = address("assignment:rules")
    if not request.path.startswith(address("settings:overview")):
        return [NavItem(_("Assignment"), home, "shuffle", group=_("More"))] if user.is_lead else []
    group = _("Who gets requests")

    def line(label: str, page: str, icon: str) -> NavItem:
        page_url = address(f"assignment:{page}")
        return NavItem(label, page_url, icon, current=request.path.startswith(page_url), group=group)

    others = [
        line(_("Teams"), "teams", "users"),
        line(_("Duties"), "duties", "calendar-days"),
        line(_("Absences"), "absences", "palmtree"),
    ]
    inside = request.path.startswith(home) and not any(one.current for one in others)
    return [NavItem(_("Assignment"), home, "shuffle", current=inside, group=group), *others]

"""Lines of the menu for an administrator: one from elsewhere, every section once inside."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.channels.models import Inbound, InboundState
from provodnik.core.parts import NavItem, address
from provodnik.desk.policies import may_administer
from provodnik.desk.queries.administration import dead_lately

MOST = 99


def _count(number: int) -> int | str:
    return f"{MOST}+" if number > MOST else number or ""


def administration(request: HttpRequest, user: User) -> list[NavItem]:
    """Sections of /settings/, with counters of what waits there."""
    if not may_administer(user):
        return []
    home = address("settings:overview")
    if not request.path.startswith(home):
        group = _("More") if user.is_desk else ""
        return [NavItem(_("Administration"), home, "settings", group=group, short=_("Settings"))]
    held = Inbound.objects.filter(state=InboundState.QUARANTINED)[: MOST + 1].count()
    dead = dead_lately(timezone.now())[: MOST + 1].count()

    def line(label: str, page: str, icon: str, *inside: str, group: str, counter: int = 0) -> NavItem:
        page_url = address(f"settings:{page}")
        places = (page_url, *(home + place for place in inside))
        current = request.path == home if page_url == home else request.path.startswith(places)
        return NavItem(
            label,
            page_url,
            icon,
            current=current,
            counter=_count(counter),
            tone="error" if counter else "",
            group=group,
        )

    work, mail, house = _("Obligations"), _("Mail"), _("Access")
    return [
        line(_("Overview"), "overview", "activity", group=_("Administration")),
        line(_("Customers"), "customers", "building-2", "contacts/", "contracts/", group=work),
        line(_("Working calendars"), "calendars", "calendar-days", group=work),
        line(_("Holidays"), "production", "calendar-check", group=work),
        line(_("Subsystems"), "subsystems", "layout-list", group=work),
        line(_("Tags"), "tags", "tags", group=work),
        line(_("Mailboxes"), "mailboxes", "mailbox", group=mail),
        line(_("Held up"), "letters", "file-warning", group=mail, counter=held),
        line(_("Outgoing"), "outgoing", "send", group=mail, counter=dead),
        line(_("Accounts"), "users", "users", group=house),
        line(_("Second factor"), "factors", "shield-check", group=house),
        line(_("Journal"), "journal", "history", group=house),
        line(_("Retention"), "retention", "archive", group=house),
    ]

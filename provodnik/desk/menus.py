"""Lines of the menu that the desk brings: a requester's, a specialist's, an administrator's."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.parts import NavItem, address
from provodnik.desk import policies
from provodnik.desk.menu_administration import administration
from provodnik.desk.menu_assignment import assignment
from provodnik.desk.queries.queue import view_named
from provodnik.desk.queries.rail import Rail, rail
from provodnik.desk.queries.views import CONTACT, UNREAD, VIEWS, shown

OF_MINE = ("preferences", "drafts", "macros", "views", "runs")  # pages that «Моё рабочее место» leads to


def menu(request: HttpRequest) -> Sequence[NavItem]:
    user = request.user
    if not isinstance(user, User):
        return []
    lines: list[NavItem] = []
    known = rail_of(request, user) if user.is_desk else None
    counts = known.counts if known is not None else None
    if known is not None:
        lines += specialist(request, known)
    if counts is None or counts[CONTACT]:  # one statement has asked everything for the desk
        lines += requester(request, user)
    return [*lines, *administration(request, user), *assignment(request, user)]


def rail_of(request: HttpRequest, user: User) -> Rail:
    """Asked once a request: the menu shows its counters, the list its columns."""
    known: Rail | None = getattr(request, "_rail", None)
    if known is None:
        known = rail(user, timezone.now())
        request._rail = known  # type: ignore[attr-defined]
    return known


def specialist(request: HttpRequest, known: Rail) -> list[NavItem]:
    """The views with their counters, those that were saved under the built-in ones of their kind, and what else the
    desk does."""
    counts = known.counts
    queue, new, notices = address("desk:queue"), address("desk:new"), address("notify:index")
    journal = address("desk:journal")
    after = request.path.removeprefix(queue)
    inside = request.path.startswith(queue) and (not after or after.partition("/")[0].isdigit())
    saved = request.GET.get("saved", "") if inside else ""
    current = view_named(request.GET.get("view", "")).key if inside and not saved else ""
    lead = isinstance(request.user, User) and request.user.is_lead
    lines = [
        NavItem(
            str(view.label),
            f"{queue}?view={view.key}",
            view.icon,
            current=view.key == current,
            counter=shown(counts.get(view.key, 0)) if counts.get(view.key) else "",
            tone=view.tone,
            group=str(view.group),
        )
        for view in VIEWS.values()
        if lead or not view.leads
    ]
    for one in known.saved:
        group = str(VIEWS["new"].group if one.shared else VIEWS["mine"].group)
        line = NavItem(
            one.name,
            f"{queue}?{one.query}",
            "bookmark",
            current=saved == str(one.id),
            counter=shown(one.count) if one.count else "",
            group=group,
        )
        last = max(at for at, line in enumerate(lines) if line.group == group)
        lines.insert(last + 1, line)
    more, mine = _("More"), address("desk:preferences")
    return [
        *lines,
        NavItem(_("New request"), new, "plus", current=request.path == new, group=more),
        NavItem(
            _("Notifications"),
            notices,
            "bell",
            current=request.path.startswith(notices),
            counter=counts[UNREAD] or "",
            tone="warning",
            group=more,
        ),
        NavItem(
            _("My workbench"),
            mine,
            "sliders-horizontal",
            current=after.partition("/")[0] in OF_MINE and request.path.startswith(queue),
            group=more,
        ),
        *([NavItem(_("Who looked"), journal, "eye", current=request.path == journal, group=more)] if lead else []),
    ]


def requester(request: HttpRequest, user: User) -> list[NavItem]:
    """«Мои обращения» and «Обратная связь», for who writes requests."""
    if policies.contact_of(user) is None:
        return []
    new, own = address("requests:new"), address("requests:index")
    inside = request.path.startswith(own)
    return [
        NavItem(_("My requests"), own, "inbox", current=inside and request.path != new, short=_("Requests")),
        NavItem(_("Feedback"), new, "life-buoy", current=request.path == new, short=_("Write")),
    ]


def beside_organisation(user: User, organisation_id: int) -> list[tuple[str, str, str, str]]:
    """On the page of an organisation: the production calendar, which is one for the installation."""
    if not user.is_administrator:
        return []
    told = _("Federal holidays and moved days off, for all organisations")
    return [(_("Production calendar"), told, address("settings:calendars"), "calendar")]

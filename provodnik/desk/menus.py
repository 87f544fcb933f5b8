"""Lines of the menu that the desk brings: a requester's, a specialist's, an administrator's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.parts import NavItem
from provodnik.desk import policies
from provodnik.desk.menu_administration import administration
from provodnik.desk.menu_assignment import assignment
from provodnik.desk.queries.queue import view_named
from provodnik.desk.queries.views import CONTACT, UNREAD, VIEWS, lately, shown


@cache
def _address(name: str) -> str:
    """Addresses do not change while a process lives; the menu names them on every page."""
    return reverse(name)


def menu(request: HttpRequest) -> Sequence[NavItem]:
    user = request.user
    if not isinstance(user, User):
        return []
    lines: list[NavItem] = []
    counts = lately(user, timezone.now()) if user.is_desk else None
    if counts is not None:
        lines += specialist(request, counts)
    if counts is None or counts[CONTACT]:  # one statement has asked everything for the desk
        lines += requester(request, user)
    return [*lines, *assignment(request, user), *administration(request, user)]


def specialist(request: HttpRequest, counts: Mapping[str, int]) -> list[NavItem]:
    """The saved views with their counters, and what else the desk does."""
    queue, new, notices = _address("desk:queue"), _address("desk:new"), _address("notify:index")
    inside = request.path.startswith(queue) and request.path not in (new, _address("desk:search"))
    current = view_named(request.GET.get("view", "")).key if inside else ""
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
    more = _("More")
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
    ]


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

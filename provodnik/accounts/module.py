"""The front door of accounts: the person in the corner of the frame, checks for doctor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.accounts.roles import Role
from provodnik.core.parts import Banner, Finding, Part
from provodnik.ui.text import full_day


def person(user: User) -> dict[str, str]:
    """Who is signed in, for the frames: {name, place, url}."""
    names = {Role.SPECIALIST: _("specialist"), Role.LEAD: _("lead"), Role.ADMINISTRATOR: _("administrator")}
    held = [name for role, name in names.items() if user.has_role(role)]
    place = ", ".join(held)
    return {
        "name": user.full_name or user.login,
        "place": place[:1].upper() + place[1:],
        "url": reverse("accounts:profile"),
    }


def check_administrators() -> Iterable[Finding]:
    """Somebody must be able to let people in."""
    living = User.objects.filter(is_active=True, roles__contains=[Role.ADMINISTRATOR]).count()
    if living:
        yield Finding("ok", _("Administrators: %(count)d.") % {"count": living})
    else:
        yield Finding("warning", _("There is no administrator: nobody can invite people."))


def banners(request: HttpRequest) -> Sequence[Banner]:
    """That a second factor will soon be needed: read from the account's own row, no statement."""
    user = request.user
    due = user.second_factor_due if isinstance(user, User) else None
    address = reverse("accounts:factors")
    if due is None or request.path.startswith(address):
        return []
    return [Banner(_("Your role needs a second factor by %(day)s") % {"day": full_day(due)}, address, "warning")]


PART = Part(name="accounts", checks=[("administrators", check_administrators)], banners=banners)

"""The front door of accounts: the person in the corner of the frame, checks for doctor."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.accounts.roles import Role
from provodnik.core.parts import Finding, Part


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


PART = Part(name="accounts", checks=[("administrators", check_administrators)])

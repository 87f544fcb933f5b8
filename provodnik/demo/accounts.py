"""The accounts that a visitor of the demo signs in with."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.demo.people import PASSWORD
from provodnik.desk.models import Contact


@dataclass(frozen=True, slots=True)
class Shown:
    login: str
    role: str
    name: str


def roles() -> dict[str, str]:
    """Login → what one sees with it, in the order of being shown."""
    return {
        "anna": _("an employee who writes to support"),
        "olga": _("a coordinator: sees all requests of her company"),
        "evgenia": _("personnel of an organisation, and an employee"),
        "zoya": _("a payroll accountant, and an employee"),
        "innokenty": _("a support specialist"),
        "galina": _("the lead of support"),
        "admin": _("an administrator"),
    }


def shown() -> list[Shown]:
    names = dict(User.objects.filter(login__in=list(roles()), is_active=True).values_list("login", "full_name"))
    return [Shown(login, role, names[login]) for login, role in roles().items() if login in names]


def told() -> list[str]:
    """For the terminal."""
    width = max(len(login) for login in roles())
    lines = [f"  {one.login:<{width}}  {one.role} ({one.name})" for one in shown()]
    return [_("Accounts of the demo, all with the password %(password)s:") % {"password": PASSWORD}, *lines]


def shown_addresses() -> list[tuple[str, str]]:
    """(address, name) of people to write from: the shown requesters first, then others of their customers."""
    people = Contact.objects.exclude(email="").order_by("pk").values_list("email", "name")
    return list(people[:40])

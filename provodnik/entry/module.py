"""The front door of entry: a way from the directory for personnel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db.models import Exists
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core.parts import Finding, NavItem, Part, address, parts
from provodnik.entry.actions.leaving import gone
from provodnik.entry.forms import RulesForm
from provodnik.entry.queries.managed import managed_by
from provodnik.entry.queries.naming import account_named
from provodnik.entry.rules import Code
from provodnik.people.models import OrganisationRule, Person
from provodnik.people.policies import current, houses_of


def menu(request: HttpRequest) -> Sequence[NavItem]:
    """Inside its own section: personnel come from the directory. No statement."""
    home = address("entry:index")
    if not isinstance(request.user, User) or not request.path.startswith(home):
        return []
    return [NavItem(_("Slips of entry"), home, "key-round", current=True)]


def menu_of_former(request: HttpRequest) -> list[NavItem]:
    """All that stands in the menu of who has left; parts above add what is his by Part.extra["menu_of_former"]."""
    url = address("people:me")
    lines = [NavItem(_("My page"), url, "id-card", current=request.path.startswith(address("people:index")))]
    for part in parts():
        tell = part.extra.get("menu_of_former")
        lines += tell(request) if tell is not None else ()
    return lines


def way_from_people(user: User) -> tuple[str, str, str] | None:
    """(words, address, icon) beside the directory, for personnel, and for managers where they may print."""
    on = timezone.localdate()
    rule = OrganisationRule.objects.filter(current(on), code=Code.MANAGERS.value, value=True)
    asked = User.objects.filter(pk=user.pk).values_list(Exists(houses_of(user)), Exists(rule))  # by one statement
    is_personnel, somewhere = asked.first() or (False, False)
    if is_personnel:
        return _("Slips of entry"), address("entry:index"), "key-round"
    if somewhere and managed_by(user, on=on):
        return _("Slips for my people"), address("entry:mine"), "key-round"
    return None


def beside_organisation(user: User, organisation_id: int) -> list[tuple[str, str, str, str]]:
    """On the page of an organisation, for its personnel: how its people get in."""
    if not houses_of(user).filter(pk=organisation_id).exists():
        return []
    return [
        (_("Rules of entry"), _("By what employees sign in, what a slip asks for"), address("entry:rules"), "key-round")
    ]


def way_in() -> tuple[str, str, str, str]:
    """(words, what it is, address, icon) below the form of signing in."""
    return _("I have a slip with a code"), _("The first time, or a lost password"), address("entry:start"), "id-card"


def phone_of(user_id: int) -> str:
    """The phone that the owner of an account has proved."""
    found = Person.objects.filter(user_id=user_id, phone_confirmed_at__isnull=False).values_list("phone", flat=True)
    return found.first() or ""


def journal_fields() -> dict[tuple[str, str], str]:
    """What the journal calls rules of entry, which are no columns: (kind, name) → words."""
    labels = {name: str(field.label) for name, field in RulesForm.base_fields.items()}
    return {("people.organisation", name): label for name, label in labels.items()}


def check_leavers() -> Iterable[Finding]:
    """Who has left is out: all but an only administrator, whom a person must replace first."""
    left = gone(on=timezone.localdate() - timedelta(days=1)).count()
    if left:
        yield Finding(
            "warning", _("Accounts of people who have left with all their rights: %(count)d.") % {"count": left}
        )
    else:
        yield Finding("ok", _("Who has left reads his own and nothing else."))


PART = Part(
    name="entry",
    menu=menu,
    checks=[("leavers", check_leavers)],
    extra={
        "phone_of": phone_of,
        "journal_fields": journal_fields,
        "beside_people": way_from_people,
        "beside_organisation": beside_organisation,
        "sign_in_names": account_named,
        "way_in": way_in,
    },
)

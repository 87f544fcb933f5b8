"""The front door of people: a line of the menu, what doctor checks, whose looks are told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.accounts.policies import OtherRole
from provodnik.core.parts import Finding, NavItem, Part, address
from provodnik.people.forms import ROLES
from provodnik.people.models import Employment, Entry
from provodnik.people.policies import holders, works_here
from provodnik.people.queries import looks
from provodnik.people.queries.wholeness import wrong_accounts, wrong_lines
from provodnik.people.rules import RULES
from provodnik.people.states import StaffRole


def menu(request: HttpRequest) -> Sequence[NavItem]:
    """Costs no statement: the page of the desk is counted in them."""
    user = request.user
    if not isinstance(user, User) or not (works_here(user) or user.is_administrator):
        return []
    url = address("people:index")
    inside = user.is_desk or user.is_administrator
    return [NavItem(_("People"), url, "users", current=request.path.startswith(url), group=_("More") if inside else "")]


def check_people() -> Iterable[Finding]:
    """Who works here, and that the accounts say so."""
    on = timezone.localdate()
    wrong = wrong_accounts(on=on)
    if wrong:
        text = _("Accounts that do not say rightly whether their owner works here: %(count)d.")
        yield Finding("warning", text % {"count": wrong})
    else:
        count = Employment.objects.filter(ends_on__isnull=True).count()
        yield Finding("ok", _("Places of work: %(count)d.") % {"count": count})


def check_directory() -> Iterable[Finding]:
    """The directory is a cache: each of its lines is what the places of work would make of it."""
    wrong = wrong_lines()
    if wrong:
        yield Finding("error", _("Lines of the directory that are not right: %(count)d.") % {"count": wrong})
    else:
        text = _("Lines of the directory: %(count)d, all of them right.")
        yield Finding("ok", text % {"count": Entry.objects.count()})


def looked_at() -> dict[str, str]:
    return {
        looks.CARD: _("personnel card"),
        looks.REQUEST: _("request to change data"),
        looks.SCAN: _("scan of a request to change data"),
    }


def journal_fields() -> dict[tuple[str, str], str]:
    """What the journal calls changes that are no columns: (kind, name) → words."""
    found = {("people.organisation", code.value.partition(".")[2]): str(rule.told) for code, rule in RULES.items()}
    return found | {("people.organisation", "from"): _("From which day")}


def factor_roles() -> list[OtherRole]:
    """Who opens other people's data and payslips: the administrators' rule may ask a second factor of them."""
    return [OtherRole(role, str(label), partial(holders, StaffRole(role))) for role, label in ROLES]


PART = Part(
    name="people",
    menu=menu,
    checks=[("people", check_people)],
    strict=[("directory", check_directory)],
    extra={"looks_at_people": looked_at, "journal_fields": journal_fields, "factor_roles": factor_roles},
)

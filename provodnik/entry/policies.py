"""Who makes slips, for whom, and who sees the register."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.entry.models import Slip
from provodnik.entry.states import Fact
from provodnik.people.models import Person, StaffMember
from provodnik.people.policies import houses_of


def visible_slips(user: User) -> QuerySet[Slip]:
    """The only door to the register."""
    return Slip.objects.filter(organisation__in=houses_of(user))


def staff_among(user_ids: set[int]) -> set[int]:
    """Which of these accounts are personnel or payroll accountants of any organisation. One statement."""
    return set(StaffMember.objects.filter(user_id__in=user_ids).values_list("user_id", flat=True))


def why_no_slip(person: Person, fact: Fact, *, staff: set[int]) -> str | Promise:
    """Why nobody prints a slip for this person; "" where it is printed.

    Who has rights over others gets no slip: else personnel, who know birth dates, could take over an administrator's or
    a payroll accountant's account with a sheet of paper."""
    user = person.user
    if user is not None and not user.is_active:
        return _("An administrator has switched the account off.")
    if user is not None and user.is_external:
        return _("Signs in by the organisation's directory: the password is mended there.")
    if user is not None and (user.roles or user.pk in staff):
        return _("Has rights over others: an administrator helps to get in again.")
    if fact is Fact.BIRTH and person.birth_date is None:
        return _("1C has told no date of birth: there is nothing to ask besides the code.")
    if fact is Fact.SNILS and not person.snils_digest:
        return _("1C has told no SNILS: there is nothing to ask besides the code.")
    return ""

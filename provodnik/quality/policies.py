"""Who sees which figures. Every row behind a figure goes through `desk.policies.visible_tickets` besides.

The lead of the desk sees all; a specialist his own figures and the desk's totals without the names of others; a
customer's coordinator his customer's. For everybody else there is no report (404).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core.decisions import YES, Decision, no
from provodnik.desk.models import Ticket
from provodnik.desk.policies import contact_of, may_administer, visible_tickets
from provodnik.quality.models import Case, Export

MOST_EXPORTS = 2  # of one person at once (safety A75)
JOURNAL = "journal"  # the right to the whole journal: an administrator's


class Side(StrEnum):
    """From where somebody looks at the report."""

    LEAD = "lead"
    SPECIALIST = "specialist"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Scope:
    """What of the report exists for a person. `customer_id`: of a coordinator."""

    side: Side
    user: User
    customer_id: int | None = None

    @property
    def name(self) -> str:
        """The right in one word: what was made under one name is given out under the same alone."""
        about = {Side.LEAD: "", Side.SPECIALIST: self.user.pk, Side.CUSTOMER: self.customer_id}[self.side]
        return f"{self.side.value}:{about}"

    @property
    def is_desk(self) -> bool:
        return self.side is not Side.CUSTOMER

    @property
    def sees_names(self) -> bool:
        """Of the specialists."""
        return self.side is Side.LEAD


def scope_of(user: User) -> Scope | None:
    """None: for this person there is no report."""
    if not user.is_authenticated or not user.is_active:
        return None
    if user.is_lead:
        return Scope(Side.LEAD, user)
    if user.is_desk:
        return Scope(Side.SPECIALIST, user)
    contact = contact_of(user)
    if contact is not None and contact.is_coordinator:
        return Scope(Side.CUSTOMER, user, contact.customer_id)
    return None


def visible_cases(scope: Scope) -> QuerySet[Case]:
    """Rows of the requests that the person may see: `visible_tickets` again, which leaves the desk nothing out."""
    if scope.is_desk:
        return Case.objects.all()
    # the customer is named besides for the index alone
    return Case.objects.filter(customer=scope.customer_id, ticket__in=visible_tickets(scope.user).values("pk"))


def requests_behind(scope: Scope) -> QuerySet[Ticket]:
    """The requests themselves."""
    return visible_tickets(scope.user)


def may_export(underway: int) -> Decision:
    """`underway`: how many files are being made for the person."""
    if underway >= MOST_EXPORTS:
        return no(_("Two files are already being made for you. Wait for one of them, or cancel it."))
    return YES


def right_to(user: User, of: str) -> str:
    """The right, in one word, by which somebody has tables of a kind as of this moment; "" for none."""
    if of == Export.Of.JOURNAL.value:
        return JOURNAL if user.is_active and may_administer(user) else ""
    scope = scope_of(user)
    return scope.name if scope is not None else ""


def may_have(user: User | None, export: Export) -> bool:
    """The file is the asker's alone, and only while he may see what is in it (safety F61)."""
    return user is not None and export.user_id == user.pk and export.scope == (right_to(user, export.of) or None)


def may_print(scope: Scope, customer_id: int) -> bool:
    """A customer's report on paper: for the desk, and for his own coordinator."""
    return scope.is_desk or scope.customer_id == customer_id

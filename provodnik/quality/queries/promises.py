"""What a customer's contract promises, beside what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from provodnik.desk.models import Contract, Customer
from provodnik.desk.queries.facts import allowances_of
from provodnik.desk.states import Priority
from provodnik.quality.periods import Period, months_later
from provodnik.quality.policies import Scope
from provodnik.quality.queries.figures import share
from provodnik.quality.queries.filters import NOBODY, Filters


@dataclass(frozen=True, slots=True)
class Promise:
    """Of one contract, at the end of a period. `contract` None: the regulation's own terms (R12)."""

    contract: Contract | None
    allowances: Mapping[Priority, timedelta]
    target: int | None  # per cent of a month's requests


@dataclass(frozen=True, slots=True)
class Contracts:
    """A customer's contracts, the latest first."""

    customer: Customer
    rows: Sequence[Contract]

    def at_end_of(self, month: date) -> Promise:
        """The terms in force on the last day of a month."""
        day = months_later(month, 1) - timedelta(days=1)
        found = next((one for one in self.rows if one.in_force(day)), None)
        return Promise(found, allowances_of(found), found.target_share if found is not None else None)

    def within(self, period: Period) -> list[Contract]:
        """Those that were in force on any day of a period."""
        end = months_later(period.first, period.months)
        return [
            one for one in self.rows if one.starts_on < end and (one.ends_on is None or one.ends_on >= period.first)
        ]


def contracts(filters: Filters, scope: Scope) -> Contracts | None:
    """Of the one customer that the report is about; None when it is about several."""
    number = str(scope.customer_id or "") or filters.customer
    if not number or number == NOBODY:
        return None
    customer = Customer.objects.filter(pk=int(number)).first()
    return contracts_of(customer) if customer is not None else None


def contracts_of(customer: Customer) -> Contracts:
    rows = Contract.objects.select_related("calendar").filter(customer=customer).order_by("-starts_on")[:200]
    return Contracts(customer, list(rows))


def kept(target: int | None, in_time: int, closed: int) -> bool | None:
    """Whether the promised share was reached; None where none was promised or nothing was closed."""
    reached = share(in_time, closed)
    return None if target is None or reached is None else reached >= target

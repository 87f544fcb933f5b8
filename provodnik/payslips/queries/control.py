"""The control page of a batch: what was expected, what has come, what does not add up. Sums stand in columns, so that
fifty thousand payslips are one statement."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import MD5, Cast, Concat

from provodnik.payslips.content import ZERO
from provodnik.payslips.models import PayBatch, PayLook, PayslipVersion
from provodnik.payslips.states import Pay, VersionState
from provodnik.people.models import Employment

SPOT = 5  # payslips that the accountant is asked to open
LIVING = (VersionState.LOADED.value, VersionState.PUBLISHED.value)


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the newest version of each payslip."""

    count: int
    to_pay: Decimal
    without_sum: int


@dataclass(frozen=True, slots=True)
class Control:
    """`expected`: who worked there in the month (None: only the final calculation is everybody's); `missing`: of them
    without a payslip; `fresh`: not seen by anybody yet; `corrections`: of these with an earlier version."""

    totals: Totals
    expected: int | None
    missing: int
    without_account: int
    not_adding: int
    fresh: int
    corrections: int
    published: int
    opened: int
    withdrawn: int


def last_versions(batch: PayBatch) -> QuerySet[PayslipVersion]:
    """The newest living version of each payslip of a batch."""
    newer = PayslipVersion.objects.filter(payslip=OuterRef("payslip"), number__gt=OuterRef("number"), state__in=LIVING)
    return PayslipVersion.objects.filter(~Exists(newer), payslip__batch=batch, state__in=LIVING)


def totals(batch: PayBatch) -> Totals:
    found = last_versions(batch).aggregate(
        count=Count("pk"), owed=Sum("to_pay"), without=Count("pk", filter=Q(to_pay__isnull=True))
    )
    return Totals(found["count"], found["owed"] or ZERO, found["without"])


def expected(batch: PayBatch) -> QuerySet[Employment]:
    """Places of work that lasted on any day of the month, civil contracts left out: they may have none."""
    last = date(batch.period.year, batch.period.month, calendar.monthrange(batch.period.year, batch.period.month)[1])
    return Employment.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=batch.period), organisation=batch.organisation_id, starts_on__lte=last
    ).exclude(kind="contract")


def missing(batch: PayBatch) -> QuerySet[Employment]:
    there = last_versions(batch).filter(payslip__employment=OuterRef("pk"))
    return expected(batch).filter(~Exists(there))


def without_account(batch: PayBatch) -> QuerySet[PayslipVersion]:
    """Payslips of those who cannot read them on a screen: they get them on paper."""
    return last_versions(batch).filter(
        Q(payslip__employment__person__user__isnull=True) | Q(payslip__employment__person__user__is_active=False)
    )


def control(batch: PayBatch) -> Control:
    """Four statements, whatever the size."""
    earlier = PayslipVersion.objects.filter(payslip=OuterRef("payslip"), published_at__isnull=False)
    found = (
        last_versions(batch)
        .annotate(is_correction=Exists(earlier.filter(number__lt=OuterRef("number"))))
        .aggregate(
            count=Count("pk"),
            owed=Sum("to_pay"),
            without=Count("pk", filter=Q(to_pay__isnull=True)),
            not_adding=Count("pk", filter=Q(adds_up=False)),
            fresh=Count("pk", filter=Q(state=VersionState.LOADED.value)),
            corrections=Count("pk", filter=Q(state=VersionState.LOADED.value, is_correction=True)),
            shown=Count("pk", filter=Q(state=VersionState.PUBLISHED.value)),
            read=Count("pk", filter=Q(opened_at__isnull=False)),
            no_account=Count(
                "pk",
                filter=Q(payslip__employment__person__user__isnull=True)
                | Q(payslip__employment__person__user__is_active=False),
            ),
        )
    )
    is_final = batch.part == Pay.FINAL.value
    return Control(
        totals=Totals(found["count"], found["owed"] or ZERO, found["without"]),
        expected=expected(batch).count() if is_final else None,
        missing=missing(batch).count() if is_final else 0,
        without_account=found["no_account"],
        not_adding=found["not_adding"],
        fresh=found["fresh"],
        corrections=found["corrections"],
        published=found["shown"],
        opened=found["read"],
        withdrawn=PayslipVersion.objects.filter(payslip__batch=batch, state=VersionState.WITHDRAWN.value)
        .values("payslip")
        .distinct()
        .count(),
    )


@dataclass(frozen=True, slots=True)
class Spot:
    version: PayslipVersion
    is_opened: bool


def spots(batch: PayBatch) -> list[Spot]:
    """Some payslips to be opened and compared with 1C: the same ones for everybody until new ones come, not those that
    somebody would choose. Whether an accountant has opened them."""
    seen = PayLook.objects.filter(version=OuterRef("pk"))
    order = MD5(Concat(Cast("pk", CharField()), Value(f"/{batch.pk}")))
    rows = (
        last_versions(batch)
        .filter(state=VersionState.LOADED.value)
        .annotate(seen=Exists(seen))
        .select_related("payslip__employment__person", "payslip__employment__unit")
        .order_by(order)[:SPOT]
    )
    return [Spot(row, bool(row.seen)) for row in rows]

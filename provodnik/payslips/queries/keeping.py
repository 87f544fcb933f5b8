"""Lists of the payroll accountant: batches, their payslips, questions. Paged by key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from provodnik.accounts.models import User
from provodnik.payslips.models import PayBatch, PayEvent, PayPack, PayQuestion, PayslipVersion
from provodnik.payslips.policies import accountant_of, visible_batches, visible_questions
from provodnik.payslips.queries import control
from provodnik.payslips.states import VersionState
from provodnik.people.models import Organisation, Unit

BATCHES, SLIPS, QUESTIONS, EVENTS = 24, 50, 30, 15


def houses(user: User) -> list[Organisation]:
    return list(Organisation.objects.filter(pk__in=accountant_of(user).values("organisation_id")))


@dataclass(frozen=True, slots=True)
class BatchLine:
    batch: PayBatch
    fresh: int
    published: int
    opened: int
    questions: int


@dataclass(frozen=True, slots=True)
class Page:
    """`after`: the key to go on from, None at the end."""

    rows: list[Any]
    after: str | None


def batches(user: User, *, organisation: int | None, after: str | None) -> Page:
    """The latest month first. Counts by one statement for the page."""
    rows = visible_batches(user).select_related("organisation").order_by("-period", "-pk")
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    key = _key(after)
    if key is not None:
        rows = rows.filter(Q(period__lt=key[0]) | Q(period=key[0], pk__lt=key[1]))
    found = list(rows[: BATCHES + 1])
    shown = found[:BATCHES]
    counts = {
        row["payslip__batch"]: row
        for row in PayslipVersion.objects.filter(payslip__batch__in=shown)
        .values("payslip__batch")
        .annotate(
            fresh=Count("pk", filter=Q(state=VersionState.LOADED.value)),
            published=Count("payslip", filter=Q(state=VersionState.PUBLISHED.value), distinct=True),
            opened=Count(
                "payslip", filter=Q(state=VersionState.PUBLISHED.value, opened_at__isnull=False), distinct=True
            ),
        )
        .order_by()
    }
    asked = dict(
        PayQuestion.objects.filter(version__payslip__batch__in=shown, answered_at__isnull=True)
        .values_list("version__payslip__batch")
        .annotate(count=Count("pk"))
        .order_by()
    )
    lines = []
    for batch in shown:
        count = counts.get(batch.pk, {"fresh": 0, "published": 0, "opened": 0})
        lines.append(BatchLine(batch, count["fresh"], count["published"], count["opened"], asked.get(batch.pk, 0)))
    more = len(found) > BATCHES
    return Page(lines, f"{shown[-1].period:%Y-%m-%d}.{shown[-1].pk}" if more else None)


def _key(text: str | None) -> tuple[date, int] | None:
    """«2026-11-01.17» of an address; None for whatever is no such thing."""
    day, _dot, number = (text or "").partition(".")
    try:
        return date.fromisoformat(day), int(number[:18])
    except ValueError:
        return None


class Which:
    """Filters of the list of a batch's payslips."""

    ALL, WITHOUT, UNOPENED, WRONG = "", "paper", "unopened", "wrong"


def slips(batch: PayBatch, *, which: str, typed: str, after: int | None) -> Page:
    """The newest version of each payslip; by key, in the order in which they came."""
    rows = control.last_versions(batch).select_related(
        "payslip__employment__person", "payslip__employment__unit", "payslip__employment__position"
    )
    if which == Which.WITHOUT:
        rows = rows & control.without_account(batch)
    elif which == Which.UNOPENED:
        rows = rows.filter(state=VersionState.PUBLISHED.value, opened_at__isnull=True)
    elif which == Which.WRONG:
        rows = rows.filter(adds_up=False)
    rows = _named(rows, typed, "payslip__employment__")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    found = list(rows.order_by("pk")[: SLIPS + 1])
    return Page(found[:SLIPS], str(found[SLIPS - 1].pk) if len(found) > SLIPS else None)


def missing(batch: PayBatch, *, typed: str, after: int | None) -> Page:
    """Who worked there in the month and has no payslip."""
    rows = _named(control.missing(batch).select_related("person", "unit", "position"), typed, "")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    found = list(rows.order_by("pk")[: SLIPS + 1])
    return Page(found[:SLIPS], str(found[SLIPS - 1].pk) if len(found) > SLIPS else None)


def _named(rows: QuerySet[Any], typed: str, way: str) -> QuerySet[Any]:
    """Those whose name or personnel number begins with each of the words."""
    for word in typed.split()[:4]:
        rows = rows.filter(
            Q(**{f"{way}person__surname__istartswith": word})
            | Q(**{f"{way}person__first_name__istartswith": word})
            | Q(**{f"{way}personnel_number__istartswith": word})
        )
    return rows


def history(batch: PayBatch) -> list[PayEvent]:
    return list(batch.events.select_related("by")[:EVENTS])


def packs(batch: PayBatch) -> list[PayPack]:
    return list(batch.packs.select_related("unit", "by")[:10])


def units_with_paper(batch: PayBatch) -> list[tuple[Unit, int]]:
    """Units in which somebody gets his payslip on paper, with how many: in the unit itself and below it."""
    counts = dict(
        control.without_account(batch)
        .filter(payslip__employment__unit__isnull=False)
        .values_list("payslip__employment__unit")
        .annotate(count=Count("pk"))
        .order_by()
    )
    ways = dict(Unit.objects.filter(pk__in=counts).values_list("pk", "path"))
    whole: dict[int, int] = {}
    for pk, count in counts.items():
        for above in ways.get(pk, [pk]):
            whole[above] = whole.get(above, 0) + count
    rows = Unit.objects.filter(pk__in=whole)
    named = {row.pk: row.name for row in rows}
    found = sorted(rows, key=lambda row: [named.get(above, "") for above in row.path])
    return [(row, whole[row.pk]) for row in found]


def questions(user: User, *, is_open: bool, before: int | None) -> Page:
    """The oldest first of those that wait; of the answered ones the latest first."""
    rows = visible_questions(user).select_related("version__payslip__employment__person", "organisation", "answered_by")
    if is_open:
        rows = rows.filter(answered_at__isnull=True).order_by("pk")
        rows = rows.filter(pk__gt=before) if before is not None else rows
    else:
        rows = rows.filter(answered_at__isnull=False).order_by("-pk")
        rows = rows.filter(pk__lt=before) if before is not None else rows
    found = list(rows[: QUESTIONS + 1])
    return Page(found[:QUESTIONS], str(found[QUESTIONS - 1].pk) if len(found) > QUESTIONS else None)


def open_questions(user: User) -> int:
    return visible_questions(user).filter(answered_at__isnull=True).count()

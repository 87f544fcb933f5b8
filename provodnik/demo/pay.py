"""Payslips of the demo, as 1C would send them: the last months of everybody, a year of those whom a visitor signs in
as; published by the accountants, one corrected, one asked about, the first half of this month waiting to be checked."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.demo import zup
from provodnik.demo.people import Cast
from provodnik.demo.staff import guid
from provodnik.desk.models import ProductionDay
from provodnik.payslips.actions import asking, publishing, reading
from provodnik.payslips.models import PayBatch, PayslipVersion
from provodnik.payslips.queries.contents import content_of
from provodnik.payslips.queries.control import totals
from provodnik.payslips.states import Looked, VersionState
from provodnik.people.models import Employment, StaffMember
from provodnik.people.states import StaffRole
from provodnik.ui.text import number

FOR_ALL, FOR_NAMED = 3, 12  # months
_KOPECK, _ROUBLE = Decimal("0.01"), Decimal(1)
_REGION = {"66": 15, "74": 15, "54": 20, "10": 15}  # per cent of the regional coefficient
ZONE = ZoneInfo("Europe/Moscow")


def _round(amount: Decimal, to: Decimal = _KOPECK) -> Decimal:
    return amount.quantize(to, ROUND_HALF_UP)


@dataclass(slots=True)
class Slip:
    """A payslip that is being put together."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    accrued: Decimal = Decimal(0)
    taxed: Decimal = Decimal(0)
    withheld: Decimal = Decimal(0)

    def add(self, group: str, name: str, amount: Decimal, *, taxed: bool = True, **more: Any) -> Decimal:
        amount = _round(amount)
        self.lines.append({"group": group, "name": name, "sum": str(amount)} | {k: str(v) for k, v in more.items()})
        if group == "deduction":
            self.withheld += amount
        else:
            self.accrued += amount
            self.taxed += amount if taxed else Decimal(0)
        return amount


def pay(cast: Cast, now: datetime) -> None:
    """Tell all months, oldest first, each at its own pay day, and publish them."""
    places = list(
        Employment.objects.exclude(guid=None)
        .exclude(kind="contract")
        .select_related("organisation", "person", "position")
        .order_by("pk")
    )
    named = {contact.user_id for login, contact in cast.contacts.items() if "@" not in login}
    today = timezone.localdate(now)
    holidays = set(ProductionDay.objects.filter(kind="holiday").values_list("date", flat=True))
    for back in range(FOR_NAMED, 0, -1):
        period = _months_back(today, back)
        told = places if back <= FOR_ALL else [place for place in places if place.person.user_id in named]
        there = [place for place in told if place.starts_on <= period]
        at = _moment(_months_back(today, back - 1), 3)
        _send(there, period, min(at, now - timedelta(days=1)), holidays)
        _publish(period, min(at + timedelta(hours=20), now - timedelta(hours=12)))
    _correct(cast, _months_back(today, 1), now, holidays)
    _first_half(places, today.replace(day=1), now)
    _ask(cast, now)


def _months_back(today: date, count: int) -> date:
    month = today.year * 12 + today.month - 1 - count
    return date(month // 12, month % 12 + 1, 1)


def _moment(month: date, day: int) -> datetime:
    return datetime.combine(month.replace(day=day), time(15, 30), tzinfo=ZONE)


def _working_days(period: date, holidays: set[date]) -> int:
    days = [period + timedelta(days=place) for place in range(31)]
    return sum(day.month == period.month and day.weekday() < 5 and day not in holidays for day in days)


def _send(places: Sequence[Employment], period: date, at: datetime, holidays: set[date]) -> None:
    norm = _working_days(period, holidays)
    objects = [zup.told("payslip", _key(place, period), _fields(place, period, norm), at) for place in places]
    if objects:
        zup.send(objects, name=f"payslips-{period:%Y-%m}", at=at)


def _key(place: Employment, period: date, part: str = "final") -> uuid.UUID:
    return guid("payslip", str(place.guid), f"{period:%Y-%m}", part)


def _fields(place: Employment, period: date, norm: int, *, more: Decimal = Decimal(0)) -> dict[str, Any]:
    """`more`: what a correction adds to the bonus."""
    always = random.Random(str(place.guid))  # noqa: S311 - invented pay, no secret
    chance = random.Random(f"{place.guid}{period}")  # noqa: S311 - the same
    salary = Decimal(always.randint(76, 170) * 500) * (Decimal("0.4") if place.kind != "main" else 1)
    years, union, owes = always.randint(0, 3), always.random() < 0.5, always.random() < 0.08
    slip = Slip()
    away = 10 if chance.random() < 0.09 else 3 if chance.random() < 0.06 else 0
    days = norm - away
    base = slip.add("pay", "Оклад", salary * days / norm, days=days, hours=days * 8)
    if years:
        base += slip.add("pay", "Надбавка за выслугу лет", base * years * 5 / 100, ground=f"{years * 5} % оклада")
    if place.is_harmful:
        base += slip.add("pay", "Доплата за вредные условия труда", base * 4 / 100, ground="4 % оклада")
    if "испетчер" in str(place.position) or "ператор" in str(place.position):
        hours = chance.choice([32, 40, 48])
        base += slip.add("pay", "Доплата за работу в ночное время", salary / norm / 8 * hours / 5, hours=hours)
    bonus = chance.choice([10, 10, 12, 15])
    base += slip.add("pay", "Премия месячная", salary * days / norm * bonus / 100 + more, ground=f"{bonus} % оклада")
    share = _REGION.get(place.organisation.region, 15)
    slip.add("pay", "Районный коэффициент", base * share / 100, ground=f"{share} % от {number(base, 2)}")
    if away == 10:
        slip.add("other", "Отпуск основной", salary * Decimal("1.2") / Decimal("29.3") * 14, days=14)
    elif away:
        slip.add("other", "Оплата больничных листов за счёт работодателя", salary / norm * 3, days=3)
    if place.is_harmful:
        slip.add("other", "Компенсация за молоко", Decimal("56.84") * days, taxed=False, days=days)
    tax = slip.add(
        "deduction", "НДФЛ", _round(slip.taxed * 13 / 100, _ROUBLE), ground=f"13 % от {number(slip.taxed, 2)}"
    )
    if union:
        slip.add("deduction", "Профсоюзный взнос", slip.accrued / 100, ground="1 %, по заявлению")
    if owes:
        slip.add("deduction", "Алименты", (slip.accrued - tax) / 4, ground="25 %, исполнительный лист")
    advance = _round(salary * Decimal("0.4"), Decimal(100))
    slip.lines.append({"group": "payment", "name": "Аванс за первую половину месяца", "sum": f"{advance}.00"})
    left = slip.accrued - slip.withheld - Decimal(f"{advance}.00")
    return {
        "employment": place.guid,
        "organisation": place.organisation.guid,
        "period": f"{period:%Y-%m}",
        "part": "final",
        "lines": slip.lines,
        "to_pay": str(_round(left)),
        "debt_before": "0.00",
        "debt_after": "0.00",
    }


def _accountants() -> Mapping[int, User]:
    rows = StaffMember.objects.filter(role=StaffRole.PAYROLL.value).select_related("user")
    return {row.organisation_id: row.user for row in rows}


def _publish(period: date, at: datetime, batches: Iterable[PayBatch] | None = None) -> None:
    """By the accountant of each organisation that has one."""
    staff = _accountants()
    for batch in batches if batches is not None else PayBatch.objects.filter(period=period):
        by = staff.get(batch.organisation_id)
        if by is None:
            continue
        found = totals(batch)
        row = publishing.check(
            batch.pk, count=found.count, to_pay=found.to_pay, revision=batch.revision, by=by, at=at - timedelta(hours=1)
        )
        publishing.schedule(row.pk, when=at, revision=row.revision, by=by, at=at)
        publishing.publish(row.pk, now=at)


def _correct(cast: Cast, period: date, now: datetime, holidays: set[date]) -> None:
    """Anna's last month is corrected after she has read it: the bonus was too small."""
    place = Employment.objects.filter(person__user=cast.contacts["anna"].user, kind="main").first()
    if place is None or place.starts_on > period:
        return
    at = now - timedelta(hours=7)
    for version in PayslipVersion.objects.filter(payslip__employment=place, state=VersionState.PUBLISHED.value):
        assert version.published_at is not None
        reading.opened(version, at=version.published_at + timedelta(hours=3))
    fields = _fields(place, period, _working_days(period, holidays), more=Decimal(1240))
    zup.send([zup.told("payslip", _key(place, period), fields, at)], name="payslips-correction", at=at)
    _publish(
        period, at + timedelta(hours=1), PayBatch.objects.filter(period=period, organisation=place.organisation_id)
    )


def _first_half(places: Sequence[Employment], period: date, now: datetime) -> None:
    """Of one organisation: nobody has looked at it yet."""
    houses = sorted(_accountants())
    rows = []
    for place in places:
        if place.organisation_id in houses[:1] and place.kind == "main" and place.starts_on <= period:
            always = random.Random(str(place.guid))  # noqa: S311 - invented pay
            half = _round(Decimal(always.randint(76, 170) * 500) / 2)
            fields = {
                "employment": place.guid, "organisation": place.organisation.guid, "period": f"{period:%Y-%m}",
                "part": "first", "to_pay": str(half),
                "lines": [{"group": "pay", "name": "Оклад за первую половину месяца", "sum": str(half)}],
            }  # fmt: skip
            rows.append(zup.told("payslip", _key(place, period, "first"), fields, now))
    if rows:
        zup.send(rows, name="payslips-first", at=now)


def _ask(cast: Cast, now: datetime) -> None:
    """One question with its answer, one that waits."""
    anna = cast.contacts["anna"].user
    if anna is None:
        return
    rows = PayslipVersion.objects.filter(
        payslip__employment__person__user=anna, payslip__employment__kind="main", state=VersionState.PUBLISHED.value
    )
    versions = list(rows.select_related("payslip__employment__person").order_by("-payslip__period", "-number")[:3])
    by = _accountants().get(versions[0].payslip.organisation_id) if versions else None
    if by is None or len(versions) < 3:
        return
    last, before = versions[0], versions[-1]
    asked = asking.ask(
        before, 1, "С какого месяца считают стаж для надбавки?", key=uuid.uuid5(uuid.NAMESPACE_OID, "a"), by=anna,
        at=now - timedelta(days=20),
    )  # fmt: skip
    reading.looked(before, Looked.PAGE, by=by, at=now - timedelta(days=19))
    asking.answer(
        asked.pk, "С даты приёма, без перерывов. Следующая ступень будет через год, это видно в приказе.", by=by,
        at=now - timedelta(days=19),
    )  # fmt: skip
    asking.ask(
        last, len(content_of(last).lines) - 1, "Аванс пришёл двумя суммами. Здесь он целиком?",
        key=uuid.uuid5(uuid.NAMESPACE_OID, "b"), by=anna, at=now - timedelta(hours=5),
    )  # fmt: skip

"""Payslips for tests, as 1C tells them: through the exchange's own keeping and the taker."""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime
from typing import Any

from django.db import transaction

from provodnik.accounts.models import User
from provodnik.core.models import Blob
from provodnik.core.secrets import seal
from provodnik.desk.tests.factories import NOW
from provodnik.exchange.actions.takers import Arrived
from provodnik.exchange.models import Base, KeptVersion, Thing
from provodnik.payslips.actions import publishing
from provodnik.payslips.actions.taking import take
from provodnik.payslips.models import PayBatch, Payslip
from provodnik.payslips.queries.control import totals
from provodnik.people.actions.taking import Verdict
from provodnik.people.models import Employment

LINES: list[dict[str, Any]] = [
    {"group": "pay", "name": "Оклад", "sum": "62000.00", "days": "22", "hours": "176"},
    {"group": "pay", "name": "Районный коэффициент", "sum": "9300.00"},
    {"group": "other", "name": "Компенсация за молоко", "sum": "1250.40"},
    {"group": "deduction", "name": "НДФЛ", "sum": "9269.00", "ground": "13 % от 71 300,00"},
    {"group": "deduction", "name": "Алименты", "sum": "15507.75", "ground": "исполнительный лист ФС 012345"},
    {"group": "payment", "name": "Аванс за первую половину", "sum": "20000.00"},
]
TO_PAY = "27773.65"


def fields_of(place: Employment, period: date, /, **more: Any) -> dict[str, Any]:
    """The fields of a payslip of the contract; sums that add up."""
    return {
        "employment": str(place.guid),
        "organisation": str(place.organisation.guid),
        "period": f"{period:%Y-%m}",
        "part": "final",
        "lines": LINES,
        "to_pay": TO_PAY,
        "debt_before": "0.00",
        "debt_after": "0.00",
    } | more


def keep(
    guid: uuid.UUID,
    version: int,
    fields: dict[str, Any],
    *,
    deleted: bool = False,
    pdf: Blob | None = None,
    at: datetime = NOW,
) -> Arrived:
    """As the exchange keeps a version, before anybody takes it."""
    base, _made = Base.objects.get_or_create(
        code="zup-pay", defaults={"name": "ЗУП", "key_sealed": "", "key_made_at": NOW, "created_at": NOW}
    )
    thing, _made = Thing.objects.update_or_create(
        kind="payslip",
        guid=guid,
        defaults={"base": base, "version": version, "digest": uuid.uuid4(), "standing": "kept", "since": at},
    )
    told: dict[str, Any] = {"fields": fields} | ({"deleted": True} if deleted else {})
    kept = KeptVersion.objects.create(
        thing=thing, version=version, sealed=seal(json.dumps(told, ensure_ascii=False)), pdf=pdf, at=at
    )
    return Arrived(guid, version, deleted, fields, kept.pk, pdf.pk if pdf else None)


def tell(
    place: Employment,
    period: date,
    version: int = 1,
    guid: uuid.UUID | None = None,
    /,
    *,
    at: datetime = NOW,
    **more: Any,
) -> tuple[uuid.UUID, Verdict]:
    """1C tells a payslip; `more`: fields, `deleted`, `pdf`."""
    guid = guid or uuid.uuid4()
    options = {name: more.pop(name) for name in ("deleted", "pdf") if name in more}
    with transaction.atomic():  # as the exchange has it
        (verdict,) = take([keep(guid, version, fields_of(place, period, **more), at=at, **options)])
    return guid, verdict


def a_month(place: Employment, period: date, name: str = "", **more: Any) -> Payslip:
    """A loaded payslip; `name`: of a line of its own, to be looked for."""
    if name:
        more["lines"] = [*LINES, {"group": "other", "name": name, "sum": "0.00"}]
    guid, verdict = tell(place, period, **more)
    assert verdict.what == "changed", verdict
    return Payslip.objects.select_related("batch").get(guid=guid)


def publish(batch: PayBatch, *, by: User, at: datetime) -> int:
    """Check with the right totals, publish at once."""
    batch.refresh_from_db()
    found = totals(batch)
    batch = publishing.check(batch.pk, count=found.count, to_pay=found.to_pay, revision=batch.revision, by=by, at=at)
    publishing.schedule(batch.pk, when=at, revision=batch.revision, by=by, at=at)
    return publishing.publish(batch.pk, now=at)

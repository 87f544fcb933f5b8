"""From 1C to a batch: each version once, none lost, what cannot be taken is refused with a reason."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from provodnik.desk.tests.factories import NOW
from provodnik.exchange.models import KeptVersion
from provodnik.notify.models import Notice
from provodnik.payslips import announce
from provodnik.payslips.actions import publishing
from provodnik.payslips.actions.taking import take
from provodnik.payslips.models import PayBatch, Payslip, PayslipVersion
from provodnik.payslips.tests.factories import TO_PAY, a_month, fields_of, keep, publish, tell
from provodnik.people.states import StaffRole
from provodnik.people.tests.factories import House, account

pytestmark = pytest.mark.django_db
MONTH = date(2026, 1, 1)


def states(slip: Payslip) -> list[str]:
    return list(slip.versions.order_by("number").values_list("state", flat=True))


def test_versions_and_what_a_correction_does() -> None:
    house = House()
    place, boss = house.hire("Озеров Иван"), house.staff(StaffRole.PAYROLL)
    slip = a_month(place, MONTH)
    version = slip.versions.get()
    assert (version.accrued, version.withheld, version.to_pay) == (
        Decimal("72550.40"),
        Decimal("24776.75"),
        Decimal(TO_PAY),
    )
    assert version.adds_up is True and slip.batch.state == "loaded"
    # a correction before anybody saw it replaces; a check is void when something comes
    batch = publishing.check(
        slip.batch_id, count=1, to_pay=Decimal(TO_PAY), revision=slip.batch.revision, by=boss, at=NOW
    )
    tell(place, MONTH, 2, slip.guid, to_pay="27774.65")
    batch.refresh_from_db()
    assert states(slip) == ["replaced", "loaded"] and batch.state == "loaded" and batch.checked_at is None
    assert slip.versions.get(number=2).adds_up is False
    # published, then corrected: both are read
    publish(batch, by=boss, at=NOW)
    tell(place, MONTH, 3, slip.guid)
    batch.refresh_from_db()
    assert states(slip) == ["replaced", "published", "loaded"] and batch.state == "loaded"
    publish(batch, by=boss, at=NOW)
    assert states(slip) == ["replaced", "published", "published"]
    # taken back by 1C
    tell(place, MONTH, 4, slip.guid, deleted=True)
    assert states(slip) == ["replaced", "withdrawn", "withdrawn", "replaced"]
    assert slip.versions.get(number=3).reason
    tell(place, MONTH, 5, slip.guid)
    assert states(slip)[-1] == "loaded"


def test_what_is_refused_and_what_the_database_holds() -> None:
    house = House()
    place, other = house.hire("Озеров Иван"), house.hire("Росина Анна")
    slip = a_month(place, MONTH)
    for wrong, field in (
        ({"period": "2026-02"}, "employment"),
        ({"employment": str(other.guid)}, "employment"),
        ({"lines": [{"group": "pay", "name": "Оклад", "sum": "1.005"}]}, "lines.0.sum"),
        ({"lines": [{"group": "pay", "name": " ", "sum": "1"}]}, "lines.0.name"),
        ({"to_pay": "99999999999"}, "to_pay"),
    ):
        _guid, verdict = tell(place, MONTH, 2 + uuid.uuid4().int % 10**9, slip.guid, **wrong)
        assert (verdict.what, verdict.about) == ("refused", field) and verdict.reason
    _guid, verdict = tell(place, MONTH)  # the same month under another reference
    assert (verdict.what, verdict.about) == ("refused", "guid")
    _guid, verdict = tell(place, MONTH, deleted=True)
    assert verdict.what == "same" and Payslip.objects.count() == 1
    between = [tell(place, MONTH, part="between")[1].what for _turn in range(2)]
    assert between == ["changed", "changed"]
    version = slip.versions.get(number=1)
    for change in ({"number": 1}, {"version": 1}, {"state": "loaded"}):
        row = PayslipVersion(
            payslip=slip, number=77, version=777, kept=keep_row(), has_lines=True, has_pdf=False, loaded_at=NOW,
            state="replaced",
        )  # fmt: skip
        for name, value in change.items():
            setattr(row, name, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        PayslipVersion.objects.filter(pk=version.pk).update(state="withdrawn")


def keep_row() -> KeptVersion:
    return KeptVersion.objects.get(pk=keep(uuid.uuid4(), 1, {}).kept)


def test_what_was_kept_before_there_was_this_part() -> None:
    """All versions are taken, though only the last one is handed over; a second time nothing happens."""
    place, guid = House().hire("Озеров Иван"), uuid.uuid4()
    keep(guid, 1, fields_of(place, MONTH, to_pay="1.00"))
    keep(guid, 5, fields_of(place, MONTH, to_pay="2.00"))
    last = keep(guid, 7, fields_of(place, MONTH))
    for _turn in range(2):
        (verdict,) = take([last])
        assert verdict.what in ("changed", "same")
        rows = PayslipVersion.objects.order_by("number").values_list("number", "version", "state", "to_pay")
        assert list(rows) == [
            (1, 1, "replaced", Decimal("1.00")),
            (2, 5, "replaced", Decimal("2.00")),
            (3, 7, "loaded", Decimal(TO_PAY)),
        ]


def test_what_comes_while_publishing_is_not_published_unchecked() -> None:
    house = House()
    first, second, boss = house.hire("Озеров Иван"), house.hire("Росина Анна"), house.staff(StaffRole.PAYROLL)
    batch = a_month(first, MONTH).batch
    found = publishing.totals(batch)
    batch = publishing.check(batch.pk, count=1, to_pay=found.to_pay, revision=batch.revision, by=boss, at=NOW)
    publishing.schedule(batch.pk, when=NOW, revision=batch.revision, by=boss, at=NOW)
    PayBatch.objects.update(state="publishing")
    late = a_month(second, MONTH)
    assert publishing.publish(batch.pk, now=NOW + timedelta(minutes=1)) == 1
    batch.refresh_from_db()
    assert batch.state == "loaded" and states(late) == ["loaded"]


def test_a_publishing_that_dies_goes_on_and_tells_nobody_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    boss = house.staff(StaffRole.PAYROLL)
    places = [house.hire(f"Озеров Иван{number}") for number in range(5)]
    users = [account(place) for place in places]
    slips = [a_month(place, MONTH) for place in places]
    batch = slips[0].batch
    batch.refresh_from_db()
    found = publishing.totals(batch)
    batch = publishing.check(batch.pk, count=5, to_pay=found.to_pay, revision=batch.revision, by=boss, at=NOW)
    publishing.schedule(batch.pk, when=NOW, revision=batch.revision, by=boss, at=NOW)
    monkeypatch.setattr(publishing, "PORTION", 2)
    tell_all, calls = announce.published, []

    def dies(ids: list[int], *, at: datetime) -> None:
        calls.append(ids)
        tell_all(ids, at=at)
        if len(calls) == 2:
            raise OSError("the machine is gone")

    monkeypatch.setattr(announce, "published", dies)
    with pytest.raises(OSError, match="gone"):
        publishing.publish(batch.pk, now=NOW)
    assert PayslipVersion.objects.filter(state="published").count() == 2 == Notice.objects.count()
    assert publishing.due(now=NOW) == [batch.pk]
    assert publishing.publish(batch.pk, now=NOW) == 3
    batch.refresh_from_db()
    assert (batch.state, batch.done) == ("published", 5)
    assert Notice.objects.filter(user__in=users).count() == 5
    assert PayslipVersion.objects.filter(state="published").count() == 5

"""The rules of a time zone change under stored deadlines (safety F42): what is to come follows them, the past stays."""

from __future__ import annotations

import struct
import zoneinfo
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provodnik.desk import zones
from provodnik.desk.actions import closing
from provodnik.desk.actions.deadlines import heed_zones, recount
from provodnik.desk.checks import deadlines
from provodnik.desk.models import Contract, Ticket
from provodnik.desk.states import Impact, Resolution
from provodnik.desk.tests.factories import (
    CalendarFactory,
    ContractFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)

MOSCOW = "Europe/Moscow"
CHANGE = datetime(2027, 1, 1, tzinfo=UTC)
THURSDAY = datetime(2026, 12, 31, 14, 0, tzinfo=UTC)  # an hour before closing in Moscow


def tzif(before: timedelta, after: timedelta, at: datetime) -> bytes:
    """A zone of two rules as TZif version 1 (RFC 8536, 3)."""
    offsets = [int(each.total_seconds()) for each in (before, after)]
    head = b"TZif" + b"\0" * 16 + struct.pack(">6l", 0, 0, 0, 1, 2, 4)
    kinds = b"".join(struct.pack(">lbb", offset, 0, 0) for offset in offsets)
    return head + struct.pack(">lB", int(at.timestamp()), 1) + kinds + b"NEW\0"


@pytest.fixture
def other_rules(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Call it, and Moscow is an hour farther east from the new year on."""
    usual = zoneinfo.TZPATH

    def change() -> None:
        (tmp_path / "Europe").mkdir()
        (tmp_path / MOSCOW).write_bytes(tzif(timedelta(hours=3), timedelta(hours=4), CHANGE))
        zoneinfo.reset_tzpath(to=[str(tmp_path), *usual])
        zoneinfo.ZoneInfo.clear_cache(only_keys=[MOSCOW])

    yield change
    zoneinfo.reset_tzpath(to=usual)
    zoneinfo.ZoneInfo.clear_cache(only_keys=[MOSCOW])


@pytest.mark.django_db
def test_open_deadlines_follow_the_new_rules_and_closed_ones_stay(
    other_rules: Callable[[], None], tmp_path: Path
) -> None:
    contract = ContractFactory.create(calendar=CalendarFactory.create(zone=MOSCOW))
    contact = SignedInContactFactory.create(customer=contract.customer)
    still_open, past, closed = (
        make_ticket(contact=contact, impact=Impact.CANNOT_ENTER, at=THURSDAY - timedelta(days=days))
        for days in (0, 21, 0)
    )
    closing.close(
        closed.pk, by=SpecialistFactory.create(), at=THURSDAY + timedelta(minutes=5), text="Готово.",
        resolution=Resolution.SOLVED,
    )  # fmt: skip
    before = {one.pk: one.due_at for one in Ticket.objects.all()}
    assert all(one.contract == contract for one in (still_open, past, closed))

    def after_a_start() -> dict[int, datetime]:
        heed_zones(tmp_path / "zones")
        for contract_id in Contract.objects.filter(recounted=False).values_list("pk", flat=True):
            recount(contract_id)
        return {one.pk: one.due_at for one in Ticket.objects.all()}

    assert after_a_start() == before
    assert not heed_zones(tmp_path / "zones")
    other_rules()
    after = after_a_start()
    assert before[past.pk] < CHANGE < before[still_open.pk]
    assert after == before | {still_open.pk: before[still_open.pk] - timedelta(hours=1)}
    assert [finding.level for finding in deadlines()] == ["ok"]
    assert THURSDAY.astimezone(zoneinfo.ZoneInfo(MOSCOW)).hour == 17


def test_what_is_known_of_a_zone_changes_with_its_rules_alone(other_rules: Callable[[], None]) -> None:
    both = [MOSCOW, "Asia/Kamchatka"]
    before = zones.fingerprint(both)
    assert zones.fingerprint([*reversed(both), MOSCOW]) == before
    others = zones.fingerprint(both[1:])
    other_rules()
    assert zones.fingerprint(both) != before
    assert zones.fingerprint(both[1:]) == others

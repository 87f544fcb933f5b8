"""The machine's clock jumps (safety F40): nobody is told of hundreds of deadlines, nothing is erased, nothing waits or
lives for ever afterwards. The clock that only goes (CLOCK_BOOTTIME) stays as it is: that is what shows the jump."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from provodnik.accounts.actions import factors
from provodnik.channels import outgoing
from provodnik.channels.models import Mailbox, Outgoing
from provodnik.core import jobs, timekeeping
from provodnik.core.timekeeping import Look
from provodnik.desk.models import DeadlineNotice
from provodnik.desk.schedule import look_at_deadlines, mailboxes_due
from provodnik.desk.tests.factories import AdministratorFactory, LeadFactory, SpecialistFactory, make_ticket
from provodnik.entry.schedule import leavers
from provodnik.notify.models import Notice
from provodnik.people.actions import persons
from provodnik.people.models import Employment
from provodnik.people.tests.factories import House

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR, DAY, YEARS = timedelta(hours=1), timedelta(days=1), timedelta(days=3650)
OPEN = 4
Record = Callable[[str, object], None]


@pytest.fixture(autouse=True)
def of_its_own(tmp_path: Path, settings: Any) -> None:
    """What is known of the clock lies in the data folder, which tests share."""
    settings.BASE_DIR = tmp_path


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates


def told() -> int:
    """Looks at the deadlines, as every twenty seconds; how many people were told of."""
    look_at_deadlines(timestamp=0)
    return DeadlineNotice.objects.count()


def doctor() -> str:
    return " ".join(finding.text for finding in timekeeping.findings())


@pytest.mark.parametrize("many", [1, 50], ids=["hundreds", "few"])
def test_jumps_there_and_back(
    clock: time_machine.Coordinates, monkeypatch: pytest.MonkeyPatch, many: int, record_property: Record
) -> None:
    """`many` stands for the fifty of an installation with thousands of requests."""
    monkeypatch.setattr(timekeeping, "MANY", many)
    administrator, few = AdministratorFactory.create(), many > OPEN
    LeadFactory.create()
    for _ in range(OPEN):
        make_ticket(at=NOW - 22.5 * HOUR)  # due in an hour and a half: warned of already
    assert told() == OPEN
    after = 2 * OPEN if few else OPEN
    jumps = [
        (-HOUR, OPEN, False),
        (timedelta(0), OPEN, False),
        (+2 * HOUR, after, not few),
        (+YEARS, after, True),
        (+YEARS + HOUR, after, True),
        (timedelta(0), after, False),
        (timedelta(seconds=60 - NOW.timestamp()), after, False),  # 1970 …
        (timedelta(0), after, False),  # … and back
    ]
    for jump, expected, doubted in jumps:
        clock.move_to(NOW + jump)
        assert told() == expected, jump
        assert bool(doctor()) is doubted, jump
    assert Notice.objects.filter(user=administrator, key__startswith="clock:").count() == 1
    record_property("faults", len(jumps))


def test_whoever_says_that_it_is_right_is_believed(
    clock: time_machine.Coordinates, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(OPEN):
        make_ticket(at=NOW)
    assert told() == 0
    clock.move_to(NOW + 2 * DAY)
    assert told() == 0
    call_command("clock_is_right")
    assert told() == OPEN
    call_command("clock_is_right")
    assert doctor() == ""


START = Look(NOW, going=1000.0, boot="one")


@pytest.mark.parametrize(
    ("seen", "at_stake", "believed"),
    [
        (Look(NOW + DAY * 40, 1000.0 + DAY.total_seconds() * 40, "one"), 999, True),  # it slept for forty days
        (Look(NOW + HOUR, 1000.0 + HOUR.total_seconds(), "one"), 999, True),
        (Look(NOW + HOUR, 1001.0, "one"), 50, True),
        (Look(NOW + HOUR, 1001.0, "one"), 51, False),
        (Look(NOW + timedelta(minutes=5), 1001.0, "one"), 999, True),  # corrected by a time server
        (Look(NOW + DAY, 1000.0, "one"), 0, False),
        (Look(NOW - YEARS, 1001.0, "one"), 999, True),  # nothing is due there
        (Look(NOW + DAY * 12, 5.0, "two"), 999, True),  # off over the holidays
        (Look(NOW + YEARS, 5.0, "two"), 0, False),  # a dead battery
        (Look(NOW + DAY * 12, 5.0, "one"), 999, True),  # the same name of a start, though it was another: no file of it
    ],
)
def test_when_it_is_believed(seen: Look, at_stake: int, believed: bool) -> None:
    assert timekeeping.is_believed(seen, lambda: at_stake), "the first look has nothing to be compared with"
    timekeeping._write(START, None)
    assert timekeeping.is_believed(seen, lambda: at_stake) is believed
    assert (timekeeping.doubt() is None) is believed
    right = Look(seen.at, START.going + (seen.at - NOW).total_seconds(), "one")
    assert timekeeping.is_believed(right, lambda: 999) or believed, "set right, it is believed by itself"


@pytest.mark.parametrize(
    ("before", "looks"),
    [
        # an empty battery, or a hardware clock in local time: behind at the start, set on by a time server soon after
        (NOW, [(-YEARS, 5, "two", True), (HOUR, 60, "two", True), (HOUR, 61, "two", True)]),
        (NOW, [(-3 * HOUR, 5, "two", True), (HOUR, 60, "two", True)]),
        # a jump is no smaller for a machine that was started again; set right meanwhile, it is believed
        (NOW, [(10 * DAY, 1001, "one", False), (10 * DAY + HOUR, 5, "two", False), (2 * HOUR, 5, "three", True)]),
        # it had run ahead for long and was set right: a day after the start it is watched again
        (NOW + YEARS, [(timedelta(0), 5, "two", True), (DAY, 86_400, "two", True), (3 * DAY, 86_500, "two", False)]),
    ],
)
def test_a_machine_started_again(before: datetime, looks: list[tuple[timedelta, float, str, bool]]) -> None:
    timekeeping._write(Look(before, 1000.0, "one"), None)
    for since, going, boot, believed in looks:
        assert timekeeping.is_believed(Look(NOW + since, going, boot), lambda: 999) is believed, (since, boot)


def test_what_is_kept_of_it_may_be_spoilt(tmp_path: Path) -> None:
    for spoilt in ("", "[]", '{"last": {}}', '{"last": {"at": "x", "going": 1, "boot": ""}, "doubt": null}'):
        (tmp_path / timekeeping.NAME).write_text(spoilt)
        assert timekeeping.doubt() is None
        assert timekeeping.is_believed(START, lambda: 999)


def test_nobody_loses_his_rights_by_a_clock_that_jumped(clock: time_machine.Coordinates) -> None:
    """A term that ends in two years; rights that were taken do not come back by themselves."""
    place, user = House().hire("Озеров Иван"), SpecialistFactory.create()
    persons.link_user(place.person_id, user, by=None, at=NOW, on=NOW.date())
    Employment.objects.update(ends_on=NOW.date() + 730 * DAY)
    told()
    for jump, has_left in ((YEARS, False), (timedelta(0), False), (YEARS, True)):
        clock.move_to(NOW + jump)
        if has_left:
            call_command("clock_is_right")
        leavers(timestamp=0)
        user.refresh_from_db()
        assert user.is_former is has_left


def test_nothing_is_erased_by_a_clock_that_jumped(clock: time_machine.Coordinates) -> None:
    ran: list[int] = []
    erasing = jobs.job(name="tests.erasing", by_clock=True)(lambda: ran.append(1))
    erasing()
    told()
    erasing()
    assert len(ran) == 2
    clock.move_to(NOW + YEARS)  # before anybody has looked at a deadline
    erasing()
    told()
    erasing()
    assert len(ran) == 2
    clock.move_to(NOW)
    told()
    erasing()
    assert len(ran) == 3


def test_sessions_and_remembered_devices_of_a_clock_that_ran_ahead_end(clock: time_machine.Coordinates) -> None:
    user = SpecialistFactory.create()
    clients = {}
    for name, at in (("ahead", NOW + YEARS), ("now", NOW)):
        clock.move_to(at)
        clients[name] = Client()
        clients[name].force_login(user)
        clients[f"mark {name}"] = factors.trust_device(user, device="", at=at)
        assert clients[name].get(reverse("accounts:profile")).status_code == 200
    assert clients["ahead"].get(reverse("accounts:profile")).status_code == 302
    assert clients["now"].get(reverse("accounts:profile")).status_code == 200
    assert not factors.is_trusted(user, clients["mark ahead"], at=NOW)
    assert factors.is_trusted(user, clients["mark now"], at=NOW)


def test_what_was_put_off_by_a_clock_that_ran_ahead_is_tried_again(clock: time_machine.Coordinates) -> None:
    mailbox = Mailbox.objects.create(address="a@desk.example", imap_host="mail.example", tried_at=NOW + YEARS)
    assert mailboxes_due(NOW) == [mailbox.pk]
    letter = outgoing.send_later(
        key="a", recipient="a@b.example", subject="", text="", at=NOW, message_id="<a@b.example>", mailbox=mailbox
    )
    for put_off, waits in ((HOUR, True), (YEARS, False)):
        Outgoing.objects.update(next_try_at=NOW + put_off)
        assert outgoing.due(NOW) == ([] if waits else [letter.pk])

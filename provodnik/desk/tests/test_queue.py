"""The queue: its order, its pages, its views; the counter of a view and its list are one condition."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from provodnik.accounts.models import User
from provodnik.channels.models import Channel
from provodnik.desk.actions import closing, incoming, work
from provodnik.desk.models import Ticket
from provodnik.desk.queries import live, queue
from provodnik.desk.queries.filters import Filters
from provodnik.desk.queries.queue import page, view_named
from provodnik.desk.queries.rail import lately
from provodnik.desk.queries.views import CONTACT, MOST_COUNTED, UNREAD, VIEWS, counters, shown, tickets_of
from provodnik.desk.states import Impact, Resolution
from provodnik.desk.tests.factories import (
    HOUR,
    MINUTE,
    NOW,
    CalendarFactory,
    ContactFactory,
    ContractFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)

pytestmark = pytest.mark.django_db
EVERYTHING = Filters()


@pytest.fixture
def agent() -> User:
    user: User = SpecialistFactory.create()
    return user


def answer(ticket: Ticket, *, at: Any) -> None:
    incoming.hear(
        ticket.pk,
        incoming.Said(text="Вот ответ.", channel=Channel.PORTAL, contact=ticket.contact),
        key=uuid.uuid4(),
        at=at,
    )


@pytest.fixture
def every(agent: User) -> dict[str, Ticket]:
    """One request in each situation; the keys say which. Read at NOW."""
    other: User = SpecialistFactory.create()
    made: dict[str, Ticket] = {}

    def one(name: str, ago: timedelta, impact: Impact = Impact.CANNOT_ENTER, taken: User | None = None) -> Ticket:
        made[name] = make_ticket(at=NOW - ago, impact=impact, subject=name)
        if taken is not None:
            work.take(made[name].pk, by=taken, at=NOW - ago + MINUTE)
        return made[name]

    one("new", HOUR)
    one("urgent", HOUR, Impact.NOTHING_WORKS)
    one("mine", 2 * HOUR, taken=agent)
    one("others", 2 * HOUR, taken=other)
    one("soon", 23 * HOUR, taken=agent)
    one("late", 30 * HOUR, taken=agent)
    one("waits", 5 * HOUR, taken=agent)
    work.ask(made["waits"].pk, text="Какой?", by=agent, at=NOW - 4 * HOUR)
    one("answered", 6 * HOUR, taken=other)
    work.ask(made["answered"].pk, text="Какой?", by=other, at=NOW - 5 * HOUR)
    answer(made["answered"], at=NOW - HOUR)
    one("answered first", 7 * HOUR, taken=agent)
    answer(made["answered first"], at=NOW - 2 * HOUR)
    one("closed", 8 * HOUR, taken=agent)
    closing.close(made["closed"].pk, resolution=Resolution.SOLVED, text="Да.", by=agent, at=NOW - MINUTE)
    one("closed long ago", 80 * HOUR, taken=agent)
    closing.close(made["closed long ago"].pk, resolution=Resolution.SOLVED, text="Да.", by=agent, at=NOW - 70 * HOUR)
    Ticket.objects.filter(pk=made["closed long ago"].pk).update(undelivered=False)
    return made


def subjects(user: User, key: str, filters: Filters = EVERYTHING, **options: Any) -> list[str]:
    return [row.subject for row in page(user, view_named(key), filters, now=NOW, **options).rows]


# What each view shows, in its order: answers by age, then deadlines, then clocks that stand; closed, the last first.
SHOWN = {
    "mine": ["answered first", "late", "soon", "mine", "waits"],
    "mine_answered": ["answered first"],
    "mine_soon": ["soon"],
    "new": ["urgent", "new"],
    "unassigned": ["urgent", "new"],
    "answered": ["answered first", "answered"],
    "soon": ["soon"],
    "overdue": ["late"],
    "clarification": ["answered", "waits"],
    "urgent": ["urgent"],
    "complaints": [],
    "open": ["answered first", "answered", "late", "soon", "urgent", "mine", "others", "new", "waits"],
    "undelivered": ["closed"],
    "today": ["closed"],
    "closed": ["closed", "closed long ago"],
}


@pytest.mark.parametrize("key", list(VIEWS))
def test_each_view_shows_its_own_in_its_order(key: str, agent: User, every: dict[str, Ticket]) -> None:
    assert subjects(agent, key) == SHOWN[key]


def test_every_view_is_in_the_table() -> None:
    assert set(SHOWN) == set(VIEWS)


def test_counters_agree_with_the_lists_in_one_statement(agent: User, every: dict[str, Ticket]) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        counted = counters(agent, NOW)
    assert len(asked) == 1
    assert (counted.pop(UNREAD), counted.pop(CONTACT)) == (0, 0)
    assert counted == {key: len(names) for key, names in SHOWN.items() if VIEWS[key].counted}
    assert all(counted[key] == tickets_of(VIEWS[key], agent, NOW).count() for key in counted)


def test_a_stranger_counts_nothing(every: dict[str, Ticket]) -> None:
    contact = SignedInContactFactory.create()
    counts = counters(contact.user, NOW)
    assert counts.pop(CONTACT) == 1
    assert not any(counts.values())


def test_a_counter_says_that_it_stopped() -> None:
    assert shown(0) == "0"
    assert shown(99) == "99"
    assert shown(MOST_COUNTED) == "99+"


@pytest.mark.parametrize("key", ["open", "closed"])
def test_pages_follow_one_another_without_gap_or_repeat(key: str, agent: User) -> None:
    made = [make_ticket(at=NOW - MINUTE * (number // 3), subject=str(number)) for number in range(60)]
    if key == "closed":
        for number, ticket in enumerate(made):  # several closed at one instant
            at = NOW + MINUTE * (number // 4)
            closing.close(ticket.pk, resolution=Resolution.SOLVED, text="Да.", by=agent, at=at)
    seen: list[str] = []
    after = ""
    sizes = []
    while True:
        shown_page = page(agent, VIEWS[key], Filters(), now=NOW, after=after)
        sizes.append(len(shown_page.rows))
        seen += [row.subject for row in shown_page.rows]
        after = shown_page.after
        if not after:
            break
    assert sizes == [25, 25, 10]
    assert sorted(seen, key=int) == [str(number) for number in range(60)]


@pytest.mark.parametrize("after", ["", "x", "1.2", "9.9.9.9", "1'; --"])
def test_a_strange_cursor_is_the_first_page(after: str, agent: User, every: dict[str, Ticket]) -> None:
    assert subjects(agent, "open", after=after) == SHOWN["open"]


def test_filters_combine_and_unknown_values_count_as_absent(agent: User, every: dict[str, Ticket]) -> None:
    assert subjects(agent, "open", Filters.read({"priority": "urgent"})) == ["urgent"]
    assert subjects(agent, "open", Filters.read({"assignee": "none", "priority": "high"})) == ["new"]
    assert subjects(agent, "open", Filters.read({"assignee": str(agent.pk), "status": "clarification"})) == ["waits"]
    assert subjects(agent, "open", Filters.read({"customer": str(every["mine"].customer_id)})) == ["mine"]
    assert subjects(agent, "open", Filters.read({"text": "waits"})) == ["waits"]
    assert subjects(agent, "open", Filters.read({"subsystem": "999999"})) == []
    odd = Filters.read(
        {"priority": "x' or 1=1", "status": "gone", "customer": "-1", "assignee": "mine", "subsystem": "1e9"}
    )
    assert odd == Filters()
    assert not odd
    assert subjects(agent, "open", odd) == SHOWN["open"]


def test_time_left_is_counted_by_the_contract_s_hours(agent: User) -> None:
    """Registered on Friday at 17:00 in Moscow, 24 working hours from 9 to 18: on Saturday two days and six hours of
    work are still ahead, whatever the clock on the wall says."""
    contract = ContractFactory.create(calendar=CalendarFactory.create())
    contact = ContactFactory.create(customer=contract.customer)
    friday = NOW - 3 * 24 * HOUR + 8 * HOUR - 12 * MINUTE
    make_ticket(contact=contact, at=friday)
    saturday = friday + 19 * HOUR
    (row,) = page(agent, VIEWS["open"], Filters(), now=saturday).rows
    assert row.left == 23 * HOUR
    assert not row.round_the_clock
    assert row.tone == ""


def test_tones_of_the_time_left(agent: User) -> None:
    make_ticket(at=NOW)
    for ago, tone in ((0, ""), (20, ""), (21, "warning"), (23, "error"), (25, "error")):
        (row,) = page(agent, VIEWS["open"], Filters(), now=NOW + ago * HOUR).rows
        assert row.tone == tone, ago


def test_the_list_costs_one_query(agent: User, every: dict[str, Ticket], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        page(agent, VIEWS["open"], Filters(), now=NOW)


def test_after_closing_comes_the_next_one(agent: User, every: dict[str, Ticket]) -> None:
    view = VIEWS["mine"]
    for one, following in (("answered first", "late"), ("late", "soon"), ("waits", "answered first")):
        ticket = Ticket.objects.get(pk=every[one].pk)
        assert queue.next_after(agent, view, Filters(), ticket, now=NOW) == every[following].pk


def test_live_changes(agent: User, every: dict[str, Ticket]) -> None:
    mark = NOW + HOUR
    assert live.changes(agent, mark, now=mark).rows == []
    alarm = make_ticket(at=mark + MINUTE, impact=Impact.NOTHING_WORKS)
    work.note(every["mine"].pk, text="!", by=agent, at=mark + 2 * MINUTE)
    found = live.changes(agent, mark, now=mark + HOUR)
    assert [row.number for row in found.rows] == [every["mine"].pk, alarm.pk]
    assert [row.number for row in found.alarms] == [alarm.pk]
    stranger = SignedInContactFactory.create().user
    assert live.changes(stranger, mark, now=mark + HOUR).rows == []


@pytest.mark.parametrize("mark", ["", "-1", "x", "9" * 30, "99999999999999999", "0"])
def test_a_strange_mark_is_brought_near_to_now(mark: str) -> None:
    assert NOW - live.LONGEST <= live.moment_of(mark, NOW) <= NOW


def test_a_mark_comes_back_as_it_was() -> None:
    assert live.moment_of(live.mark(NOW - HOUR), NOW) == NOW - HOUR


def test_remembered_counters_follow_every_change(agent, django_assert_num_queries):
    before = lately(agent, NOW)["new"]
    ticket = make_ticket()
    assert lately(agent, NOW)["new"] == before + 1
    with django_assert_num_queries(1):
        lately(agent, NOW)
    work.take(ticket.pk, by=agent, at=NOW + timedelta(seconds=1))
    assert lately(agent, NOW)["new"] == before
    with django_assert_num_queries(2):  # ten seconds later what depends on the time is counted anew
        lately(agent, NOW + timedelta(seconds=10))

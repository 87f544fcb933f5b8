"""The figures of the table are those that anybody would count by hand, over histories of chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from provodnik.desk.models import Ticket
from provodnik.desk.states import Priority, Resolution
from provodnik.desk.tests.factories import (
    NOW,
    CustomerFactory,
    LeadFactory,
    SpecialistFactory,
    SubsystemFactory,
    make_ticket,
)
from provodnik.quality import periods
from provodnik.quality.models import Case
from provodnik.quality.periods import Period
from provodnik.quality.policies import scope_of
from provodnik.quality.queries import figures
from provodnik.quality.queries.facts import month_of
from provodnik.quality.queries.filters import By, Filters

HOURS = st.integers(min_value=0, max_value=400_000)
PRIORITIES = [one.value for one in Priority]
BEGIN = datetime(2026, 7, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 145 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))

facts = st.fixed_dictionaries(
    {
        "priority": st.sampled_from(PRIORITIES),
        "customer": st.integers(0, 1),
        "subsystem": st.sampled_from([None, 0]),
        "assignee": st.sampled_from([None, 0, 1]),
        "registered_at": MOMENTS,
        "closed_after": st.none() | HOURS,
        "counted": HOURS,
        "in_time": st.booleans(),
        "clarifications": st.integers(0, 2),
        "waited": st.tuples(HOURS, HOURS),
        "reopened": st.integers(0, 2),
        "resolution": st.sampled_from([one.value for one in Resolution]),
        "rating": st.none() | st.integers(1, 5),
        "left_out": st.booleans(),
    }
)


def rank(values: Sequence[int], share: float) -> int | None:
    """The smallest value that at least this share does not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1] if values else None


def naive(rows: Sequence[Case], period: Period) -> dict[str, Any]:
    """By hand: loops, no database."""
    within = [row for row in rows if row.closed_month is not None and period.first <= row.closed_month <= period.last]
    before = period.previous
    earlier = [row for row in rows if row.closed_month is not None and before.first <= row.closed_month <= before.last]
    asked = [row for row in within if row.clarifications]
    rated = [row.rating for row in within if row.rating is not None]
    return {
        "received": sum(period.first <= row.registered_month <= period.last for row in rows),
        "closed": len(within),
        "in_time": sum(bool(row.in_time) for row in within),
        "median": rank([row.counted or 0 for row in within], 0.5),
        "p90": rank([row.counted or 0 for row in within], 0.9),
        "asked": len(asked),
        "waited_user": sum(row.waited_user or 0 for row in asked) / len(asked) if asked else None,
        "waited_us": sum(row.waited_us or 0 for row in asked) / len(asked) if asked else None,
        "reopened": sum(row.reopened > 0 for row in within),
        "refused": sum(row.resolution == "refused" for row in within),
        "complaints": sum(row.complaint for row in within),
        "rated": len(rated),
        "rating": sum(rated) / len(rated) if rated else None,
        "before_closed": len(earlier),
        "before_in_time": sum(bool(row.in_time) for row in earlier),
    }


def same(found: figures.Figures, wanted: dict[str, Any]) -> None:
    for name, value in wanted.items():
        got = getattr(found, name)
        assert got == (pytest.approx(value) if isinstance(value, float) else value), name


class TestTable(TestCase):
    """Against loops: by each dimension, over a month, a quarter and a year."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.lead = LeadFactory.create()
        cls.customers = CustomerFactory.create_batch(2)
        cls.subsystems = [SubsystemFactory.create()]
        cls.people = SpecialistFactory.create_batch(2)
        first = make_ticket()
        cls.tickets = [first.pk]
        # rows of requests as bare as the database allows: what is counted stands in the cases
        for _ in range(11):
            first.pk, first.key = None, None
            first.key = Ticket._meta.get_field("key").get_default()
            first._state.adding = True
            first.save(force_insert=True)
            cls.tickets.append(first.pk)

    def _case(self, number: int, fact: dict[str, Any]) -> Case:
        closed = fact["closed_after"]
        closed_at = fact["registered_at"] + timedelta(seconds=closed) if closed is not None else None
        asked = fact["clarifications"] > 0
        return Case(
            ticket_id=number,
            revision=1,
            customer=self.customers[fact["customer"]],
            subsystem=self.subsystems[0] if fact["subsystem"] is not None else None,
            assignee=self.people[fact["assignee"]] if fact["assignee"] is not None else None,
            left_out=fact["left_out"],
            type="defect",
            priority=fact["priority"],
            registered_at=fact["registered_at"],
            registered_month=month_of(fact["registered_at"]),
            closed_at=closed_at,
            closed_month=month_of(closed_at) if closed_at is not None else None,
            resolution=fact["resolution"] if closed is not None else "",
            counted=fact["counted"] if closed is not None else None,
            in_time=fact["in_time"] if closed is not None else None,
            waited_user=(fact["waited"][0] if asked else 0) if closed is not None else None,
            waited_us=(fact["waited"][1] if asked else 0) if closed is not None else None,
            clarifications=fact["clarifications"],
            reopened=fact["reopened"],
            complaint=closed is not None and fact["resolution"] == "complaint",
            rating=fact["rating"] if closed is not None else None,
        )

    @settings(max_examples=12)
    @given(st.lists(facts, max_size=12), st.sampled_from(["2026-10", "2026-11", "2026-Q3", "2026"]))
    def test_equals_loops(self, drawn: list[dict[str, Any]], key: str) -> None:
        period = periods.read(key)
        assert period is not None
        rows = [self._case(number, fact) for number, fact in zip(self.tickets, drawn, strict=False)]
        Case.objects.all().delete()
        Case.objects.bulk_create(rows)
        counted = [row for row in rows if not row.left_out]
        scope = scope_of(self.lead)
        assert scope is not None
        columns = {By.PRIORITY: "priority", By.CUSTOMER: "customer_id", By.ASSIGNEE: "assignee_id"}
        columns[By.SUBSYSTEM] = "subsystem_id"
        for by, column in columns.items():
            table = figures.table(Filters(period=period, by=by), scope)
            same(table.total, naive(counted, period))
            for row in table.rows:
                value = None if row.key == "none" else row.key
                group = [one for one in counted if str(getattr(one, column)) == str(value)]
                same(row.figures, naive(group, period))
            # no group is left out
            assert sum(row.figures.closed for row in table.rows) == table.total.closed
            assert sum(row.figures.received for row in table.rows) == table.total.received
        for key, found in figures.shares(period, figures.trend_and_before(Filters(period=period), scope)).items():
            wanted = naive([one for one in counted if one.priority == key], period)
            same(found, {name: wanted[name] for name in ("closed", "in_time", "before_closed", "before_in_time")})
        months = figures.table(Filters(period=period, by=By.MONTH), scope)
        twelve = naive(counted, Period(figures.months_of_trend(period)[0], 12))
        same(months.total, {name: value for name, value in twelve.items() if name not in ("median", "p90")})
        for row in months.rows:
            month = periods.read(row.key)
            assert month is not None
            same(row.figures, naive(counted, month))


@pytest.mark.django_db
def test_a_month_is_the_installations_month():
    """23:30 in Moscow on the last of October is still 20:30 UTC; half an hour past midnight it is November."""
    assert month_of(datetime(2026, 10, 31, 20, 59, tzinfo=UTC)) == date(2026, 10, 1)
    assert month_of(datetime(2026, 10, 31, 21, 0, tzinfo=UTC)) == date(2026, 11, 1)


def test_periods_are_read_and_written_alike():
    for key in ("2026-10", "2026-Q4", "2026", "2000-01"):
        period = periods.read(key)
        assert period is not None and period.key == key
    for wrong in ("", "2026-13", "2026-00", "1999", "2100", "2026-Q5", "26-10", "2026-10-01", "abc", "٢٠٢٦"):
        assert periods.read(wrong) is None
    year = periods.read("2026")
    assert year is not None and year.previous.key == "2025" and year.last == date(2026, 12, 1)
    quarter = periods.read("2026-Q1")
    assert quarter is not None and quarter.previous.key == "2025-Q4" and quarter.next.key == "2026-Q2"
    assert periods.last_whole_month(date(2026, 1, 5)).key == "2025-12"
    today = timezone.localdate(NOW)
    kinds = periods.offered(today, date(2025, 1, 1), Period(date(2026, 10, 1)))
    assert [len(found) for _kind, _words, found in kinds] == [23, 8, 2]

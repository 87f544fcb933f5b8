"""The shipped production calendar against the law's counts, and what its days do to opening hours."""

import json
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

import pytest

from provodnik.desk.clock import WorkingCalendar, due_at
from provodnik.desk.production_calendar import (
    DayKind,
    ProductionCalendarError,
    ProductionDay,
    exceptions_for,
    load,
    parse,
)

WEEK = {day: [(time(9), time(13)), (time(14), time(18))] for day in range(5)}
SHORTENED = [(time(9), time(13)), (time(14), time(17))]


def days_of(year: int) -> list[ProductionDay]:
    return [day for day in load() if day.date.year == year]


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_a_year_has_247_working_days_four_of_them_short(year: int) -> None:
    """The sum that the decrees of 04.10.2024, 24.09.2025 and 17.09.2026 lead to for a five-day week."""
    calendar = WorkingCalendar("Europe/Moscow", WEEK, exceptions_for(WEEK, days_of(year)))
    hours = Counter(
        sum((end - start for start, end in calendar.spans_of(date(year, 1, 1) + timedelta(days=n))), timedelta(0))
        for n in range(365)
    )
    assert hours == {timedelta(hours=8): 243, timedelta(hours=7): 4, timedelta(0): 118}


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_the_fourteen_holidays_of_article_112_are_there(year: int) -> None:
    holidays = {(d.date.month, d.date.day) for d in days_of(year) if d.kind is DayKind.HOLIDAY}
    assert holidays == {*((1, n) for n in range(1, 9)), (2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)}


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2025-05-01", "2025-05-04"), ("2025-05-08", "2025-05-11"), ("2025-06-12", "2025-06-15"),
        ("2025-11-02", "2025-11-04"), ("2025-12-31", "2026-01-11"), ("2026-02-21", "2026-02-23"),
        ("2026-03-07", "2026-03-09"), ("2026-05-01", "2026-05-03"), ("2026-05-09", "2026-05-11"),
        ("2026-06-12", "2026-06-14"), ("2026-11-04", "2026-11-04"), ("2026-12-31", "2027-01-10"),
        ("2027-02-21", "2027-02-23"), ("2027-03-06", "2027-03-08"), ("2027-05-01", "2027-05-03"),
        ("2027-05-08", "2027-05-10"), ("2027-06-12", "2027-06-14"), ("2027-11-04", "2027-11-07"),
    ],
)  # fmt: skip
def test_rest_runs_from_day_to_day(first: str, last: str) -> None:
    calendar = WorkingCalendar("Europe/Moscow", WEEK, exceptions_for(WEEK, load()))
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    days = [start + timedelta(days=n) for n in range(-1, (end - start).days + 2)]
    runs = [(is_open, len(list(group))) for is_open, group in groupby(bool(calendar.spans_of(d)) for d in days)]
    assert runs == [(True, 1), (False, len(days) - 2), (True, 1)]


def test_every_row_says_why_and_rows_are_in_order() -> None:
    days = load()
    assert all(day.note and len(day.note) <= 200 for day in days)
    assert [day.date for day in days] == sorted({day.date for day in days})


@pytest.mark.parametrize(
    ("week", "day", "kind", "expected"),
    [
        (WEEK, "2026-01-09", "holiday", []),
        (WEEK, "2026-01-09", "day_off", []),
        (WEEK, "2026-04-30", "short", SHORTENED),
        (WEEK, "2025-11-01", "short", SHORTENED),  # a Saturday: Friday's hours, an hour less
        (WEEK, "2025-11-01", "working", WEEK[4]),
        (WEEK, "2025-11-02", "working", WEEK[4]),
        ({0: [(time(8), time(12))]}, "2025-11-01", "working", [(time(8), time(12))]),
        ({3: [(time(9), time(15))], 4: []}, "2025-11-01", "working", [(time(9), time(15))]),
        ({0: [(time(8), time(12))], 4: [(time(9), time(15))]}, "2025-11-01", "working", [(time(9), time(15))]),
        ({**WEEK, 5: [(time(10), time(14))]}, "2025-11-01", "working", WEEK[4]),
        ({}, "2025-11-01", "working", []),
        ({}, "2026-04-30", "short", []),
        ({3: [(time(9), time(0))]}, "2026-04-30", "short", [(time(9), time(23))]),
        ({3: [(time(9), time(12)), (time(17), time(17, 40))]}, "2026-04-30", "short", [(time(9), time(11, 40))]),
        ({3: [(time(9), time(12)), (time(17), time(18))]}, "2026-04-30", "short", [(time(9), time(12))]),
        ({3: [(time(9), time(9, 30))]}, "2026-04-30", "short", []),
        ({3: [(time(14), time(18)), (time(9), time(13))]}, "2026-04-30", "short", SHORTENED),
    ],
)
def test_what_a_day_does_to_the_hours(
    week: dict[int, list[tuple[time, time]]], day: str, kind: str, expected: list[tuple[time, time]]
) -> None:
    when = date.fromisoformat(day)
    assert exceptions_for(week, [ProductionDay(when, DayKind(kind))]) == {when: expected}


def test_a_deadline_over_the_new_year_holidays() -> None:
    calendar = WorkingCalendar("Europe/Moscow", WEEK, exceptions_for(WEEK, load()))
    registered = datetime(2025, 12, 30, 13, tzinfo=UTC)  # Tuesday, 16:00 in Moscow; work goes on on 12 January
    assert due_at(registered, timedelta(hours=12), (), calendar) == datetime(2026, 1, 13, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "too deeply|not JSON"),
        ("[]", "list"),
        ('{"days": {}}', "list"),
        ('{"days": [1]}', "row 1"),
        ('{"days": [{"date": "2026-01-01"}]}', "row 1.*kind"),
        ('{"days": [{"date": "01.01.2026", "kind": "holiday"}]}', "row 1.*01.01.2026"),
        ('{"days": [{"date": 20260101, "kind": "holiday"}]}', "row 1"),
        ('{"days": [{"date": "2026-01-01", "kind": "feast"}]}', "row 1.*feast"),
        ('{"days": [{"date": "2026-01-01", "kind": "holiday", "note": 5}]}', "row 1.*note"),
        ('{"days": [{"date": "2026-01-01", "kind": "holiday", "nate": "x"}]}', "row 1"),
        ('{"days": [{"date": "2026-01-01", "kind": "short"}, {"date": "2026-01-01", "kind": "short"}]}', "twice"),
    ],
)
def test_a_wrong_file_is_refused_with_the_row(text: str, message: str) -> None:
    with pytest.raises(ProductionCalendarError, match=message):
        parse(text)


def test_rows_come_out_by_date() -> None:
    rows = [{"date": "2026-05-11", "kind": "day_off"}, {"date": "2026-01-09", "kind": "day_off", "note": "x"}]
    assert parse(json.dumps({"days": rows})) == [
        ProductionDay(date(2026, 1, 9), DayKind.DAY_OFF, "x"),
        ProductionDay(date(2026, 5, 11), DayKind.DAY_OFF),
    ]

"""Days of leave: the portal's reckoning for information, 1C's word before it (cabinet B-checks 14 and 15)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provodnik.people.leave import BASIC, earned, months_worked

DAYS = st.dates(date(2000, 1, 1), date(2050, 1, 1))


@pytest.mark.parametrize(
    ("hired", "on", "months", "days"),
    [
        ((2026, 2, 10), (2026, 9, 30), 8, "18.67"),  # 7 full months and 21 days
        ((2026, 2, 10), (2026, 9, 9), 7, "16.33"),
        ((2026, 2, 10), (2026, 9, 23), 7, "16.33"),  # 14 of 30 days: less than half
        ((2026, 2, 10), (2026, 9, 24), 8, "18.67"),  # 15 of 30: half
        ((2026, 2, 10), (2027, 2, 9), 12, "28.00"),
        ((2026, 1, 31), (2026, 2, 27), 1, "2.33"),
        ((2024, 2, 29), (2025, 2, 27), 12, "28.00"),
        ((2026, 2, 10), (2026, 2, 9), 0, "0.00"),
        ((2026, 2, 10), (2025, 1, 1), 0, "0.00"),
    ],
)
def test_days_are_earned_by_months(
    hired: tuple[int, int, int], on: tuple[int, int, int], months: int, days: str
) -> None:
    assert months_worked(date(*hired), date(*on)) == months
    assert earned(date(*hired), date(*on)) == Decimal(days)


@given(DAYS, st.integers(-400, 12_000))
def test_they_grow_with_time_and_a_year_gives_the_whole(hired: date, passed: int) -> None:
    on = hired + timedelta(days=passed)
    assert earned(hired, on) <= earned(hired, on + timedelta(days=1))
    assert abs(months_worked(hired, on) - max(0, passed + 1) / 30.44) < 1
    assert earned(date(hired.year, 3, 1), date(hired.year + 1, 2, 28)) == BASIC

"""Shift patterns: by tables and by properties. No database, no clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provodnik.desk import cycle_words
from provodnik.desk.assignment import Absence, Crew, Incoming, Plan, Rule, Shift, Standing, Way, choose, on_duty
from provodnik.desk.duty_cycles import (
    BY_TURNS,
    DAY_OF_FOUR,
    DAY_THEN_NIGHT,
    KNOWN,
    LONGEST,
    TWO_DAYS,
    TWO_NIGHTS,
    Cycle,
    Turn,
    Wrong,
    hours_on,
    needs_evening,
    turn_on,
    wrong,
)
from provodnik.desk.production_calendar import load

EIGHT, TWENTY = time(8), time(20)
FIRST = date(2026, 12, 28)  # the new year's holidays lie ahead
DAY, NIGHT, WHOLE = (EIGHT, TWENTY), (TWENTY, EIGHT), (EIGHT, EIGHT)
dates = st.dates(date(2001, 1, 1), date(2090, 1, 1))
turns = st.text([turn.value for turn in Turn], min_size=1, max_size=LONGEST).filter(lambda text: wrong(text) is None)


def cycle(turns: str, *, person: int = 1, first: date = FIRST, last: date | None = None) -> Cycle:
    return Cycle(person, turns, first, EIGHT, TWENTY if needs_evening(turns) else None, last)


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (TWO_DAYS, [DAY, DAY, None, None, DAY, DAY, None, None, DAY]),
        (TWO_NIGHTS, [NIGHT, NIGHT, None, None, NIGHT, NIGHT]),
        (BY_TURNS, [DAY, DAY, None, None, NIGHT, NIGHT, None, None, DAY, DAY]),
        (DAY_THEN_NIGHT, [DAY, NIGHT, None, None, DAY, NIGHT]),
        (DAY_OF_FOUR, [WHOLE, None, None, None, WHOLE, None, None, None, WHOLE]),
        ("DDDDD--", [DAY] * 5 + [None] * 2 + [DAY]),
    ],
)
def test_what_a_pattern_gives_from_its_anchor_over_the_new_year(turns, expected):
    """From the 28th of December on: no holiday moves it, whatever the production calendar says of those days."""
    known = {day.date for day in load()}
    assert any(FIRST + timedelta(days=number) in known for number in range(len(expected)))
    found = [hours_on(cycle(turns), FIRST + timedelta(days=number)) for number in range(len(expected))]
    assert found == expected


@given(turns, dates, st.integers(0, 4000), st.integers(0, 40))
def test_it_repeats_for_ever_and_only_within_its_days(letters, first, after, periods):
    made = cycle(letters, first=first)
    day = first + timedelta(days=after)
    assert hours_on(made, day) == hours_on(made, day + timedelta(days=periods * len(letters)))
    assert turn_on(made, day) == letters[after % len(letters)]
    assert hours_on(made, first - timedelta(days=1 + after)) is None
    ended = cycle(letters, first=first, last=day)
    assert hours_on(ended, day) == hours_on(made, day)
    assert hours_on(ended, day + timedelta(days=1)) is None


BRIGADES = {BY_TURNS: (0, 2, 4, 6), DAY_THEN_NIGHT: (0, 1, 2, 3), DAY_OF_FOUR: (0, 1, 2, 3)}
ZONES = ["Europe/Moscow", "Asia/Kamchatka", "Europe/Kaliningrad", "Europe/Berlin", "America/New_York"]


@given(
    st.sampled_from(sorted(BRIGADES)),
    st.sampled_from(ZONES),
    dates,
    st.integers(8 * 24 * 60, 800 * 24 * 60),
    st.integers(5, 12),
    st.integers(13, 23),
)
def test_people_whose_anchors_stand_apart_leave_no_gap_and_never_meet(letters, zone, first, minutes, morning, evening):
    """Each moment belongs to exactly one of them, in any zone, on the night when the clocks are changed too."""
    ends = time(evening) if needs_evening(letters) else None
    people = [
        Cycle(number, letters, first + timedelta(days=apart), time(morning), ends)
        for number, apart in enumerate(BRIGADES[letters])
    ]
    crew = Crew(id=1, name="Смена", members=(), zone=zone, cycles=people)
    at = datetime.combine(first, time(0), ZoneInfo(zone)).astimezone(UTC) + timedelta(minutes=minutes)
    assert len(on_duty(crew, at)) == 1


@given(st.sampled_from([TWO_DAYS, TWO_NIGHTS]), dates, st.integers(4 * 24 * 60, 800 * 24 * 60))
def test_two_people_two_by_two_hold_their_half_of_each_day(letters, first, minutes):
    people = [cycle(letters, person=number, first=first + timedelta(days=2 * number)) for number in range(2)]
    crew = Crew(id=1, name="Смена", members=(), cycles=people)
    at = datetime.combine(first, time(0), ZoneInfo(crew.zone)) + timedelta(minutes=minutes)
    by_day = EIGHT <= at.time() < TWENTY
    assert len(on_duty(crew, at.astimezone(UTC))) == (1 if by_day == (letters == TWO_DAYS) else 0)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Wrong.LENGTH), ("D" * (LONGEST + 1), Wrong.LENGTH), ("DX", Wrong.LETTER), ("----", Wrong.IDLE),
        ("A", Wrong.IN_A_ROW), ("AA--", Wrong.IN_A_ROW), ("ND--", Wrong.IN_A_ROW), ("D--N", Wrong.IN_A_ROW),
        ("NA-", Wrong.IN_A_ROW), ("D", None), ("DN--", None), ("A-", None), *((known, None) for known in KNOWN),
    ],
)  # fmt: skip
def test_what_is_no_pattern(text, fault):
    assert wrong(text) is fault
    assert fault is None or cycle_words.why(fault)


@given(turns)
def test_what_is_typed_is_read_back(letters):
    assert cycle_words.read(cycle_words.typed(letters)) == letters
    assert cycle_words.read(" ".join(cycle_words.typed(letters).lower())) == letters
    assert cycle_words.told(letters)


def test_a_pattern_without_the_hour_that_it_needs_says_so():
    with pytest.raises(ValueError, match="hour"):
        hours_on(Cycle(1, TWO_DAYS, FIRST, EIGHT), FIRST)


ANNA, BORIS, VERA = 1, 2, 3


@pytest.mark.parametrize(
    ("when", "chosen"),
    [
        ("2026-12-28T09:00", ANNA),  # her day
        ("2026-12-29T23:00", ANNA),  # her night
        ("2026-12-30T07:59", ANNA),  # the same night, on the next date
        ("2026-12-30T08:00", None),  # and its end is not included
        ("2026-12-27T09:00", None),  # before the anchor
        ("2027-01-01T09:00", VERA),  # Anna's day again, but she is away: who stands in
        ("2027-01-05T09:00", BORIS),  # the date has duties of its own
    ],
)
def test_rotation_by_duty_asks_the_pattern_too(when, chosen):
    crew = Crew(
        id=1, name="Смена", members=(ANNA, BORIS), cycles=[cycle(DAY_THEN_NIGHT, person=ANNA)],
        dates={date(2027, 1, 5): [Shift(BORIS, EIGHT, TWENTY)]},
    )  # fmt: skip
    away = {ANNA: [Absence(date(2027, 1, 1), date(2027, 1, 1), substitute=VERA)]}
    names = {ANNA: "Анна", BORIS: "Борис", VERA: "Вера"}
    plan = Plan(rules=[Rule(id=1, team=1, way=Way.DUTY)], teams={1: crew}, names=names, absences=away)
    at = datetime.fromisoformat(f"{when}+03:00")
    assert choose(Incoming(type="defect", priority="high"), plan, Standing(), at).person == chosen

"""The clock by tables: every convention of the regulation's clock (R12, R13, I2-I4) on a case worked by hand.

Times in the tables are Moscow's (UTC+3 all the year) unless a row names another zone.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from provodnik.desk.clock import (
    HORIZON,
    ROUND_THE_CLOCK,
    Calendar,
    CalendarError,
    NeverDueError,
    WorkingCalendar,
    due_at,
    next_opening,
    open_now,
    spent,
)

MOSCOW = ZoneInfo("Europe/Moscow")
OFFICE_HOURS = [(time(9), time(18))]
LUNCH_HOURS = [(time(8), time(12)), (time(13), time(17))]
MAY = {  # 2026: eves close an hour earlier, 1 and 11 May are off
    date(2026, 4, 30): [(time(9), time(17))],
    date(2026, 5, 1): [],
    date(2026, 5, 8): [(time(9), time(17))],
    date(2026, 5, 11): [],
}
OFFICE = WorkingCalendar("Europe/Moscow", dict.fromkeys(range(5), OFFICE_HOURS), MAY)
LUNCH = WorkingCalendar("Europe/Moscow", dict.fromkeys(range(5), LUNCH_HOURS))
# Nights over midnight are written as two spans; Sunday's watch begins at 22.
NIGHTS = WorkingCalendar("Europe/Moscow", {d: [(time(0), time(6)), (time(22), time(0))] for d in range(7)})
URGENT, HIGH, MEDIUM, LOW = (timedelta(hours=h) for h in (12, 24, 48, 96))


def at(text: str, zone: str | None = None) -> datetime:
    """«06.04 10:00[:ss]» of 2026, or with a year «06.04.2015 10:00»."""
    day, clock = text.split()
    parts = [int(part) for part in day.split(".")]
    year = parts[2] if len(parts) == 3 else 2026
    tz = ZoneInfo(zone) if zone else MOSCOW
    return datetime.combine(date(year, parts[1], parts[0]), time.fromisoformat(clock), tz)


def spans(*texts: str) -> list[tuple[datetime, datetime]]:
    return [(at(text.split(" - ")[0]), at(text.split(" - ")[1])) for text in texts]


# 06.04.2026 is a Monday.
DUE = [
    # Round the clock (I4's default): R12 by priority.
    ("R12 urgent", "06.04 10:00", URGENT, [], ROUND_THE_CLOCK, "06.04 22:00"),
    ("R12 high over a weekend", "08.05 18:30", HIGH, [], ROUND_THE_CLOCK, "09.05 18:30"),
    ("R12 medium", "08.05 18:30", MEDIUM, [], ROUND_THE_CLOCK, "10.05 18:30"),
    ("R12 low", "08.05 18:30", LOW, [], ROUND_THE_CLOCK, "12.05 18:30"),
    ("seconds are kept", "06.04 10:00:01", URGENT, [], ROUND_THE_CLOCK, "06.04 22:00:01"),
    # R13, I2: the user's wait and our reaction are one exclusion, asked 14:00, answered 9:00, taken up 11:16.
    ("wait and reaction both", "06.04 10:00", MEDIUM, ["06.04 14:00 - 07.04 11:16"], ROUND_THE_CLOCK,
     "09.04 07:16"),
    ("two clarifications", "06.04 10:00", HIGH, ["06.04 11:00 - 06.04 12:30", "06.04 20:00 - 07.04 08:15:30"],
     ROUND_THE_CLOCK, "07.04 23:45:30"),
    ("I6 closed 13-15, reopened", "06.04 10:00", URGENT, ["06.04 13:00 - 06.04 15:00"], ROUND_THE_CLOCK,
     "07.04 00:00"),
    # What an exclusion may look like.
    ("unsorted", "06.04 10:00", URGENT, ["06.04 15:00 - 06.04 16:00", "06.04 11:00 - 06.04 12:00"],
     ROUND_THE_CLOCK, "07.04 00:00"),
    ("overlapping", "06.04 10:00", URGENT, ["06.04 11:00 - 06.04 13:00", "06.04 12:00 - 06.04 14:00"],
     ROUND_THE_CLOCK, "07.04 01:00"),
    ("one in the other", "06.04 10:00", URGENT, ["06.04 11:00 - 06.04 14:00", "06.04 12:00 - 06.04 13:00"],
     ROUND_THE_CLOCK, "07.04 01:00"),
    ("touching", "06.04 10:00", URGENT, ["06.04 11:00 - 06.04 12:00", "06.04 12:00 - 06.04 13:00"],
     ROUND_THE_CLOCK, "07.04 00:00"),
    ("twice the same", "06.04 10:00", URGENT, ["06.04 11:00 - 06.04 12:00"] * 2, ROUND_THE_CLOCK,
     "06.04 23:00"),
    ("empty", "06.04 10:00", URGENT, ["06.04 11:00 - 06.04 11:00"], ROUND_THE_CLOCK, "06.04 22:00"),
    ("inverted", "06.04 10:00", URGENT, ["06.04 14:00 - 06.04 11:00"], ROUND_THE_CLOCK, "06.04 22:00"),
    ("before registration", "06.04 10:00", URGENT, ["05.04 10:00 - 06.04 09:00"], ROUND_THE_CLOCK,
     "06.04 22:00"),
    ("across registration", "06.04 10:00", URGENT, ["05.04 10:00 - 06.04 11:00"], ROUND_THE_CLOCK,
     "06.04 23:00"),
    ("across the deadline", "06.04 10:00", URGENT, ["06.04 21:00 - 07.04 09:00"], ROUND_THE_CLOCK,
     "07.04 10:00"),
    ("begins at the deadline", "06.04 10:00", URGENT, ["06.04 22:00 - 07.04 09:00"], ROUND_THE_CLOCK,
     "06.04 22:00"),
    ("ends at the deadline", "06.04 10:00", URGENT, ["06.04 21:00 - 06.04 22:00"], ROUND_THE_CLOCK,
     "06.04 23:00"),
    ("after the deadline", "06.04 10:00", URGENT, ["07.04 21:00 - 07.04 22:00"], ROUND_THE_CLOCK,
     "06.04 22:00"),
    # Working time (I4).
    ("into the next day", "06.04 10:00", URGENT, [], OFFICE, "07.04 13:00"),
    ("96 working hours", "06.04 09:00", LOW, [], OFFICE, "20.04 15:00"),
    ("eve, holiday, weekend", "30.04 16:00", URGENT, [], OFFICE, "05.05 11:00"),
    ("before opening", "06.04 07:30", timedelta(hours=2), [], OFFICE, "06.04 11:00"),
    ("after closing", "06.04 18:00", timedelta(hours=2), [], OFFICE, "07.04 11:00"),
    ("on Saturday", "11.04 12:00", timedelta(hours=2), [], OFFICE, "13.04 11:00"),
    ("used up exactly at closing", "06.04 09:00", timedelta(hours=9), [], OFFICE, "06.04 18:00"),
    ("overnight, exactly at closing", "06.04 23:00", timedelta(hours=18), [], OFFICE, "08.04 18:00"),
    ("a second past closing", "06.04 09:00", timedelta(hours=9, seconds=1), [], OFFICE, "07.04 09:00:01"),
    ("exactly at a short day's closing", "30.04 15:00", timedelta(hours=2), [], OFFICE, "30.04 17:00"),
    ("used up at lunch", "06.04 08:00", timedelta(hours=4), [], LUNCH, "06.04 12:00"),
    ("over lunch", "06.04 11:30", timedelta(hours=1), [], LUNCH, "06.04 13:30"),
    ("night watch over midnight", "06.04 23:30", timedelta(hours=1), [], NIGHTS, "07.04 00:30"),
    ("night watch in the day", "06.04 12:00", timedelta(hours=3), [], NIGHTS, "07.04 01:00"),
    ("a pause by night is nothing", "06.04 17:00", timedelta(hours=2), ["06.04 19:00 - 07.04 08:00"], OFFICE,
     "07.04 10:00"),
    ("a pause counts where open", "06.04 17:00", timedelta(hours=2), ["06.04 17:30 - 07.04 10:00"], OFFICE,
     "07.04 11:30"),
    ("a pause over several days", "06.04 10:00", timedelta(hours=4), ["06.04 11:00 - 08.04 17:00"], OFFICE,
     "09.04 11:00"),
    ("due at the closing, pause by night", "06.04 09:00", timedelta(hours=9), ["06.04 18:00 - 07.04 12:00"],
     OFFICE, "06.04 18:00"),
    ("nothing allowed is due at once", "06.04 23:00", timedelta(0), [], OFFICE, "06.04 23:00"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("registered", "allowance", "excluded", "calendar", "due"),
    [row[1:] for row in DUE],
    ids=[row[0] for row in DUE],
)
def test_due(registered: str, allowance: timedelta, excluded: list[str], calendar: Calendar, due: str) -> None:
    result = due_at(at(registered), allowance, spans(*excluded), calendar)
    assert result == at(due)
    assert result.tzinfo is UTC
    assert spent(at(registered), result, spans(*excluded), calendar) == allowance


SPENT = [
    ("closed exactly at the limit", "06.04 10:00", "06.04 22:00", [], ROUND_THE_CLOCK, "12:00:00"),
    ("asked at registration and closed there", "06.04 10:00", "09.04 10:00", ["06.04 10:00 - 09.04 10:00"],
     ROUND_THE_CLOCK, "0:00:00"),
    ("until before the start", "06.04 10:00", "06.04 09:00", [], ROUND_THE_CLOCK, "0:00:00"),
    ("until the start", "06.04 10:00", "06.04 10:00", [], ROUND_THE_CLOCK, "0:00:00"),
    ("a pause that still lasts", "06.04 10:00", "06.04 15:00", ["06.04 12:00 - 06.04 15:00"], ROUND_THE_CLOCK,
     "2:00:00"),
    ("a pause past the end", "06.04 10:00", "06.04 15:00", ["06.04 12:00 - 07.04 15:00"], ROUND_THE_CLOCK,
     "2:00:00"),
    ("overlaps are counted once", "06.04 10:00", "06.04 20:00",
     ["06.04 12:00 - 06.04 15:00", "06.04 14:00 - 06.04 16:00"], ROUND_THE_CLOCK, "6:00:00"),
    ("by night", "06.04 19:00", "07.04 08:59:59", [], OFFICE, "0:00:00"),
    ("over the weekend", "10.04 17:50", "13.04 09:10", [], OFFICE, "0:20:00"),
    ("over lunch", "06.04 11:10:12", "06.04 13:13:31", [], LUNCH, "1:03:19"),
    ("a pause through a closed day", "30.04 16:00", "05.05 12:00", ["30.04 16:30 - 05.05 10:00"], OFFICE,
     "2:30:00"),
    ("a night watch", "06.04 12:00", "08.04 12:00", [], NIGHTS, "16:00:00"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("registered", "until", "excluded", "calendar", "expected"),
    [row[1:] for row in SPENT],
    ids=[row[0] for row in SPENT],
)
def test_spent(registered: str, until: str, excluded: list[str], calendar: Calendar, expected: str) -> None:
    assert str(spent(at(registered), at(until), spans(*excluded), calendar)) == expected


ALWAYS = {day: [(time(0), time(0))] for day in range(7)}
BERLIN = WorkingCalendar("Europe/Berlin", ALWAYS)
NEWFOUNDLAND = WorkingCalendar("America/St_Johns", ALWAYS)
SAMOA = WorkingCalendar("Pacific/Apia", dict.fromkeys(range(7), OFFICE_HOURS))
SAO_PAULO = WorkingCalendar("America/Sao_Paulo", ALWAYS)


@pytest.mark.parametrize(
    ("calendar", "zone", "start", "end", "hours"),
    [
        (BERLIN, "Europe/Berlin", "28.03 12:00", "29.03 12:00", 23),  # clocks forward
        (BERLIN, "Europe/Berlin", "24.10 12:00", "25.10 12:00", 25),  # clocks back
        (SAO_PAULO, "America/Sao_Paulo", "17.10.2015 22:00", "18.10.2015 06:00", 7),  # midnight did not exist
        (SAO_PAULO, "America/Sao_Paulo", "21.02.2015 22:00", "22.02.2015 02:00", 5),  # 23-24 came twice
        (NEWFOUNDLAND, "America/St_Johns", "06.11.2010 12:00", "07.11.2010 12:00", 25),  # 0:01 became 23:01
        (SAMOA, "Pacific/Apia", "29.12.2011 09:00", "31.12.2011 18:00", 18),  # the 30th was left out
    ],
)
def test_clock_changes_count_as_real_time(
    calendar: WorkingCalendar, zone: str, start: str, end: str, hours: int
) -> None:
    registered, until = at(start, zone), at(end, zone)
    assert spent(registered, until, (), calendar) == timedelta(hours=hours)
    assert due_at(registered, timedelta(hours=hours), (), calendar) == until


def test_hours_begun_before_the_clocks_went_back_over_midnight() -> None:
    """At 0:01 on 7 November 2010 Newfoundland's clocks went back to 23:01: the 7th had already begun."""
    monday_to_saturday = WorkingCalendar("America/St_Johns", {d: ALWAYS[d] for d in range(6)})
    sunday = WorkingCalendar("America/St_Johns", {6: ALWAYS[6]})
    second_23_01 = datetime(2010, 11, 7, 2, 31, tzinfo=UTC)
    hour = timedelta(hours=1)
    assert second_23_01.astimezone(ZoneInfo("America/St_Johns")).isoformat().startswith("2010-11-06T23:01")
    assert spent(second_23_01, second_23_01 + hour / 2, (), sunday) == hour / 2
    assert spent(second_23_01, second_23_01 + hour / 2, (), monday_to_saturday) == timedelta(0)


def test_hours_inside_a_clock_change() -> None:
    early = WorkingCalendar("Europe/Berlin", {6: [(time(2), time(2, 30)), (time(2, 45), time(4))]})
    # 2-3 does not exist on 29 March: the first span has no length, the second opens at the jump (1:00 UTC).
    assert early.spans_of(date(2026, 3, 29)) == (
        (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 3, 29, 2, tzinfo=UTC)),
    )
    # 2-3 comes twice on 25 October; an hour named alone is its first coming (summer time, UTC+2).
    assert early.spans_of(date(2026, 10, 25))[0] == (
        datetime(2026, 10, 25, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    )


def test_the_calendars_zone_rules_not_the_zone_of_the_moment() -> None:
    vladivostok = at("06.04 16:00", "Asia/Vladivostok")  # 9:00 in Moscow
    assert due_at(vladivostok, timedelta(hours=9), (), OFFICE) == at("06.04 18:00")
    assert due_at(vladivostok.astimezone(timezone(timedelta(hours=-11))), HIGH) == at("07.04 09:00")


def test_a_naive_moment_is_refused_wherever_it_comes() -> None:
    naive, aware = datetime(2026, 4, 6, 10), at("06.04 10:00")  # noqa: DTZ001
    for attempt in (
        lambda: due_at(naive, URGENT),
        lambda: due_at(aware, URGENT, [(aware, naive)]),
        lambda: spent(naive, aware),
        lambda: spent(aware, naive),
        lambda: spent(aware, aware, [(naive, aware)]),
        lambda: open_now(naive, OFFICE),
        lambda: next_opening(naive, OFFICE),
    ):
        with pytest.raises(ValueError, match="without a time zone"):
            attempt()


def test_a_negative_allowance_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        due_at(at("06.04 10:00"), timedelta(seconds=-1))


@pytest.mark.parametrize(
    "calendar",
    [
        WorkingCalendar("UTC", {}),
        WorkingCalendar("UTC", {0: []}, {date(2026, 4, 7): []}),
        WorkingCalendar("UTC", {}, {date(2020, 1, 1): OFFICE_HOURS}),  # opened once, long ago
        WorkingCalendar("UTC", {0: [(time(9), time(9, 0, 1))]}),  # a second a week
    ],
)
def test_a_calendar_that_hardly_opens_says_so_and_does_not_hang(calendar: WorkingCalendar) -> None:
    with pytest.raises(NeverDueError):
        due_at(at("06.04 10:00"), URGENT, (), calendar)
    assert spent(at("06.04 10:00"), at("06.05 10:00"), (), calendar) <= timedelta(seconds=5)


def test_a_calendar_may_open_on_named_days_alone() -> None:
    calendar = WorkingCalendar("Europe/Moscow", {}, {date(2026, 4, 8): OFFICE_HOURS})
    assert calendar.ever_opens
    assert due_at(at("06.04 10:00"), timedelta(hours=1), (), calendar) == at("08.04 10:00")
    assert next_opening(at("06.04 10:00"), calendar) == at("08.04 09:00")
    with pytest.raises(NeverDueError):
        next_opening(at("08.04 18:00"), calendar)
    assert not WorkingCalendar("UTC", {}, {date(2026, 4, 8): []}).ever_opens


def test_years_round_the_clock_are_one_span() -> None:
    start, end = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
    assert spent(start, end) == end - start
    assert list(ROUND_THE_CLOCK.open_spans(start, end)) == [(start, end)]
    with pytest.raises(NeverDueError):
        due_at(end, HORIZON * 1000)


def test_open_spans_touch_neither_bound() -> None:
    assert list(OFFICE.open_spans(at("06.04 18:00"), at("07.04 09:00"))) == []
    assert list(OFFICE.open_spans(at("06.04 17:00"), at("07.04 10:00"))) == spans(
        "06.04 17:00 - 06.04 18:00", "07.04 09:00 - 07.04 10:00"
    )


@pytest.mark.parametrize(
    ("moment", "is_open", "opens"),
    [
        ("06.04 09:00", True, "06.04 09:00"),
        ("06.04 17:59:59", True, "06.04 17:59:59"),
        ("06.04 18:00", False, "07.04 09:00"),
        ("06.04 08:59:59", False, "06.04 09:00"),
        ("11.04 12:00", False, "13.04 09:00"),
        ("30.04 17:30", False, "04.05 09:00"),
    ],
)
def test_open_now_and_next_opening(moment: str, is_open: bool, opens: str) -> None:
    assert open_now(at(moment), OFFICE) is is_open
    assert next_opening(at(moment), OFFICE) == at(opens)
    assert open_now(at(moment), ROUND_THE_CLOCK)


@pytest.mark.parametrize(
    ("zone", "week", "message"),
    [
        ("Europe/Atlantis", {}, "time zone"),
        ("", {}, "time zone"),
        ("../etc/passwd", {}, "time zone"),
        ("UTC", {7: OFFICE_HOURS}, "0 .Monday. to 6"),
        ("UTC", {0: [(time(18), time(9))]}, "split them at midnight"),
        ("UTC", {0: [(time(9), time(9))]}, "split them at midnight"),
        ("UTC", {0: [(time(9, tzinfo=UTC), time(18))]}, "own zone"),
    ],
)
def test_a_wrong_calendar_is_refused(zone: str, week: dict[int, list[tuple[time, time]]], message: str) -> None:
    with pytest.raises(CalendarError, match=message):
        WorkingCalendar(zone, week)


def test_hours_may_overlap_and_come_in_any_order() -> None:
    messy = WorkingCalendar(MOSCOW, {0: [(time(13), time(18)), (time(9), time(12)), (time(11), time(13))]})
    assert messy == WorkingCalendar("Europe/Moscow", {0: OFFICE_HOURS})
    assert hash(messy) == hash(WorkingCalendar("Europe/Moscow", {0: OFFICE_HOURS}))
    late = WorkingCalendar("UTC", {0: [(time(20), time(23)), (time(18), time(0)), (time(22), time(0))]})
    assert late == WorkingCalendar("UTC", {0: [(time(18), time(0))]})
    assert late != WorkingCalendar("UTC", {0: [(time(18), time(23))]})

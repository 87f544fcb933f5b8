"""The clock by properties: what must hold for any calendar, any pauses, any zone and its clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st

from provodnik.desk.clock import (
    ROUND_THE_CLOCK,
    Calendar,
    Interval,
    WorkingCalendar,
    due_at,
    next_opening,
    open_now,
    spent,
)

ZONES = [
    "UTC",
    "Europe/Moscow",
    "Europe/Berlin",
    "America/Sao_Paulo",  # changed at midnight
    "America/St_Johns",  # changed at one minute past midnight
    "America/Havana",
    "Asia/Tehran",
    "Asia/Kolkata",
    "Australia/Lord_Howe",  # changes by half an hour
    "Pacific/Apia",  # left a whole day out in 2011
]
# Around clock changes of those zones, and plain weeks; a calendar is asked near them, not over all time.
ANCHORS = [
    datetime(2010, 11, 7, tzinfo=UTC),
    datetime(2011, 12, 30, tzinfo=UTC),
    datetime(2015, 2, 22, tzinfo=UTC),
    datetime(2015, 10, 18, tzinfo=UTC),
    datetime(2026, 3, 29, tzinfo=UTC),
    datetime(2026, 4, 5, tzinfo=UTC),
    datetime(2026, 10, 25, tzinfo=UTC),
    datetime(2026, 7, 1, tzinfo=UTC),
]
FORTNIGHT = 14 * 24 * 3600

times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 0, 0, 1, 30, 59]), st.sampled_from([0, 0, 59]))


@st.composite
def hours(draw: st.DrawFn) -> list[tuple[time, time]]:
    """Spans in order that do not overlap: opening, closing, opening, …; the last may close at midnight."""
    edges = sorted(draw(st.lists(times, max_size=8, unique=True)))
    if len(edges) % 2:
        edges.append(time(0))
    return list(zip(edges[::2], edges[1::2], strict=True))


@st.composite
def working_calendars(draw: st.DrawFn) -> WorkingCalendar:
    """Any hours and exceptions, and an hour a week at least: a few seconds would need centuries."""
    week = draw(st.dictionaries(st.integers(0, 6), hours()))
    hour = draw(st.integers(0, 23))
    week[draw(st.integers(0, 6))] = [*draw(hours()), (time(hour), time((hour + 1) % 24))]
    anchor = draw(st.sampled_from(ANCHORS)).date()
    days = st.integers(-7, 14).map(lambda n: anchor + timedelta(days=n))
    return WorkingCalendar(draw(st.sampled_from(ZONES)), week, draw(st.dictionaries(days, hours(), max_size=5)))


calendars: st.SearchStrategy[Calendar] = st.one_of(st.just(ROUND_THE_CLOCK), working_calendars())
lengths = st.one_of(
    st.integers(0, 96 * 3600).map(lambda s: timedelta(seconds=s)),
    st.integers(1, 96).map(lambda h: timedelta(hours=h)),
    st.timedeltas(timedelta(0), timedelta(hours=96)),
)
moments = st.builds(
    lambda anchor, seconds: anchor + timedelta(seconds=seconds),
    st.sampled_from(ANCHORS),
    st.one_of(st.integers(-FORTNIGHT, FORTNIGHT), st.integers(-336, 336).map(lambda h: h * 3600)),
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[datetime, list[Interval], Calendar]:
    """A registration, pauses of every kind around it (inverted and empty ones too), a calendar."""
    start = draw(moments)
    edge = st.integers(-24 * 3600, FORTNIGHT).map(lambda s: start + timedelta(seconds=s))
    return start, draw(st.lists(st.tuples(edge, edge), max_size=6)), draw(calendars)


def total(pieces: list[timedelta]) -> timedelta:
    return sum(pieces, timedelta(0))


@given(cases(), lengths)
def test_the_deadline_is_when_the_allowance_is_spent(
    case: tuple[datetime, list[Interval], Calendar], allowance: timedelta
) -> None:
    start, pauses, calendar = case
    due = due_at(start, allowance, pauses, calendar)
    assert due >= start
    assert due.tzinfo is UTC
    assert spent(start, due, pauses, calendar) == allowance
    if allowance:  # and never earlier
        assert spent(start, due - timedelta.resolution, pauses, calendar) < allowance


@given(cases(), lengths, lengths)
def test_the_deadline_grows_with_the_allowance(
    case: tuple[datetime, list[Interval], Calendar], one: timedelta, other: timedelta
) -> None:
    start, pauses, calendar = case
    shorter, longer = sorted((one, other))
    early, late = (due_at(start, allowance, pauses, calendar) for allowance in (shorter, longer))
    assert early <= late
    assert (early == late) == (shorter == longer)
    # Adding up: what is left at the early deadline runs out at the late one.
    assert shorter == longer or due_at(early, longer - shorter, pauses, calendar) == late


@given(cases(), st.lists(st.integers(0, FORTNIGHT), min_size=2, max_size=2))
def test_spent_never_falls_adds_up_and_never_passes_the_wall_clock(
    case: tuple[datetime, list[Interval], Calendar], ahead: list[int]
) -> None:
    start, pauses, calendar = case
    middle, end = (start + timedelta(seconds=s) for s in sorted(ahead))
    first, second = spent(start, middle, pauses, calendar), spent(middle, end, pauses, calendar)
    assert timedelta(0) <= first <= middle - start
    assert first + second == spent(start, end, pauses, calendar)
    assert spent(end, start, pauses, calendar) == timedelta(0)


@given(cases(), st.integers(0, FORTNIGHT), st.randoms(use_true_random=False))
def test_only_the_union_of_pauses_counts(
    case: tuple[datetime, list[Interval], Calendar], seconds: int, random: Random
) -> None:
    start, pauses, calendar = case
    end = start + timedelta(seconds=seconds)
    expected = spent(start, end, pauses, calendar), due_at(start, timedelta(hours=5), pauses, calendar)
    split = [piece for a, b in pauses for piece in ((a, a + (b - a) / 2), (a + (b - a) / 2, b)) if a < b]
    messy = split + [pause for pause in pauses if pause[0] < pause[1]] + [(end, start), (start, start)]
    random.shuffle(messy)
    assert (
        spent(start, end, messy, calendar),
        due_at(start, timedelta(hours=5), messy, calendar),
    ) == expected


@given(cases(), st.integers(0, FORTNIGHT))
def test_a_pause_takes_exactly_its_open_time(case: tuple[datetime, list[Interval], Calendar], seconds: int) -> None:
    """Against a count made another way: open time, less the open time of each stretch of the union."""
    start, pauses, calendar = case
    end = start + timedelta(seconds=seconds)
    edges = sorted({start, end, *(e for pause in pauses for e in pause if start < e < end)})
    counted = [spent(a, b, (), calendar) for a, b in pairwise(edges) if not any(p <= a and b <= q for p, q in pauses)]
    assert spent(start, end, pauses, calendar) == total(counted)


@given(working_calendars(), moments, lengths)
def test_pauses_outside_hours_change_nothing(calendar: WorkingCalendar, start: datetime, allowance: timedelta) -> None:
    end = start + timedelta(days=10)
    opened = list(calendar.open_spans(start, end))
    shut = list(zip([start, *(b for _, b in opened)], [*(a for a, _ in opened), end], strict=True))
    assert spent(start, end, shut, calendar) == spent(start, end, (), calendar)
    assert due_at(start, allowance, shut, calendar) == due_at(start, allowance, (), calendar)


@given(working_calendars(), moments)
def test_a_start_outside_hours_starts_at_the_opening(calendar: WorkingCalendar, start: datetime) -> None:
    opening = next_opening(start, calendar)
    assert open_now(opening, calendar)
    assert (opening == start) == open_now(start, calendar)
    assert spent(start, opening, (), calendar) == timedelta(0)
    hour = timedelta(hours=1)
    assert due_at(start, hour, (), calendar) == due_at(opening, hour, (), calendar)


@given(working_calendars(), moments)
def test_open_spans_keep_order_and_bounds(calendar: WorkingCalendar, start: datetime) -> None:
    end = start + timedelta(days=8)
    opened = list(calendar.open_spans(start, end))
    assert all(start <= a < b <= end for a, b in opened)
    assert all(b <= c for (_, b), (c, _) in pairwise(opened))


@given(working_calendars(), moments)
def test_it_is_open_when_the_clock_on_the_wall_shows_opening_hours(calendar: WorkingCalendar, moment: datetime) -> None:
    wall = moment.astimezone(calendar.zone)
    day = timedelta(days=1)
    offsets = {(moment + n * day).astimezone(calendar.zone).utcoffset() for n in (-1, 0, 1)}
    assume(len(offsets) == 1)  # no clock change is near
    named = calendar.exceptions.get(wall.date(), calendar.week[wall.weekday()])
    shown = any(s <= wall.time() and (e == time(0) or wall.time() < e) for s, e in named)
    assert open_now(moment, calendar) == shown


@given(st.sampled_from(ZONES), moments, st.integers(0, FORTNIGHT))
def test_a_calendar_open_day_and_night_is_the_clock_itself(zone: str, start: datetime, seconds: int) -> None:
    always = WorkingCalendar(zone, {day: [(time(0), time(0))] for day in range(7)})
    end = start + timedelta(seconds=seconds)
    assert spent(start, end, (), always) == end - start
    assert due_at(start, end - start, (), always) == end


@given(cases(), lengths)
def test_a_fresh_calendar_answers_like_one_that_remembers(
    case: tuple[datetime, list[Interval], Calendar], allowance: timedelta
) -> None:
    start, pauses, calendar = case
    first = due_at(start, allowance, pauses, calendar)
    assert due_at(start, allowance, pauses, calendar) == first
    if isinstance(calendar, WorkingCalendar):
        week = dict(enumerate(calendar.week))
        exceptions: dict[date, list[tuple[time, time]]] = {d: list(h) for d, h in calendar.exceptions.items()}
        twin = WorkingCalendar(str(calendar.zone), week, exceptions)
        assert (twin, hash(twin)) == (calendar, hash(calendar))
        assert due_at(start, allowance, pauses, twin) == first

"""The regulation's clock (R12, R13, I2-I4): when an allowance runs out, and how much of it was spent.

Plain arithmetic over values: aware datetimes in, aware UTC datetimes and timedeltas out, to the microsecond,
nobody asked for the time of day. Time *counts* when the calendar is open and no exclusion covers it; every
interval holds its start and not its end.

* `spent(registered, until)` is the counted time between the two; nothing when `until` is not later.
* `due_at(registered, allowance)` is **the earliest instant at which `spent` reaches the allowance**. From
  this one definition follow all the conventions: a start outside hours starts at the next opening; an
  allowance used up exactly at closing time is due at that closing, not at the next opening; one used up
  exactly when an exclusion begins is due at that beginning; an exclusion that covers the instant at which the
  allowance would otherwise have run out moves the deadline past its own end; one that begins after the
  deadline cannot move it. And `spent(registered, due_at(registered, allowance, …), …) == allowance`, always.

An exclusion that still lasts is given by the caller with the present moment as its end. Exclusions may come
in any order, overlap, touch, be empty or inverted: only their union counts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

Interval = tuple[datetime, datetime]
Hours = Sequence[tuple[time, time]]

# How far ahead a deadline is looked for: 96 hours at one minute a week take 110 years, and no contract is
# stranger. Without a bound a calendar that hardly ever opens would keep the search going for ever.
HORIZON = timedelta(days=200 * 366)

_ZERO = timedelta(0)
_ONE_DAY = timedelta(days=1)
_MIDNIGHT = time(0)  # as an end: of the day
_LAST_INSTANT = datetime.max.replace(tzinfo=UTC)
# Some thirty years of days: enough for all requests of a desk, and a server lives long.
_CACHED_DAYS = 12_000


class CalendarError(ValueError):
    """A working calendar is described wrongly."""


class NeverDueError(ValueError):
    """The calendar does not open often enough for the allowance ever to run out (within `HORIZON`)."""


class Calendar(Protocol):
    """What the arithmetic asks of a calendar."""

    def open_spans(self, start: datetime, stop: datetime | None) -> Iterator[Interval]:
        """Open time within [start, stop), in order; both in UTC. Without `stop`, as far as it looks ahead."""
        ...


class _RoundTheClock:
    """Clock hours (I4, the default): one endless span, so that years cost as little as minutes."""

    __slots__ = ()

    def open_spans(self, start: datetime, stop: datetime | None) -> Iterator[Interval]:
        end = _LAST_INSTANT if stop is None else stop
        if start < end:
            yield start, end

    def __repr__(self) -> str:
        return "ROUND_THE_CLOCK"


ROUND_THE_CLOCK: Calendar = _RoundTheClock()


class WorkingCalendar:
    """Opening hours of a contract (I4): immutable, equal by value, may be shared between threads.

    `zone`: IANA name or tzinfo, in which the hours are read day by day. `week`: {0..6: [(start, end), …]},
    Monday is 0; a day left out is closed. `exceptions`: {date: [(start, end), …]} replaces the week's hours
    on that date; an empty list is a day off. Ends are not included; an end of `time(0)` is midnight at the
    day's end. Raises CalendarError.

    Where the zone's clocks jump, an hour that does not exist stands for the instant of the jump, and one that
    comes twice for its first coming: real elapsed time is counted, and midnights always meet.
    """

    __slots__ = ("_cache", "exceptions", "week", "zone")

    zone: tzinfo
    week: tuple[tuple[tuple[time, time], ...], ...]
    exceptions: Mapping[date, tuple[tuple[time, time], ...]]

    def __init__(
        self, zone: str | tzinfo, week: Mapping[int, Hours], exceptions: Mapping[date, Hours] | None = None
    ) -> None:
        self.zone = _zone(zone)
        if unknown := sorted(set(week) - set(range(7))):
            raise CalendarError(f"a week has days 0 (Monday) to 6 (Sunday), not {unknown}")
        self.week = tuple(tidy_hours(week.get(day, ())) for day in range(7))
        self.exceptions = {day: tidy_hours(hours) for day, hours in (exceptions or {}).items()}
        self._cache: dict[date, tuple[Interval, ...]] = {}

    @property
    def ever_opens(self) -> bool:
        """Whether it has any hours at all: a contract with one that has none must be refused."""
        return any(self.week) or any(self.exceptions.values())

    def open_spans(self, start: datetime, stop: datetime | None) -> Iterator[Interval]:
        end = start + HORIZON if stop is None else stop
        day = start.astimezone(self.zone).date()
        # A day more: where clocks go back across midnight (Newfoundland did at 0:01), an instant whose local
        # date is yesterday again already belongs to today's hours.
        last = end.astimezone(self.zone).date() + _ONE_DAY
        if not any(self.week):  # nothing to wait for behind the days that are named
            last = min(last, max(self.exceptions, default=date.min))
        while day <= last:
            for opens, closes in self.spans_of(day):
                if opens >= end:
                    return
                if closes > start:
                    yield max(opens, start), min(closes, end)
            day += _ONE_DAY

    def spans_of(self, day: date) -> tuple[Interval, ...]:
        """The open spans of a local day, in UTC."""
        spans = self._cache.get(day)
        if spans is None:
            if len(self._cache) >= _CACHED_DAYS:
                self._cache.clear()
            spans = self._cache[day] = tuple(self._compute(day))
        return spans

    def _compute(self, day: date) -> Iterator[Interval]:
        hours = self.exceptions.get(day)
        for start, end in self.week[day.weekday()] if hours is None else hours:
            opens = _instant(datetime.combine(day, start), self.zone)
            closes = _instant(datetime.combine(day + _ONE_DAY if end == _MIDNIGHT else day, end), self.zone)
            if opens < closes:  # a span inside the hour that the clocks jump over has no length
                yield opens, closes

    def _key(self) -> tuple[object, ...]:
        return str(self.zone), self.week, frozenset(self.exceptions.items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WorkingCalendar) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"WorkingCalendar({str(self.zone)!r}, {self.week!r}, {len(self.exceptions)} exceptions)"


def due_at(
    registered: datetime,
    allowance: timedelta,
    excluded: Iterable[Interval] = (),
    calendar: Calendar = ROUND_THE_CLOCK,
) -> datetime:
    """The earliest instant, in UTC, at which `allowance` of counted time has passed since `registered`.

    Raises ValueError for a naive datetime or a negative allowance, NeverDueError when the calendar does not
    hold that much open time.
    """
    if allowance < _ZERO:
        raise ValueError("an allowance is not negative")
    start = utc(registered)
    left = allowance
    pauses = _union(excluded)
    if not left:
        return start
    for begins, ends in _counted(start, None, pauses, calendar):
        length = ends - begins
        if left <= length:
            return begins + left
        left -= length
    raise NeverDueError("the calendar does not hold enough open time for this allowance")


def spent(
    registered: datetime,
    until: datetime,
    excluded: Iterable[Interval] = (),
    calendar: Calendar = ROUND_THE_CLOCK,
) -> timedelta:
    """Counted time from `registered` to `until`; none when `until` is not later. ValueError if naive."""
    start, stop = utc(registered), utc(until)
    pauses = _union(excluded)
    if stop <= start:
        return _ZERO
    return sum((ends - begins for begins, ends in _counted(start, stop, pauses, calendar)), _ZERO)


def next_opening(at: datetime, calendar: Calendar) -> datetime:
    """`at` itself when the calendar is open then, else the next opening, in UTC. Raises NeverDueError."""
    for opens, _ in calendar.open_spans(utc(at), None):
        return opens
    raise NeverDueError("the calendar does not open again")


def open_now(at: datetime, calendar: Calendar) -> bool:
    """Whether the calendar is open at that instant (a closing instant is already closed)."""
    instant = utc(at)
    return any(True for _ in calendar.open_spans(instant, instant + timedelta.resolution))


def utc(moment: datetime) -> datetime:
    """The same instant in UTC; ValueError for a naive datetime, which names no instant at all."""
    if moment.utcoffset() is None:
        raise ValueError(f"a moment without a time zone cannot be placed: {moment.isoformat()}")
    return moment.astimezone(UTC)


def _counted(start: datetime, stop: datetime | None, pauses: list[Interval], calendar: Calendar) -> Iterator[Interval]:
    """The pieces of [start, stop) that count: open and not excluded, in order; `pauses` is a tidy union."""
    index = 0
    for opens, closes in calendar.open_spans(start, stop):
        cursor = opens
        while index < len(pauses) and pauses[index][0] < closes:
            begins, ends = pauses[index]
            if cursor < begins:
                yield cursor, begins
            cursor = max(cursor, ends)
            if cursor >= closes:
                break  # this exclusion may reach into the next span: keep it
            index += 1
        if cursor < closes:
            yield cursor, closes


def _union(intervals: Iterable[Interval]) -> list[Interval]:
    """The same exclusions sorted, without overlaps, in UTC; empty and inverted ones gone."""
    merged: list[Interval] = []
    for begins, ends in sorted((utc(begins), utc(ends)) for begins, ends in intervals):
        if begins >= ends:
            continue
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        else:
            merged.append((begins, ends))
    return merged


def _instant(wall: datetime, zone: tzinfo) -> datetime:
    """When the clocks of `zone` show `wall`, in UTC: see WorkingCalendar for what happens at a jump."""
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # PEP 495: in a gap fold=0 answers with the offset before the jump and so lies after it, fold=1 before it.
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta.resolution:
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _zone(zone: str | tzinfo) -> tzinfo:
    if isinstance(zone, tzinfo):
        return zone
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:  # unknown, malformed or a directory of the tz database
        raise CalendarError(f"unknown time zone: {zone!r}") from error


def tidy_hours(hours: Hours) -> tuple[tuple[time, time], ...]:
    """Sorted, touching and overlapping spans joined; raises CalendarError for an empty or inverted one."""
    tidy: list[tuple[time, time]] = []
    for start, end in sorted(hours):
        if start.tzinfo or end.tzinfo:
            raise CalendarError("opening hours are read in the calendar's own zone and carry none themselves")
        if end != _MIDNIGHT and start >= end:
            raise CalendarError(f"hours must end later than they start: {start}-{end}; split them at midnight")
        if tidy and (tidy[-1][1] == _MIDNIGHT or start <= tidy[-1][1]):
            opened, closed = tidy[-1]
            tidy[-1] = (opened, _MIDNIGHT if _MIDNIGHT in (closed, end) else max(closed, end))
        else:
            tidy.append((start, end))
    return tuple(tidy)

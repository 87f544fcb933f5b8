"""The told story of a request's clock: from bare recorded facts to everything a person may ask of it.

`tell` answers: how much was allowed, how much counted, what was left out and why (waiting for the user and
our own reaction apart, R13 and I2; the time it stood closed before it was reopened, I6), what the deadline
is, how each change of priority moved it (I3), and whether the clock stands at this moment.

Facts are judged by their own instants: whatever lies after `now` is not known yet, so the same function also
tells the story as it stood at any past moment. All lengths are open time of the contract's calendar (I4).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from provodnik.desk.clock import ROUND_THE_CLOCK, Calendar, Interval, due_at, spent, utc
from provodnik.desk.states import INITIAL, Priority, Status

SegmentKind = Literal["ran", "user", "us", "closed"]
Standing = Literal["user", "us", "closed"]

_ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Move:
    """The request entered the status `to` at `at` (aware)."""

    at: datetime
    to: Status


@dataclass(frozen=True, slots=True)
class Answer:
    """The user wrote; only the first one within a clarification matters here (I2)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class PriorityChange:
    """The priority was changed (I3, I7)."""

    at: datetime
    old: Priority
    new: Priority


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the request's life, [start, end) in UTC.

    The clock `ran`, or stood: waiting for the `user`, for `us` to take his answer up, or `closed` and later
    reopened. `length` is the open time within, what it adds to the count or leaves out of it.
    """

    kind: SegmentKind
    start: datetime
    end: datetime
    length: timedelta


@dataclass(frozen=True, slots=True)
class DeadlineChange:
    """What a change of priority did to the deadline, with what was excluded by that instant (I3)."""

    at: datetime
    old_priority: Priority
    new_priority: Priority
    old_due: datetime
    new_due: datetime


@dataclass(frozen=True, slots=True)
class ClockStory:
    """The clock of one request at one moment. Instants are UTC, lengths are the calendar's open time.

    `segments` cover the time from registration to `now`, or to the closing, without a gap; `counted`,
    `waiting_user`, `waiting_us` and `stood_closed` are the sums of their lengths by kind.
    """

    priority: Priority
    allowance: timedelta
    due_at: datetime  # while the clock stands: the deadline if it went on at `now`
    counted: timedelta
    left: timedelta  # allowance less counted; negative when more was spent than allowed
    waiting_user: timedelta
    waiting_us: timedelta
    stood_closed: timedelta  # before a reopening; the final closing ends the clock and is not in it
    standing: Standing | None
    standing_since: datetime | None
    standing_for: timedelta | None  # by the wall clock, open or not: what a person sees passing
    overdue: bool  # later than due_at now, or at the closing; exactly at it is in time
    overdue_by: timedelta  # open time over the allowance; zero in the closed hours right after a deadline
    closed_at: datetime | None
    in_time: bool | None  # of a closed request; None while it is open
    segments: tuple[Segment, ...]
    changes: tuple[DeadlineChange, ...]
    excluded: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class _Stay:
    """A stay in one status; `end` None: it is still there."""

    status: Status
    start: datetime
    end: datetime | None

    @property
    def stops_clock(self) -> bool:
        """Уточнение stops it at once; Выполнено only by being reopened later, else it ends it."""
        return self.status is Status.CLARIFICATION or (self.status is Status.DONE and self.end is not None)


def tell(
    *,
    registered: datetime,
    moves: Iterable[Move],
    answers: Iterable[Answer] = (),
    priority_changes: Iterable[PriorityChange] = (),
    priority: Priority,
    allowances: Mapping[Priority, timedelta],
    calendar: Calendar = ROUND_THE_CLOCK,
    now: datetime,
) -> ClockStory:
    """The story as of `now`; `priority` is the one it has then.

    Raises ValueError for a naive datetime, KeyError when `allowances` lacks a priority, and NeverDueError for
    a calendar that hardly ever opens (refused when a contract is saved, see WorkingCalendar.ever_opens).
    """
    moves = tuple(moves)
    registered, now = utc(registered), utc(now)
    stays = _stays(registered, moves, now)
    last = stays[-1]
    closed_at = last.start if last.status is Status.DONE else None
    end = closed_at or max(now, registered)
    allowance = allowances[priority]
    excluded = _excluded(stays, now)
    due = due_at(registered, allowance, excluded, calendar)
    segments = tuple(_segments(stays, [utc(a.at) for a in answers], end, calendar))
    counted = _total(segments, "ran")
    standing, since = _standing(last, segments)
    overdue = end > due
    return ClockStory(
        priority=priority,
        allowance=allowance,
        due_at=due,
        counted=counted,
        left=allowance - counted,
        waiting_user=_total(segments, "user"),
        waiting_us=_total(segments, "us"),
        stood_closed=_total(segments, "closed"),
        standing=standing,
        standing_since=since,
        standing_for=None if since is None else max(now - since, _ZERO),
        overdue=overdue,
        overdue_by=max(counted - allowance, _ZERO),
        closed_at=closed_at,
        in_time=None if closed_at is None else not overdue,
        segments=segments,
        changes=tuple(_changes(registered, moves, priority_changes, allowances, calendar, now)),
        excluded=tuple(excluded),
    )


def excluded_of(moves: Iterable[Move], now: datetime) -> list[Interval]:
    """What the clock leaves out by `now`, in order, in UTC; a clarification that still lasts ends at `now`.

    From Уточнение to the next move (I2), from Выполнено to its reopening (I6). Moves after `now` are not
    known yet.
    """
    moves = tuple(moves)
    now = utc(now)
    start = min((utc(move.at) for move in moves), default=now)
    return _excluded(_stays(min(start, now), moves, now), now)


def stored_due_at(
    *,
    registered: datetime,
    moves: Iterable[Move],
    allowance: timedelta,
    calendar: Calendar = ROUND_THE_CLOCK,
) -> datetime:
    """The deadline that the database caches: with the exclusions that have ended, so that no `now` is in it.

    While a request is in Уточнение it is the deadline from before the question; the move back moves it on.
    """
    moves = tuple(moves)
    start = utc(registered)
    stays = _stays(start, moves, max((utc(move.at) for move in moves), default=start))
    ended = [(stay.start, stay.end) for stay in stays if stay.stops_clock and stay.end is not None]
    return due_at(start, allowance, ended, calendar)


def _stays(registered: datetime, moves: Sequence[Move], now: datetime) -> list[_Stay]:
    """The statuses one after another, the last still open; a move to where it already is changes nothing."""
    entered: list[tuple[datetime, Status]] = [(registered, INITIAL)]
    known = ((max(utc(move.at), registered), move.to) for move in moves)
    for at, to in sorted(((at, to) for at, to in known if at <= now), key=lambda entry: entry[0]):
        if to is not entered[-1][1]:
            entered.append((at, to))
    stays = [_Stay(status, at, left) for (at, status), (left, _) in pairwise(entered)]
    at, status = entered[-1]
    return [*stays, _Stay(status, at, None)]


def _excluded(stays: Iterable[_Stay], now: datetime) -> list[Interval]:
    spans = [(stay.start, stay.end or now) for stay in stays if stay.stops_clock]
    return [(start, end) for start, end in spans if start < end]


def _segments(
    stays: Iterable[_Stay], answers: Sequence[datetime], end: datetime, calendar: Calendar
) -> Iterator[Segment]:
    """The stays as segments up to `end`; neighbours of one kind joined, a clarification cut at its answer."""
    pieces: list[tuple[SegmentKind, datetime, datetime]] = []
    for stay in stays:
        for kind, start, stop in _pieces(stay, answers, end):
            if start >= stop:
                continue
            if pieces and pieces[-1][0] == kind:
                start = pieces.pop()[1]
            pieces.append((kind, start, stop))
    for kind, start, stop in pieces:
        yield Segment(kind, start, stop, spent(start, stop, (), calendar))


def _pieces(stay: _Stay, answers: Sequence[datetime], end: datetime) -> list[tuple[SegmentKind, datetime, datetime]]:
    stop = stay.end or end
    if stay.status is Status.DONE:
        return [("closed", stay.start, stop)]
    if stay.status is not Status.CLARIFICATION:
        return [("ran", stay.start, stop)]
    answered = min((at for at in answers if stay.start <= at < stop), default=stop)
    return [("user", stay.start, answered), ("us", answered, stop)]


def _standing(last: _Stay, segments: Sequence[Segment]) -> tuple[Standing | None, datetime | None]:
    """Why the clock stands at the end of the story, and since when."""
    if last.status is Status.DONE:
        return "closed", last.start
    if last.status is not Status.CLARIFICATION:
        return None, None
    # A clarification asked this very instant has no segment yet: it waits for the user.
    if segments and segments[-1].kind == "us" and segments[-1].start >= last.start:
        return "us", segments[-1].start
    return "user", last.start


def _changes(
    registered: datetime,
    moves: Sequence[Move],
    changes: Iterable[PriorityChange],
    allowances: Mapping[Priority, timedelta],
    calendar: Calendar,
    now: datetime,
) -> Iterator[DeadlineChange]:
    for change in sorted(changes, key=lambda change: change.at):
        at = utc(change.at)
        if at > now:
            continue
        excluded = _excluded(_stays(registered, moves, at), at)
        old_due = due_at(registered, allowances[change.old], excluded, calendar)
        new_due = due_at(registered, allowances[change.new], excluded, calendar)
        yield DeadlineChange(at, change.old, change.new, old_due, new_due)


def _total(segments: Iterable[Segment], kind: SegmentKind) -> timedelta:
    return sum((segment.length for segment in segments if segment.kind == kind), _ZERO)

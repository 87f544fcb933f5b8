"""The told story of a request's clock: the regulation's cases worked by hand, and what must hold for any."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provodnik.desk.clock import ROUND_THE_CLOCK, Calendar, NeverDueError, WorkingCalendar, due_at, spent
from provodnik.desk.states import DEFAULT_ALLOWANCES, MOVES, Priority, Status
from provodnik.desk.story import (
    Answer,
    ClockStory,
    Move,
    PriorityChange,
    excluded_of,
    stored_due_at,
    tell,
)

IN_PROGRESS, CLARIFICATION, DONE = Status.IN_PROGRESS, Status.CLARIFICATION, Status.DONE
HOUR, ZERO = timedelta(hours=1), timedelta(0)
OFFICE = WorkingCalendar("Europe/Moscow", {day: [(time(9), time(18))] for day in range(5)})


def t(text: str) -> datetime:
    """«6 10:00» is 6 April 2026, a Monday, 10:00 in Moscow."""
    day, clock = text.split()
    return datetime.combine(date(2026, 4, int(day)), time.fromisoformat(clock), UTC) - 3 * HOUR


def story(
    *moves: tuple[str, Status],
    now: str,
    answers: tuple[str, ...] = (),
    changes: tuple[tuple[str, Priority, Priority], ...] = (),
    priority: Priority = Priority.MEDIUM,
    calendar: Calendar = ROUND_THE_CLOCK,
    registered: str = "6 10:00",
) -> ClockStory:
    return tell(
        registered=t(registered),
        moves=[Move(t(at), to) for at, to in moves],
        answers=[Answer(t(at)) for at in answers],
        priority_changes=[PriorityChange(t(at), old, new) for at, old, new in changes],
        priority=priority,
        allowances=DEFAULT_ALLOWANCES,
        calendar=calendar,
        now=t(now),
    )


def told(result: ClockStory) -> list[tuple[str, float]]:
    return [(segment.kind, segment.length / HOUR) for segment in result.segments]


def test_a_fresh_request_runs() -> None:
    result = story(now="6 12:00")
    assert (result.allowance, result.counted, result.left) == (48 * HOUR, 2 * HOUR, 46 * HOUR)
    assert result.due_at == t("8 10:00")
    assert result.standing is result.standing_since is result.standing_for is None
    assert (result.overdue, result.overdue_by, result.closed_at, result.in_time) == (False, ZERO, None, None)
    assert told(result) == [("ran", 2)]


def test_waiting_for_the_user_and_our_reaction_are_both_left_out_and_told_apart() -> None:
    """R13, I2: asked 6th 14:00, answered 7th 8:30, taken up 7th 10:46."""
    moves = ("6 10:30", IN_PROGRESS), ("6 14:00", CLARIFICATION), ("7 10:46", IN_PROGRESS)
    result = story(*moves, answers=("7 08:30", "7 09:00"), now="7 14:00")
    assert result.waiting_user == timedelta(hours=18, minutes=30)
    assert result.waiting_us == timedelta(hours=2, minutes=16)
    assert result.counted == timedelta(hours=7, minutes=14)
    assert result.due_at == t("8 10:00") + timedelta(hours=20, minutes=46)
    assert [s.kind for s in result.segments] == ["ran", "user", "us", "ran"]
    assert result.excluded == ((t("6 14:00"), t("7 10:46")),)
    assert result.standing is None


def test_while_the_user_thinks_the_clock_stands_and_the_deadline_moves_with_the_moment() -> None:
    moves = ("6 14:00", CLARIFICATION)
    first, later = story(moves, now="6 18:00"), story(moves, now="7 18:00")
    assert first.counted == later.counted == 4 * HOUR
    assert (first.due_at, later.due_at) == (t("8 14:00"), t("9 14:00"))
    assert (later.standing, later.standing_since, later.standing_for) == ("user", t("6 14:00"), 28 * HOUR)
    assert not later.overdue


def test_an_answer_turns_the_waiting_into_ours_and_does_not_start_the_clock() -> None:
    result = story(("6 14:00", CLARIFICATION), answers=("6 20:00",), now="7 08:00")
    assert (result.standing, result.standing_since, result.standing_for) == ("us", t("6 20:00"), 12 * HOUR)
    assert (result.waiting_user, result.waiting_us, result.counted) == (6 * HOUR, 12 * HOUR, 4 * HOUR)


def test_an_answer_at_the_instant_of_asking_leaves_the_whole_wait_to_us() -> None:
    result = story(("6 14:00", CLARIFICATION), answers=("6 14:00",), now="6 16:00")
    assert (result.standing, result.standing_since, result.waiting_us) == ("us", t("6 14:00"), 2 * HOUR)
    assert result.waiting_user == ZERO


def test_asked_this_very_instant_it_waits_for_the_user() -> None:
    result = story(("6 14:00", CLARIFICATION), now="6 14:00")
    assert (result.standing, result.standing_since, result.standing_for) == ("user", t("6 14:00"), ZERO)
    assert told(result) == [("ran", 4)]


def test_each_clarification_is_cut_at_its_own_answer_only() -> None:
    result = story(
        ("6 11:00", CLARIFICATION), ("6 13:00", IN_PROGRESS), ("6 14:00", CLARIFICATION), ("6 16:00", DONE),
        answers=("6 10:30", "6 12:00", "6 13:30", "6 16:00"),  # before, within, between, at the very end
        now="6 20:00",
    )  # fmt: skip
    assert told(result) == [("ran", 1), ("user", 1), ("us", 1), ("ran", 1), ("user", 2)]


def test_asked_at_registration_and_closed_there_nothing_counts() -> None:
    result = story(("6 10:00", CLARIFICATION), ("9 10:00", DONE), now="20 10:00")
    assert (result.counted, result.waiting_user, result.in_time) == (ZERO, 72 * HOUR, True)
    assert (result.closed_at, result.standing, result.standing_since) == (t("9 10:00"), "closed", t("9 10:00"))


@pytest.mark.parametrize(
    ("closed", "in_time", "over"),
    [("6 22:00:00", True, 0), ("6 21:59:59", True, 0), ("6 22:00:01", False, 1)],
)
def test_closed_exactly_at_the_limit_is_in_time(closed: str, in_time: bool, over: int) -> None:
    result = story(("6 12:00", IN_PROGRESS), (closed, DONE), priority=Priority.URGENT, now="9 10:00")
    assert result.in_time is in_time
    assert result.overdue is not in_time
    assert result.overdue_by == timedelta(seconds=over)
    assert result.due_at == t("6 22:00")


def test_an_open_request_past_its_deadline() -> None:
    result = story(("6 12:00", IN_PROGRESS), priority=Priority.URGENT, now="7 01:30")
    assert (result.overdue, result.overdue_by, result.left) == (True, 3.5 * HOUR, -3.5 * HOUR)
    assert result.in_time is None
    assert not story(priority=Priority.URGENT, now="6 22:00").overdue  # at the deadline itself it is not yet late


def test_overdue_before_a_clarification_stays_overdue_while_it_stands() -> None:
    result = story(("7 00:00", CLARIFICATION), priority=Priority.URGENT, now="9 10:00")
    assert (result.overdue, result.overdue_by, result.due_at) == (True, 2 * HOUR, t("6 22:00"))


def test_time_between_closing_and_reopening_is_not_counted() -> None:
    """I6: closed 13-15, then reopened; twelve hours from 10:00 end at midnight."""
    moves = ("6 11:00", IN_PROGRESS), ("6 13:00", DONE), ("6 15:00", IN_PROGRESS)
    result = story(*moves, priority=Priority.URGENT, now="6 16:00")
    assert (result.counted, result.stood_closed, result.due_at) == (4 * HOUR, 2 * HOUR, t("7 00:00"))
    assert told(result) == [("ran", 3), ("closed", 2), ("ran", 1)]
    assert (result.closed_at, result.in_time) == (None, None)
    again = story(*moves, ("6 20:00", DONE), priority=Priority.URGENT, now="9 00:00")
    assert (again.counted, again.stood_closed, again.closed_at) == (8 * HOUR, 2 * HOUR, t("6 20:00"))
    assert again.in_time is True


def test_closed_in_clarification_and_reopened_is_left_out_whole() -> None:
    result = story(
        ("6 12:00", CLARIFICATION), ("6 15:00", DONE), ("6 18:00", IN_PROGRESS), answers=("6 13:00",), now="6 19:00"
    )
    assert told(result) == [("ran", 2), ("user", 1), ("us", 2), ("closed", 3), ("ran", 1)]
    assert result.due_at == t("8 16:00")


def test_a_change_of_priority_recomputes_from_registration_and_forgets_nothing() -> None:
    """I3: four hours were excluded when Низкий became Экстренный; two more came later."""
    moves = (
        ("6 12:00", CLARIFICATION), ("6 16:00", IN_PROGRESS), ("6 19:00", CLARIFICATION), ("6 21:00", IN_PROGRESS),
    )  # fmt: skip
    result = story(
        *moves, changes=(("6 17:00", Priority.LOW, Priority.URGENT),), priority=Priority.URGENT, now="6 22:00"
    )
    (change,) = result.changes
    assert (change.old_due, change.new_due) == (t("10 14:00"), t("7 02:00"))
    assert (change.old_priority, change.new_priority, change.at) == (Priority.LOW, Priority.URGENT, t("6 17:00"))
    assert result.due_at == t("7 04:00")


def test_a_change_within_a_clarification_leaves_out_the_wait_so_far() -> None:
    change = ("6 15:00", Priority.MEDIUM, Priority.URGENT)
    result = story(("6 12:00", CLARIFICATION), changes=(change,), priority=Priority.URGENT, now="7 12:00")
    assert (result.changes[0].old_due, result.changes[0].new_due) == (t("8 13:00"), t("7 01:00"))


def test_what_is_later_than_now_is_not_known_yet() -> None:
    moves = ("6 12:00", CLARIFICATION), ("6 16:00", DONE), ("6 18:00", IN_PROGRESS)
    change = (("6 17:00", Priority.MEDIUM, Priority.LOW),)
    assert story(*moves, changes=change, now="6 11:00") == story(now="6 11:00")
    assert story(*moves, changes=change, now="6 14:00") == story(moves[0], now="6 14:00")
    assert story(*moves, now="6 17:00") == story(*moves[:2], now="6 17:00")


def test_a_clock_that_is_a_little_behind_does_no_harm() -> None:
    result = story(now="6 09:59")
    assert (result.counted, result.segments, result.overdue) == (ZERO, (), False)


def test_working_time_measures_every_part() -> None:
    """Mon-Fri 9-18: asked on Friday 17:00, answered on Saturday, taken up on Monday 11:00."""
    result = story(
        ("10 17:00", CLARIFICATION), ("13 11:00", IN_PROGRESS), answers=("11 12:00",), now="13 12:00",
        registered="10 08:00", priority=Priority.URGENT, calendar=OFFICE,
    )  # fmt: skip
    assert told(result) == [("ran", 8), ("user", 1), ("us", 2), ("ran", 1)]
    assert (result.counted, result.left, result.due_at) == (9 * HOUR, 3 * HOUR, t("13 15:00"))
    standing = story(("10 17:00", CLARIFICATION), now="12 17:00", registered="10 08:00", calendar=OFFICE)
    assert standing.standing_for == 48 * HOUR  # a person sees the wall clock
    assert standing.waiting_user == HOUR


def test_moves_may_come_unsorted_and_repeated() -> None:
    moves = ("6 12:00", CLARIFICATION), ("6 13:00", CLARIFICATION), ("6 16:00", IN_PROGRESS)
    assert story(*reversed(moves), now="6 17:00") == story(moves[0], moves[2], now="6 17:00")


def test_the_stored_deadline_knows_ended_pauses_only() -> None:
    def stored(*moves: tuple[str, Status]) -> datetime:
        return stored_due_at(registered=t("6 10:00"), moves=[Move(t(at), to) for at, to in moves], allowance=12 * HOUR)

    assert stored() == t("6 22:00")
    assert stored(("6 12:00", CLARIFICATION)) == t("6 22:00")
    assert stored(("6 12:00", CLARIFICATION), ("6 15:00", IN_PROGRESS)) == t("7 01:00")
    assert stored(("6 12:00", CLARIFICATION), ("6 15:00", DONE)) == t("7 01:00")
    assert stored(("6 12:00", DONE)) == t("6 22:00")
    assert stored(("6 12:00", DONE), ("6 13:00", IN_PROGRESS)) == t("6 23:00")


def test_excluded_of_lists_the_intervals_in_order() -> None:
    moves = [Move(t("6 15:00"), DONE), Move(t("6 12:00"), CLARIFICATION), Move(t("6 18:00"), IN_PROGRESS)]
    assert excluded_of(moves, t("6 14:00")) == [(t("6 12:00"), t("6 14:00"))]
    assert excluded_of(moves, t("6 16:00")) == [(t("6 12:00"), t("6 15:00"))]
    assert excluded_of(moves, t("7 16:00")) == [(t("6 12:00"), t("6 15:00")), (t("6 15:00"), t("6 18:00"))]
    assert excluded_of(moves, t("6 11:00")) == excluded_of([], t("6 11:00")) == []


def test_bad_facts_are_refused() -> None:
    naive = datetime(2026, 4, 6, 10)  # noqa: DTZ001
    with pytest.raises(ValueError, match="without a time zone"):
        excluded_of([Move(naive, IN_PROGRESS)], t("6 10:00"))
    with pytest.raises(ValueError, match="without a time zone"):
        excluded_of([], naive)
    with pytest.raises(NeverDueError):
        story(now="6 12:00", calendar=WorkingCalendar("UTC", {}))


minutes = st.integers(1, 3 * 24 * 60).map(lambda m: timedelta(minutes=m))


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Move], list[Answer], list[PriorityChange], datetime]:
    """A life by the legal moves of I11, some answers and changes of priority, and a present moment."""
    at, status, moves = t("6 10:00"), Status.CREATED, []
    for _ in range(draw(st.integers(0, 7))):
        at += draw(minutes)
        status = draw(st.sampled_from(sorted(MOVES[status])))
        moves.append(Move(at, status))
    now = at + draw(minutes)
    moment = st.integers(0, int((now - t("6 10:00")).total_seconds())).map(
        lambda s: t("6 10:00") + timedelta(seconds=s)
    )
    answers = [Answer(a) for a in draw(st.lists(moment, max_size=6))]
    priorities = st.sampled_from(Priority)
    return moves, answers, draw(st.lists(st.builds(PriorityChange, moment, priorities, priorities), max_size=3)), now


@given(lives(), st.sampled_from(Priority), st.sampled_from([ROUND_THE_CLOCK, OFFICE]))
def test_the_story_agrees_with_the_clock_and_with_itself(
    life: tuple[list[Move], list[Answer], list[PriorityChange], datetime], priority: Priority, calendar: Calendar
) -> None:
    moves, answers, changes, now = life
    start = t("6 10:00")

    def tell_at(moment: datetime) -> ClockStory:
        return tell(
            registered=start,
            moves=moves,
            answers=answers,
            priority_changes=changes,
            priority=priority,
            allowances=DEFAULT_ALLOWANCES,
            calendar=calendar,
            now=moment,
        )

    result = tell_at(now)
    end = result.closed_at or now
    # The one clock: deadline and count are those of due_at and spent with what was excluded.
    assert list(result.excluded) == excluded_of(moves, now)
    assert result.due_at == due_at(start, result.allowance, result.excluded, calendar)
    assert result.counted == spent(start, end, result.excluded, calendar)
    assert result.left == result.allowance - result.counted
    # The parts cover the whole without a gap, and their sums are what is told.
    assert [s.start for s in result.segments[:1]] == [start]
    assert [s.end for s in result.segments[-1:]] == [end]
    assert all(a.end == b.start for a, b in pairwise(result.segments))
    parts = result.counted, result.waiting_user, result.waiting_us, result.stood_closed
    assert sum(parts, ZERO) == spent(start, end, (), calendar)
    # The user's part and ours make up the clarifications exactly.
    stops = [(s.start, s.end) for s in result.segments if s.kind in ("user", "us")]
    assert result.waiting_user + result.waiting_us == sum((spent(a, b, (), calendar) for a, b in stops), ZERO)
    # Late means later than the deadline; the time over never tells otherwise.
    assert result.overdue is (end > result.due_at)
    assert result.overdue_by == max(ZERO, -result.left)
    assert result.overdue or result.overdue_by == ZERO
    assert result.in_time is (None if result.closed_at is None else not result.overdue)
    # It stands exactly where the last move left it, and then the count does not grow.
    last = moves[-1].to if moves else Status.CREATED
    assert (result.standing is not None) is (last in (CLARIFICATION, DONE))
    later = tell_at(now + timedelta(days=2))
    assert (later.counted == result.counted) or result.standing is None
    # The cache of the database: the same deadline once nothing stands open.
    stored = stored_due_at(registered=start, moves=moves, allowance=result.allowance, calendar=calendar)
    assert stored <= result.due_at
    assert last is CLARIFICATION or stored == result.due_at
    for change in result.changes:
        assert change.old_due == due_at(
            start, DEFAULT_ALLOWANCES[change.old_priority], excluded_of(moves, change.at), calendar
        )

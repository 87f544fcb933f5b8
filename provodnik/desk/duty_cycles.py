"""Shift patterns that are no week: «2 через 2», «сутки через трое» and any other that repeats after some days.

A pattern is a line of letters, a day each: D a day duty, N a night one, A round the clock, - a day off. It begins on
its anchor date and repeats by calendar days: neither a weekday nor a holiday moves it (the summary count of working
time, Labour Code art. 104). Hours are of the team's wall clock: a day duty from `day_starts` to `day_ends`, a
night one from `day_ends` to the next day's `day_starts`, round the clock from `day_starts` to the next day's. One's end
is the other's beginning, so that people whose anchors stand apart as the pattern wants leave no gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from itertools import pairwise

LONGEST = 56  # days: eight weeks


class Turn(StrEnum):
    """What a day of a pattern is."""

    DAY = "D"
    NIGHT = "N"
    WHOLE = "A"
    OFF = "-"


TWO_DAYS = "DD--"
TWO_NIGHTS = "NN--"
BY_TURNS = "DD--NN--"
DAY_THEN_NIGHT = "DN--"
DAY_OF_FOUR = "A---"
KNOWN = (TWO_DAYS, TWO_NIGHTS, BY_TURNS, DAY_THEN_NIGHT, DAY_OF_FOUR)

_OVER_MIDNIGHT = (Turn.NIGHT, Turn.WHOLE)
_FROM_MORNING = (Turn.DAY, Turn.WHOLE)


class Wrong(StrEnum):
    """Why a line of letters is no pattern."""

    LENGTH = "length"
    LETTER = "letter"
    IDLE = "idle"
    IN_A_ROW = "in a row"


@dataclass(frozen=True, slots=True)
class Cycle:
    """Somebody's pattern. `first`: the date of its first letter, before which it does not hold; `last`: its last date,
    None for without an end. `day_ends` may be None where no day and no night needs it."""

    person: int
    turns: str
    first: date
    day_starts: time
    day_ends: time | None = None
    last: date | None = None


def wrong(turns: str) -> Wrong | None:
    """What is wrong with a line of letters; None for a pattern.

    Two duties without a break between them are none: to work two shifts running is forbidden (Labour Code art. 103)."""
    if not 1 <= len(turns) <= LONGEST:
        return Wrong.LENGTH
    if not set(turns) <= {turn.value for turn in Turn}:
        return Wrong.LETTER
    if set(turns) == {Turn.OFF.value}:
        return Wrong.IDLE
    if any(_runs_on(before, after) for before, after in pairwise(turns + turns[0])):
        return Wrong.IN_A_ROW
    return None


def _runs_on(before: str, after: str) -> bool:
    """Whether a duty ends when that of the next day begins."""
    return before in _OVER_MIDNIGHT and after in _FROM_MORNING


def needs_evening(turns: str) -> bool:
    """Whether the hour at which a day duty gives over to a night one is asked for."""
    return Turn.DAY.value in turns or Turn.NIGHT.value in turns


def turn_on(cycle: Cycle, day: date) -> Turn:
    """The letter of a date; off outside the days in which the pattern holds."""
    if day < cycle.first or (cycle.last is not None and day > cycle.last):
        return Turn.OFF
    return Turn(cycle.turns[(day - cycle.first).days % len(cycle.turns)])


def hours_on(cycle: Cycle, day: date) -> tuple[time, time] | None:
    """The hours of the duty that begins on a date, None on a day off.

    An end not later than the beginning is on the next day."""
    match turn_on(cycle, day):
        case Turn.OFF:
            return None
        case Turn.WHOLE:
            return cycle.day_starts, cycle.day_starts
        case Turn.DAY:
            return cycle.day_starts, _evening(cycle)
        case Turn.NIGHT:
            return _evening(cycle), cycle.day_starts


def _evening(cycle: Cycle) -> time:
    if cycle.day_ends is None:
        raise ValueError("a pattern with days or nights needs the hour at which they change")
    return cycle.day_ends

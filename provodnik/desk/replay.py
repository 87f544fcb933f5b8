"""«What would have been»: registrations of the past put through the rules, one after another, over plain values.

People's load is followed as it would have grown: a request that the rules give to somebody stays his until it was
really closed. One that they leave in a team's queue burdens nobody here: who would have taken it, nobody knows.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from provodnik.desk.assignment import Choice, Incoming, Plan, Standing, choose, load

MOST_EXAMPLES = 50


@dataclass(frozen=True, slots=True)
class Past:
    """A request as it was registered; `was`: who has it, or had it when it was closed."""

    number: int
    at: datetime
    asked: Incoming
    was: int | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Burden:
    """A request that somebody had when the replay begins."""

    person: int
    priority: str
    closed_at: datetime | None = None


@dataclass(slots=True)
class Line:
    """What a person of a team would have been given; `really`: how many of the requests that the rules lead to this
    team he has in truth."""

    count: int = 0
    most_open: int = 0
    most_load: int = 0
    really: int = 0


@dataclass(slots=True)
class Replay:
    """The state of a replay; `feed` it requests in the order of their registration."""

    plan: Plan
    lines: dict[tuple[int, int | None], Line] = field(default_factory=lambda: defaultdict(Line))
    rules: Counter[int] = field(default_factory=Counter)
    total: int = 0
    unmatched: int = 0
    same: int = 0
    other: int = 0
    nobody: int = 0
    examples: list[tuple[Past, Choice]] = field(default_factory=list)
    _open: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _given: dict[tuple[int, int], datetime] = field(default_factory=dict)
    _ends: list[tuple[datetime, int, int, str]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)

    def burden(self, burdens: Iterable[Burden]) -> None:
        for one in burdens:
            self._take(one.person, one.priority, one.closed_at)

    def feed(self, past: Past) -> Choice:
        """One request, not older than those before it."""
        self._close_until(past.at)
        self.total += 1
        choice = choose(past.asked, self.plan, Standing(open=self._open, given=self._given), past.at)
        if choice.rule is None or choice.team is None:
            self.unmatched += 1
            return choice
        self.rules[choice.rule] += 1
        self._compare(past, choice, choice.team)
        line = self.lines[choice.team, choice.person]
        line.count += 1
        if choice.person is not None:
            self._take(choice.person, past.asked.priority, past.closed_at)
            if choice.turn is not None:
                self._given[choice.team, choice.turn] = past.at
            mine = self._open[choice.person]
            line.most_open = max(line.most_open, mine.total())
            line.most_load = max(line.most_load, load(mine, self.plan.teams[choice.team].weights))
        return choice

    def _compare(self, past: Past, choice: Choice, team: int) -> None:
        if past.was is not None:
            self.lines[team, past.was].really += 1
        if choice.person is None:
            self.nobody += 1
        elif choice.person == past.was:
            self.same += 1
        else:
            self.other += 1
            if len(self.examples) < MOST_EXAMPLES:
                self.examples.append((past, choice))

    def _take(self, person: int, priority: str, until: datetime | None) -> None:
        self._open[person][priority] += 1
        if until is not None:
            heapq.heappush(self._ends, (until, next(self._order), person, priority))

    def _close_until(self, at: datetime) -> None:
        while self._ends and self._ends[0][0] <= at:
            _until, _order, person, priority = heapq.heappop(self._ends)
            self._open[person][priority] -= 1

    def never(self) -> list[int]:
        """Rules that fitted nothing first."""
        return [rule.id for rule in self.plan.rules if not self.rules[rule.id]]

    def report(self, names: dict[int, str], rules: dict[int, str]) -> dict[str, Any]:
        """The outcome in words that stay readable when teams and rules are others. `names`: of everybody who had one
        of the requests; `rules`: each rule told."""

        def who(person: int | None) -> str:
            return "" if person is None else self.plan.names.get(person) or names.get(person, "?")

        lines = [
            {
                "team": self.plan.teams[team].name,
                "person": who(person),
                "count": line.count,
                "most_open": line.most_open,
                "most_load": line.most_load,
                "really": line.really,
            }
            for (team, person), line in self.lines.items()
        ]
        return {
            "unmatched": self.unmatched,
            "nobody": self.nobody,
            "same": self.same,
            "other": self.other,
            "lines": sorted(lines, key=lambda line: (str(line["team"]), -int(str(line["count"])), str(line["person"]))),
            "rules": [{"told": rules.get(one.id, ""), "count": self.rules[one.id]} for one in self.plan.rules],
            "examples": [
                {
                    "number": past.number,
                    "at": past.at.isoformat(),
                    "would": who(choice.person),
                    "was": who(past.was),
                    "reason": choice.reason,
                }
                for past, choice in self.examples
            ],
        }

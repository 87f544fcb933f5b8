"""`make faults`: the faults of docs/faults.md are injected by the tests that its rows name; what came of it is told.

A test that injects more than one fault, or measures how long it took until all was well again, says so by pytest's
`record_property`: `faults` (how many), `recovered` (seconds), `lost`, `doubled`; any other test is one fault. A test
that fails has broken an invariant.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "faults.md"
ROW = re.compile(r"^\|\s*(F\d\d)\s*\|\s*([^|]*?)\s*\|(.*)\|\s*$", re.MULTILINE)
TEST = re.compile(r"`([\w/]+\.py(?:::\w+)*)`")
UNPROVED = "не проверено"
ELSEWHERE = "не здесь"
# What runs whole here and as a sample in `make test`.
WHOLE = {"PROVODNIK_KILL_ROUNDS": "300", "PROVODNIK_SWEEP": "whole"}

_TABLE = pytest.StashKey[dict[str, "Row"]]()


@dataclass(frozen=True)
class Came:
    """What came of one test."""

    passed: bool
    said: Mapping[str, Any]

    def sum(self, name: str) -> float:
        return float(self.said.get(name, 1 if name == "faults" else 0))


@dataclass
class Row:
    """One fault: what happens, the tests that inject it, and what came of each that ran."""

    what: str
    tests: Sequence[str]
    came: dict[str, Came] = field(default_factory=dict)


def summed(came: Iterable[Came]) -> dict[str, float]:
    """Sums over tests; of the recovery the longest."""
    all_of_them = list(came)
    sums = {name: sum(one.sum(name) for one in all_of_them) for name in ("faults", "lost", "doubled")}
    broken = sum(not one.passed for one in all_of_them)
    return {**sums, "broken": broken, "recovered": max((one.sum("recovered") for one in all_of_them), default=0.0)}


def rows() -> dict[str, Row]:
    """The table, by the faults' numbers."""
    found = ROW.findall(TABLE.read_text(encoding="utf-8"))
    return {
        number: Row(what, () if rest.strip().startswith((UNPROVED, ELSEWHERE)) else TEST.findall(rest))
        for number, what, rest in found
    }


def named(table: Mapping[str, Row]) -> set[str]:
    return {test for row in table.values() for test in row.tests}


def belongs(node: str, test: str) -> bool:
    """Whether a test's node id is of what a row names: a file, a class or a function, with any parameters."""
    file, *names = node.partition("[")[0].split("::")
    wanted_file, *wanted = test.split("::")
    return file == wanted_file and all(name in names for name in wanted)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_TABLE] = rows()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the tests of the named files those that the rows name."""
    tests = named(config.stash[_TABLE])
    left = [item for item in items if not any(belongs(item.nodeid, test) for test in tests)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.pluginmanager.register(Teller(session.config.stash[_TABLE]))


class Teller:
    """Collects what the tests say, row by row, and prints it at the end."""

    def __init__(self, table: Mapping[str, Row]) -> None:
        self.table = table

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed:
            for row in self.table.values():
                if any(belongs(report.nodeid, test) for test in row.tests):
                    row.came[report.nodeid] = Came(not report.failed, dict(report.user_properties))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.write_line("")
        for line in told(self.table):
            terminalreporter.write_line(line)


def told(table: Mapping[str, Row]) -> Iterator[str]:
    """The report: a line a fault, then the whole. A test that stands in several rows counts once in the whole."""
    for number, row in table.items():
        sums = summed(row.came.values())
        more = f", восстановление до {sums['recovered']:.1f} с" if sums["recovered"] else ""
        wrong = f", НАРУШЕНО {sums['broken']}" if sums["broken"] else ""
        yield (
            f"{number}  внесено {sums['faults']:5.0f}{more}{wrong}  {row.what}"
            if row.came
            else (f"{number}  не внесён      {row.what}")
        )
    done = [row for row in table.values() if row.came]
    whole = summed({node: came for row in done for node, came in row.came.items()}.values())
    yield ""
    yield (
        f"Внесено сбоев: {whole['faults']:.0f} ({len(done)} видов из {len(table)}). Потеряно: {whole['lost']:.0f}."
        f" Удвоено: {whole['doubled']:.0f}. Нарушено: {whole['broken']:.0f}."
        f" Самое долгое восстановление: {whole['recovered']:.1f} с."
    )


def main(arguments: Sequence[str]) -> int:
    for name, value in WHOLE.items():
        os.environ.setdefault(name, value)
    files = sorted({test.partition("::")[0] for test in named(rows())})
    return int(pytest.main(["-q", "-p", "tests.faults", *files, *arguments]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

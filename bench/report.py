"""Figures of both sizes as one table (Markdown), each beside its aim."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

MAIL_AIM = 100.0  # letters a second
MEMORY_AIM = 400.0  # MB of web server and worker together
TABLE_SECONDS_AIM = 60.0  # for a table of 100,000 rows
TABLE_MEMORY_AIM = 300.0  # MB of the process that makes it
CROWD_AIM = 250.0  # ms
EXCHANGE_AIM = (300.0, 60.0, 500.0)  # seconds of a first load of 50,000, of a night without changes, MB
PAYDAY_AIM = (600.0, 250.0, 1000.0)  # seconds of publishing, ms that a reader waits, PDFs a minute
GROWTH_AIM = 1.5  # CPU of the queue at a million against that at ten thousand


@dataclass(frozen=True)
class Line:
    """A page at one size. `cpu`: ms of the whole stack a request; `p50`, `p95`: ms, one request at a time; `a_second`:
    answers with all the server's threads asked at once."""

    name: str
    queries: int
    cpu: float
    p50: float
    p95: float
    a_second: float
    aim_cpu: float | None = None
    aim_queries: int | None = None
    aim_share: float | None = None
    aim_p95: float | None = None
    aim_slower: float | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Size:
    """All of one size."""

    total: int
    lines: Sequence[Line]
    letters_a_second: float | None
    letters_wrong: int
    memory: float | None  # MB
    fill_seconds: float | None
    table_rows: int = 0
    table_seconds: float | None = None
    table_memory: float | None = None  # MB
    exchange_places: int = 0
    exchange_first: float | None = None  # seconds, of a first load
    exchange_night: float | None = None  # seconds, of a night without changes
    exchange_memory: float | None = None  # MB
    payday: Mapping[str, float] | None = None  # see bench/payday.py: PayDay
    crowd_p95: Mapping[str, float] | None = None  # ms by what was done, of a hundred specialists at work at once
    crowd_answers: int = 0
    crowd_wrong: int = 0

    @property
    def bare(self) -> Line:
        return self.lines[0]


def mark(good: bool) -> str:
    return "✓" if good else "✗"


def one(line: Line, bare: Line) -> str:
    """A line while it is measured."""
    return (
        f"  {line.name:42} {line.cpu:6.2f} ms CPU ({line.cpu / bare.cpu:.1f} × bare)  {line.queries:2} queries"
        f"  p50 {line.p50:.1f}  p95 {line.p95:.1f} ms  {line.a_second:.0f}/s ({line.a_second / bare.a_second:.0%})"
    )


def table(sizes: Sequence[Size]) -> tuple[str, bool]:
    """The table, and whether every aim is met."""
    head = ["page"]
    for size in sizes:
        named = f"{size.total:,}".replace(",", " ")
        head += [f"{named}: CPU, ms (× bare)", "queries", "p50 / p95, ms", "answers/s (of bare)"]
    head.append("aims")
    rows, verdicts = [], []
    for place, line in enumerate(sizes[0].lines):
        cells, same = [line.name], [size.lines[place] for size in sizes]
        for size, found in zip(sizes, same, strict=True):
            cells += [
                f"{found.cpu:.1f} ({found.cpu / size.bare.cpu:.1f})",
                str(found.queries),
                f"{found.p50:.1f} / {found.p95:.1f}",
                f"{found.a_second:.0f} ({found.a_second / size.bare.a_second:.0%})",
            ]
        aims = list(_aims(same, [size.bare for size in sizes]))
        verdicts += [good for _words, good in aims]
        cells.append(", ".join(f"{words} {mark(good)}" for words, good in aims))
        rows.append(cells)
    rest = list(_rest(sizes))
    verdicts += [good for _words, good in rest]
    lines = [head, ["---"] * len(head), *rows]
    text = "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
    return text + "\n\n" + "\n".join(f"* {words} {mark(good)}" for words, good in rest), all(verdicts)


def _aims(same: Sequence[Line], bares: Sequence[Line]) -> Iterable[tuple[str, bool]]:
    first = same[0]
    if first.aim_share is not None and len(same) > 1:
        # a page with its own aim of growth: its CPU aim is that of the first size
        yield f"≤ {first.aim_cpu:g} ms", first.cpu <= (first.aim_cpu or 0)
        yield f"≤ {GROWTH_AIM:g} × at a million", same[-1].cpu <= GROWTH_AIM * first.cpu
    elif first.aim_cpu is not None:
        yield f"≤ {first.aim_cpu:g} ms", all(line.cpu <= (line.aim_cpu or 0) for line in same)
    if first.aim_queries is not None:
        yield f"≤ {first.aim_queries} queries", all(line.queries <= (line.aim_queries or 0) for line in same)
    if first.aim_p95 is not None:
        yield f"p95 ≤ {first.aim_p95:g} ms", all(line.p95 <= (line.aim_p95 or 0) for line in same)
    if first.aim_slower is not None:
        slower = max(line.p95 / bare.p95 for line, bare in zip(same, bares, strict=True))
        yield f"p95 ≤ {first.aim_slower:g} × bare", slower <= first.aim_slower
    if first.aim_share is not None:
        shares = [line.a_second / bare.a_second for line, bare in zip(same, bares, strict=True)]
        yield f"≥ {first.aim_share:.0%} of bare", min(shares) >= first.aim_share


def _rest(sizes: Sequence[Size]) -> Iterable[tuple[str, bool]]:
    for size in sizes:
        if size.letters_a_second is not None:
            words = f"{size.total} requests: {size.letters_a_second:.0f} letters a second by one intake"
            yield (
                f"{words}, {size.letters_wrong} lost or doubled (≥ {MAIL_AIM:.0f}, 0)",
                (size.letters_a_second >= MAIL_AIM and not size.letters_wrong),
            )
        if size.memory is not None:
            words = f"{size.total} requests: web server and worker hold {size.memory:.0f} MB"
            yield f"{words} (≤ {MEMORY_AIM:.0f})", size.memory <= MEMORY_AIM
        if size.table_seconds is not None and size.table_memory is not None:
            scaled = size.table_seconds * 100_000 / max(size.table_rows, 1)
            words = (
                f"{size.total} requests: a table of {size.table_rows} rows as XLSX in {size.table_seconds:.0f} s "
                f"({scaled:.0f} s for 100,000 rows), its process holds {size.table_memory:.0f} MB"
            )
            good = scaled <= TABLE_SECONDS_AIM and size.table_memory <= TABLE_MEMORY_AIM
            yield f"{words} (≤ {TABLE_SECONDS_AIM:.0f} s, ≤ {TABLE_MEMORY_AIM:.0f} MB)", good
        if size.exchange_first is not None and size.exchange_night is not None and size.exchange_memory is not None:
            found = (size.exchange_first, size.exchange_night, size.exchange_memory)
            words = (
                f"1C: {size.exchange_places} places of work for the first time in {found[0]:.0f} s, a night without"
                f" changes in {found[1]:.0f} s, the process holds {found[2]:.0f} MB"
            )
            aims = " s, ".join(f"≤ {aim:.0f}" for aim in EXCHANGE_AIM)
            yield f"{words} ({aims} MB)", all(one <= aim for one, aim in zip(found, EXCHANGE_AIM, strict=True))
        if size.payday is not None:
            day, (publish, wait, papers) = size.payday, PAYDAY_AIM
            words = (
                f"pay day: {day['slips']:.0f} payslips taken in {day['taken']:.0f} s, published in"
                f" {day['published']:.0f} s; {day['answers']:.0f} read at {day['a_second']:.0f} a second"
                f" ({day['a_second'] / size.bare.a_second:.0%} of bare), p95 {day['p95']:.0f} ms, {day['mixed']:.0f}"
                f" mixed up, {day['wrong']:.0f} wrong; {day['pdfs']:.0f} PDFs a minute"
            )
            good = day["published"] <= publish and day["p95"] <= wait and not day["mixed"] and not day["wrong"]
            aims = f"publishing ≤ {publish:.0f} s, p95 ≤ {wait:.0f} ms, 0, 0, ≥ {papers:.0f} PDFs"
            yield f"{words} ({aims})", good and day["pdfs"] >= papers
        if size.crowd_p95 is not None:
            words = f"{size.total} requests: a hundred specialists at once, {size.crowd_answers} answers, p95 in ms:"
            kinds = ", ".join(f"{what} {p95:.0f}" for what, p95 in size.crowd_p95.items())
            # none of them may wait longer: many quick polls do not make up for a slow reply
            good = all(p95 <= CROWD_AIM for p95 in size.crowd_p95.values()) and not size.crowd_wrong
            yield f"{words} {kinds}; {size.crowd_wrong} wrong (each ≤ {CROWD_AIM:.0f}, 0)", good


def read(data: Mapping[str, Any]) -> Size:
    return Size(**{**data, "lines": [Line(**line) for line in data["lines"]]})

"""Release notes as CHANGELOG.md tells them, read into values. Pure; the file is Russian, for people.

`## X.Y — 23 ноября 2026 г.` (or `— готовится`), then sections `### …`, «Перед обновлением» first and never absent;
a line of «Что нового» and the like begins with `* ` and may end with the requests of the desk that it closes:
`(обращение №123)` or `(обращения №123, №124)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from provodnik.core.versions import NotAVersion, Version, read_version

BEFORE = "Перед обновлением"
PREPARING = "готовится"
MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
_DAY = re.compile(r"([1-9][0-9]?) ([а-я]+) ([0-9]{4}) г\.")
_REQUESTS = re.compile(r"^(?P<text>.*\S) \(обращени[ея] (?P<numbers>№[1-9][0-9]*(?:, №[1-9][0-9]*)*)\)(?P<end>\.?)$")


class NotNotes(ValueError):
    """The notes are not as they must be; the number of the line and why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"CHANGELOG.md:{line}: {why}")


@dataclass(frozen=True, slots=True)
class Change:
    """One line. `requests`: numbers of the desk's requests that it closes."""

    text: str
    requests: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Notes:
    """What one release brings. `released`: None while it is being prepared; `before`: what to do before the update."""

    version: Version
    released: date | None
    before: Sequence[Change]
    sections: Sequence[Section]


def read_notes(text: str) -> list[Notes]:
    """All releases by their numbers, the highest first, as the file has them. Raises NotNotes."""
    found = [_release(*block) for block in _blocks(list(enumerate(text.splitlines(), 1)), "## ")]
    for one, older in pairwise(found):
        if one.version <= older.version:
            raise NotNotes(1, f"{one.version} стоит над {older.version}")
    for one in found[1:]:
        if one.released is None:
            raise NotNotes(1, f"{one.version}: готовиться может только верхний выпуск")
    return found


Lines = list[tuple[int, str]]


def _blocks(lines: Lines, mark: str) -> Iterator[tuple[int, str, Lines]]:
    """Headings of one level, each with its line's number and the lines under it; what is above them is left out."""
    heads = [index for index, (_number, line) in enumerate(lines) if line.startswith(mark)]
    for index, following in pairwise([*heads, len(lines)]):
        number, line = lines[index]
        yield number, line.removeprefix(mark).strip(), lines[index + 1 : following]


def _release(number: int, head: str, body: Lines) -> Notes:
    spelt, _dash, day = head.partition(" — ")
    try:
        version = read_version(spelt)
    except NotAVersion:
        raise NotNotes(number, f"«{spelt}» — не номер выпуска") from None
    sections = [Section(title, tuple(_changes(lines))) for _number, title, lines in _blocks(body, "### ")]
    if not sections or sections[0].title != BEFORE or not sections[0].changes:
        raise NotNotes(number, f"у {version} нет первого раздела «{BEFORE}»")
    return Notes(version, _day(number, day), sections[0].changes, tuple(sections[1:]))


def _day(number: int, text: str) -> date | None:
    if text == PREPARING:
        return None
    found = _DAY.fullmatch(text)
    if found is None or found[2] not in MONTHS:
        raise NotNotes(number, f"«{text}» — не дата вида «23 ноября 2026 г.» и не «{PREPARING}»")
    try:
        return date(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1]))
    except ValueError:
        raise NotNotes(number, f"такого дня нет: «{text}»") from None


def _changes(lines: Lines) -> Iterator[Change]:
    """Items of a list, and paragraphs; a line that is indented goes on with the item above."""
    whole = ""
    for _number, line in [*lines, (0, "")]:
        if whole and (not line.strip() or line.startswith("* ")):
            yield _change(whole)
            whole = ""
        if line.strip():
            whole = f"{whole} {line.strip().removeprefix('* ')}".strip()


def _change(text: str) -> Change:
    found = _REQUESTS.fullmatch(text)
    if found is None:
        return Change(text)
    numbers = tuple(int(one.strip().removeprefix("№")) for one in found["numbers"].split(","))
    return Change(f"{found['text']}{found['end']}", numbers)

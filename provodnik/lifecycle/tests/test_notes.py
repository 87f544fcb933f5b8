"""Release notes: as the file tells them, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from provodnik import __version__
from provodnik.core.versions import read_version
from provodnik.lifecycle.notes import Change, NotNotes, read_notes

OURS = Path(__file__).resolve().parents[3] / "CHANGELOG.md"
GOOD = """# Изменения

Слова над первым выпуском.

## 1.1 — готовится

### Перед обновлением
Сделайте копию.

Остановите обмен.

### Что нового
* Первое
  на двух строках.
* Второе (обращение №17).
* Третье (обращения №18, №19)

## 1.0.1 — 1 декабря 2026 г.

### Перед обновлением
* Ничего.

## 1.0 — 23 ноября 2026 г.

### Перед обновлением
Ничего.
"""


def test_what_is_told_is_read() -> None:
    new, fix, first = read_notes(GOOD)
    assert (str(new.version), new.released, fix.released, first.released) == (
        "1.1", None, date(2026, 12, 1), date(2026, 11, 23),
    )  # fmt: skip
    assert new.before == (Change("Сделайте копию."), Change("Остановите обмен."))
    (section,) = new.sections
    assert section.title == "Что нового"
    assert section.changes == (Change("Первое на двух строках."), Change("Второе.", (17,)), Change("Третье", (18, 19)))
    assert fix.sections == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("## 1.1 — ", "## 1.1-rc1 — "),
        ("## 1.1 — готовится", "## 1.1 — скоро"),
        ("## 1.1 — готовится", "## 1.1"),
        ("1 декабря 2026 г.", "31 ноября 2026 г."),
        ("1 декабря 2026 г.", "1 декабре 2026 г."),
        ("1 декабря 2026 г.", "готовится"),
        ("### Перед обновлением\nСделайте копию.\n\nОстановите обмен.\n\n", ""),
        ("### Перед обновлением\nСделайте копию.\n\nОстановите обмен.\n", "### Перед обновлением\n"),
        ("### Что нового", "### Что нового\n\n## 1.2 — 2 декабря 2026 г.\n\n### Перед обновлением\nНичего."),
    ],
)
def test_what_is_not_as_it_must_be_is_refused(old: str, new: str) -> None:
    assert old in GOOD
    with pytest.raises(NotNotes):
        read_notes(GOOD.replace(old, new, 1))


def test_our_own_begin_with_the_version_of_this_tree() -> None:
    """One source of the version: what is being told of is what `provodnik/__init__.py` says."""
    notes = read_notes(OURS.read_text(encoding="utf-8"))
    assert notes[0].version == read_version(__version__)
    assert all(one.released for one in notes[1:])

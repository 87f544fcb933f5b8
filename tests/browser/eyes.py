"""What axe-core (WCAG 2.2 AA) and the layout say of a page, for one load of it.

Each page is looked at on a phone in one theme and on a desk in the other, the next one the other way round (where the
pairs begin is random): every page in both widths and both themes, all four pairs over the pages. `thorough`: all four.

Measuring colours is nearly all that axe costs. What it says of a text follows from the text's computed colours, size
and weight and from everything painted behind it, and pages are made of few of these looks: each is measured once in
each theme, wherever it is first met. What axe cannot decide where it stands is asked again where it is met next, a few
times. The rules about names, roles and structure are asked of all that the first width shows; of the second, those
about the page as a whole, and all of them where something else is shown than before.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

from playwright.sync_api import Page

HERE = Path(__file__).resolve().parent
AXE = HERE.parents[1] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
SIZES = {"390": PHONE, "1440": DESKTOP}
THEMES = ("light", "dark")

# axe-core itself sets a style here and there, which our policy refuses: that says nothing of our pages.
busy: list[Page] = []
# Looks of text that were measured already, by theme. They hold their colours: no page can make them wrong. A page is
# told of them by one text: Playwright wraps each member of a list.
_measured: dict[str, set[int]] = {theme: set() for theme in THEMES}
_open: dict[str, Counter[int]] = {theme: Counter() for theme in THEMES}  # how often axe could not decide on a look
TRIES = 3
_turn = count(random.randrange(2))


def script() -> str:
    """What a page must have run before `inspect` is asked; `context.add_init_script` saves asking."""
    own = (HERE / "eyes.js").read_text(encoding="utf-8")
    return f"if (window === top && !window.__eyes) {{\n{AXE.read_text(encoding='utf-8')}\n{own}\n}}"


def ways(page: Page, thorough: bool) -> list[tuple[str, str]]:
    """(width, theme), beginning with the width that the page has now."""
    wide = (page.viewport_size or DESKTOP)["width"] > 1000
    first, second = ("1440", "390") if wide else ("390", "1440")
    one, other = THEMES if next(_turn) % 2 else THEMES[::-1]
    if thorough:
        return [(first, one), (first, other), (second, other), (second, one)]
    return [(first, one), (second, other)]


def _learn(theme: str, found: Mapping[str, list[int]]) -> None:
    _open[theme].update(found["open"])
    _measured[theme].update(look for look in found["measured"] if not 0 < _open[theme][look] < TRIES)


def inspect(
    page: Page, *, at: Callable[[str, str], None] = lambda width, theme: None, thorough: bool = False
) -> list[str]:
    """What is wrong with a page, a line each; `at` is called in each width and theme, before the looking. `thorough`:
    in all four pairs. Afterwards the page has another width."""
    wrong: list[str] = []
    asked: set[str] = set()
    _ready(page)
    for width, theme in ways(page, thorough):
        if (page.viewport_size or {}) != SIZES[width]:
            page.set_viewport_size(SIZES[width])  # type: ignore[arg-type]
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        at(width, theme)
        tags = [] if width in asked else TAGS
        again = bool(asked)
        asked.add(width)
        busy.append(page)
        found = page.evaluate(
            "(what) => __eyes(what)", {"tags": tags, "again": again, "seen": " ".join(map(str, _measured[theme]))}
        )
        busy.clear()
        _learn(theme, found)
        wrong += [f"{width} {theme}: {line}" for line in found["wrong"]]
    return wrong


def as_it_stands(page: Page) -> list[str]:
    """What axe says in the width and theme that the page has now, all of its colours included."""
    _ready(page)
    busy.append(page)
    found = page.evaluate("(what) => __eyes(what)", {"tags": TAGS, "again": False, "seen": ""})
    busy.clear()
    return list(found["wrong"])


def settle(page: Page) -> None:
    """Until fonts and colours have arrived."""
    _ready(page)
    page.evaluate("() => __eyes({ tags: [], again: false, seen: null })")


def _ready(page: Page) -> None:
    if not page.evaluate("() => Boolean(window.__eyes)"):
        page.evaluate(f"() => {{ {script()} }}")

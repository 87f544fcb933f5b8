"""What axe-core (WCAG 2.2 AA) and the layout say of a page, at 390 and 1440 px, in both themes, for one load of it.

Measuring colours is nearly all that axe costs. What it says of a text follows from the text's computed colours, size
and weight and from everything painted behind it, and pages are made of few of these looks: each is measured once in
each theme, wherever it is first met. All other rules are asked of every page at both widths. What axe cannot decide
where it stands is asked again where it is met next, a few times. Where the second width shows no look that is new in
one theme, the other has none either: both take their colours from the same pairs of tokens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from playwright.sync_api import Page

HERE = Path(__file__).resolve().parent
AXE = HERE.parents[1] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
SIZES = {"390": PHONE, "1440": DESKTOP}
THEMES = ("light", "dark")
LAST = 3  # of the four ways to look at a page

# axe-core itself sets a style here and there, which our policy refuses: that says nothing of our pages.
busy: list[Page] = []
# Looks of text that were measured already, by theme. They hold their colours: no page can make them wrong. A page is
# told of them by one text: Playwright wraps each member of a list.
_measured: dict[str, set[int]] = {theme: set() for theme in THEMES}
_open: dict[str, Counter[int]] = {theme: Counter() for theme in THEMES}  # how often axe could not decide on a look
TRIES = 3


def script() -> str:
    """What a page must have run before `inspect` is asked; `context.add_init_script` saves asking."""
    own = (HERE / "eyes.js").read_text(encoding="utf-8")
    return f"if (window === top && !window.__eyes) {{\n{AXE.read_text(encoding='utf-8')}\n{own}\n}}"


def ways(page: Page) -> Iterator[tuple[str, str]]:
    """(width, theme), each differing from the one before in one thing, from the width that the page has now."""
    wide = (page.viewport_size or DESKTOP)["width"] > 1000
    first, second = ("1440", "390") if wide else ("390", "1440")
    return iter([(first, "light"), (first, "dark"), (second, "dark"), (second, "light")])


def _learn(theme: str, found: Mapping[str, list[int]]) -> None:
    _open[theme].update(found["open"])
    _measured[theme].update(look for look in found["measured"] if not 0 < _open[theme][look] < TRIES)


def inspect(
    page: Page, *, at: Callable[[str, str], None] = lambda width, theme: None, thorough: bool = False
) -> list[str]:
    """What is wrong with a page in every width and theme, a line each; `at` is called in each, before the looking.
    `thorough`: the last of them is looked at even where it shows nothing new. Afterwards the page has another width."""
    wrong: list[str] = []
    asked, fresh = "", True
    _ready(page)
    for step, (width, theme) in enumerate(ways(page)):
        if step == LAST and not fresh and not thorough:
            break
        if (page.viewport_size or {}) != SIZES[width]:
            page.set_viewport_size(SIZES[width])  # type: ignore[arg-type]
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        at(width, theme)
        tags = [] if asked == width else TAGS
        asked = width
        busy.append(page)
        found = page.evaluate("(what) => __eyes(what)", {"tags": tags, "seen": " ".join(map(str, _measured[theme]))})
        busy.clear()
        fresh = bool(found["measured"])
        _learn(theme, found)
        wrong += [f"{width} {theme}: {line}" for line in found["wrong"]]
    return wrong


def as_it_stands(page: Page) -> list[str]:
    """What axe says in the width and theme that the page has now, all of its colours included."""
    _ready(page)
    busy.append(page)
    found = page.evaluate("(what) => __eyes(what)", {"tags": TAGS, "seen": ""})
    busy.clear()
    return list(found["wrong"])


def settle(page: Page) -> None:
    """Until fonts and colours have arrived."""
    _ready(page)
    page.evaluate("() => __eyes({ tags: [], seen: null })")


def _ready(page: Page) -> None:
    if not page.evaluate("() => Boolean(window.__eyes)"):
        page.evaluate(f"() => {{ {script()} }}")

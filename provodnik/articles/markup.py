"""The markup of articles: Markdown without HTML, made into safe HTML, plain text and a list of contents. Pure.

Markdown (CommonMark) was chosen because people know it from messengers and it stays readable where it is not rendered.
Two things are our own: `[[12]]`, `[[12|words]]` and `[[Title]]` lead to another article, and a picture is named by its
key alone. No HTML passes (`html` is off), and nh3 cleans what was made: two walls.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from provodnik.ui.text import typograph

LONGEST = 40_000  # characters of one article: some twenty pages
DEEPEST = 12  # lists in quotations in lists
MOST_CONTENTS = 40  # headings told in the contents
_TAGS = {
    "p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "a", "img", "hr", "br",
    "table", "thead", "tbody", "tr", "th", "td", "div",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height", "loading"},
    "ol": {"start"},
    "div": {"tabindex"},
    **{tag: {"id"} for tag in ("h2", "h3", "h4")},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
_OUTSIDE = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_INSIDE = re.compile(r"[/#](?![/\\])")  # «//host» and «/\host» lead away
_KEY = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_NUMBER = re.compile(r"№?\s*(\d{1,9})")
_BLANK_LINES = re.compile(r"\n{3,}")
LONGEST_TARGET = 300


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that a page may show: its address and, where known, its size in pixels."""

    url: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    html: str
    contents: tuple[Heading, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """Another article that a text names: by its number or by its title."""

    number: int | None
    title: str

    @classmethod
    def of(cls, words: str) -> Target:
        found = _NUMBER.fullmatch(words.strip())
        return cls(int(found[1]), "") if found else cls(None, words.strip().lower())


Found = Mapping[Target, tuple[str, str]]  # target → address and title of the article that the reader sees


def _article(state: StateInline, silent: bool) -> bool:
    """`[[what|words]]` as a token of its own."""
    if not state.src.startswith("[[", state.pos):
        return False
    end = state.src.find("]]", state.pos + 2, state.pos + 2 + LONGEST_TARGET)
    if end < 0 or "\n" in (inside := state.src[state.pos + 2 : end]) or not inside.strip():
        return False
    if not silent:
        what, _bar, words = inside.partition("|")
        token = state.push("article", "", 0)
        token.meta = {"target": Target.of(what), "words": words.strip() or what.strip(), "named": bool(words.strip())}
    state.pos = end + 2
    return True


def _allowed(url: str) -> bool:
    """Only what a reader may safely press: the web, a letter, a call, our own pages."""
    return bool(_OUTSIDE.match(url) or _INSIDE.match(url))


def _parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": DEEPEST})
    made.enable("table").disable(["html_block", "html_inline", "reference"])
    made.inline.ruler.before("link", "article", _article)
    made.validateLink = lambda url: _allowed(url) or bool(_KEY.fullmatch(url.lower()))  # type: ignore[method-assign]
    return made


_MARKDOWN = _parser()


def parse(text: str) -> list[Token]:
    return _MARKDOWN.parse(text[:LONGEST])


def _inside(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _inside(token.children or ())


def targets(text: str) -> set[Target]:
    """Other articles that a text names."""
    return {token.meta["target"] for token in _inside(parse(text)) if token.type == "article"}


def key_of(source: str) -> uuid.UUID | None:
    """The key by which a text names a picture of its own; None for any other address."""
    return uuid.UUID(source.lower()) if _KEY.fullmatch(source.lower()) else None


def pictures(text: str) -> set[uuid.UUID]:
    """Keys of the pictures that a text shows."""
    sources = (str(token.attrs.get("src", "")).lower() for token in _inside(parse(text)) if token.type == "image")
    return {uuid.UUID(source) for source in sources if _KEY.fullmatch(source)}


def render(text: str, *, links: Found, shown: Mapping[uuid.UUID, Picture]) -> Rendered:
    """Safe HTML. `links`: articles that the reader sees; what is not among them stays words without a link, and the
    title of an article that he may not see is never told. `shown`: pictures of this article."""
    tokens = parse(text)
    contents = _headings(tokens)
    html = _Renderer(links, shown).render(tokens, _MARKDOWN.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
        url_relative="pass_through",
    )
    return Rendered(clean, tuple(contents))


def _headings(tokens: Sequence[Token]) -> list[Heading]:
    """Levels brought under the page's own heading, each with an anchor; those that the contents tell."""
    found: list[Heading] = []
    for place, token in enumerate(tokens):
        if token.type not in ("heading_open", "heading_close"):
            continue
        token.tag = f"h{min(max(int(token.tag[1]), 2), 4)}"
        if token.type == "heading_open":
            anchor = f"part-{len(found) + 1}"
            token.attrs["id"] = anchor
            found.append(Heading(int(token.tag[1]), anchor, _words(tokens[place + 1].children or ())))
    return [heading for heading in found if heading.level < 4][:MOST_CONTENTS]


def _words(tokens: Iterable[Token], named: Callable[[Token], str] = lambda token: str(token.meta["words"])) -> str:
    """What is read of inline tokens."""
    parts = []
    for token in tokens:
        if token.type in ("text", "code_inline"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif token.type == "article":
            parts.append(named(token))
        elif token.type == "image" and token.content:
            parts.append(f"[{token.content}]")
    return "".join(parts)


class _Renderer(RendererHTML):
    """What differs from Markdown's own HTML."""

    def __init__(self, links: Found, shown: Mapping[uuid.UUID, Picture]) -> None:
        super().__init__()
        self.links, self.shown = links, shown

    def text(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return escape(typograph(tokens[idx].content))

    def article(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        meta = tokens[at].meta
        found = self.links.get(meta["target"])
        if found is None:
            return escape(meta["words"] if meta["named"] or meta["target"].number is None else "…")
        url, title = found
        return f'<a href="{escape(url)}">{escape(meta["words"] if meta["named"] else title)}</a>'

    def image(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        token = tokens[at]
        words, source = escape(token.content), str(token.attrs.get("src", "")).lower()
        picture = self.shown.get(uuid.UUID(source)) if _KEY.fullmatch(source) else None
        if picture is None:
            return words
        size = f' width="{picture.width}" height="{picture.height}"' if picture.width and picture.height else ""
        return f'<img src="{escape(picture.url)}" alt="{words}"{size} loading="lazy">'

    def table_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return '<div tabindex="0"><table>'  # a wide table scrolls by itself, by keyboard as well

    def table_close(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return "</table></div>"

    def fence(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return f"<pre><code>{escape(tokens[at].content)}</code></pre>"

    def code_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return self.fence(tokens, idx, options, env)


def plain(text: str, *, links: Found | None = None) -> str:
    """The text without its markup: steps keep their numbers, lists their dashes. An article that is named without
    words is told by its title where `links` knows it."""
    return _Plain(links or {}).read(parse(text))


class _Plain:
    """Reads tokens one after another: `lists` holds the next number of each open list (None: dashes)."""

    def __init__(self, links: Found) -> None:
        self.links = links
        self.lines: list[str] = []
        self.lists: list[int | None] = []
        self.mark = ""
        self.cells: list[str] | None = None  # of a table's line

    def read(self, tokens: Iterable[Token]) -> str:
        for token in tokens:
            step = getattr(self, token.type, None)
            if step is not None:
                step(token)
        return _BLANK_LINES.sub("\n\n", "\n".join(self.lines)).strip()

    def ordered_list_open(self, token: Token) -> None:
        self.lists.append(int(token.attrs.get("start", 1)))

    def bullet_list_open(self, token: Token) -> None:
        self.lists.append(None)

    def ordered_list_close(self, token: Token) -> None:
        self.lists.pop()
        if not self.lists:
            self.lines.append("")

    bullet_list_close = ordered_list_close

    def list_item_open(self, token: Token) -> None:
        number = self.lists[-1]
        self.mark = "  " * (len(self.lists) - 1) + ("— " if number is None else f"{number}. ")
        if number is not None:
            self.lists[-1] = number + 1

    def tr_open(self, token: Token) -> None:
        self.cells = []

    def tr_close(self, token: Token) -> None:
        self.lines.append(" — ".join(cell for cell in self.cells or () if cell))
        self.cells = None

    def table_close(self, token: Token) -> None:
        self.lines.append("")

    def inline(self, token: Token) -> None:
        words = _words(token.children or (), self._named).strip()
        if self.cells is not None:
            self.cells.append(words)
            return
        self.lines.append(self.mark + words)
        self.mark = ""
        if not self.lists:
            self.lines.append("")

    def fence(self, token: Token) -> None:
        self.lines += [token.content.rstrip(), ""]

    code_block = fence

    def _named(self, token: Token) -> str:
        meta = token.meta
        found = self.links.get(meta["target"])
        if meta["named"] or (found is None and meta["target"].number is None):
            return str(meta["words"])
        return found[1] if found is not None else ""

"""An article on paper: its Markdown as a tree of plain values, which article.typ sets. Pure.

The tree is made of the same tokens as the page (markup.parse), so paper and page say the same. Nothing that an author
wrote becomes markup of typst: a text stays a text, and a picture is a number of ours.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markdown_it.token import Token

from provodnik.articles import markup
from provodnik.ui.text import typograph

TEMPLATE = Path(__file__).resolve().parent / "article.typ"
BLOCKS = TEMPLATE.with_name("blocks.typ")  # imported by it, and by the manuals
Node = dict[str, Any]
_WIDTH, _HEIGHT = 170, 225  # millimetres that a picture may take
_DOTS = 642  # of a screen, as wide as the text
_CLOSING = "_close"


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of the paper: the file that the template opens, and its size in dots where it is known."""

    file: str
    width: int | None = None
    height: int | None = None

    @property
    def share(self) -> float:
        """How much of the text's width it takes: as on the page, never higher than a sheet."""
        if not self.width or not self.height:
            return 1.0
        return round(min(1.0, self.width / _DOTS, _HEIGHT / _WIDTH * self.width / self.height), 3)


@dataclass(slots=True)
class Setter:
    """Reads tokens from left to right. `base`: the installation's address, for links to its own pages."""

    links: markup.Found
    shots: Mapping[uuid.UUID, Shot]
    base: str
    _at: int = 0
    _tokens: Sequence[Token] = field(default=())

    def read(self, text: str) -> list[Node]:
        self._tokens, self._at = markup.parse(text), 0
        return self._blocks("")

    def _blocks(self, end: str) -> list[Node]:
        """Nodes up to the token `end`, which is read, too."""
        found: list[Node] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token.type == end:
                break
            found += self._block(token)
        return found

    def _block(self, token: Token) -> list[Node]:
        match token.type:
            case "paragraph_open":
                return [{"t": "line" if token.hidden else "par", "b": self._words()}]
            case "heading_open":
                return [{"t": "heading", "level": min(max(int(token.tag[1]), 2), 4), "b": self._words()}]
            case "bullet_list_open" | "ordered_list_open":
                return [self._list(token)]
            case "blockquote_open":
                return [{"t": "quote", "b": self._blocks("blockquote_close")}]
            case "fence" | "code_block":
                return [{"t": "code", "v": token.content.rstrip("\n")}]
            case "hr":
                return [{"t": "rule"}]
            case "table_open":
                return self._table()
        return []

    def _words(self) -> list[Node]:
        """What stands between the opening token, which is read, and its closing one."""
        inline = self._tokens[self._at]
        self._at += 2
        return self.inline(inline.children or ())

    def _list(self, token: Token) -> Node:
        items: list[list[Node]] = []
        closing = token.type.replace("_open", _CLOSING)
        while (now := self._tokens[self._at]).type != closing:
            self._at += 1
            if now.type == "list_item_open":
                items.append(self._blocks("list_item_close"))
        self._at += 1
        tight = all(node["t"] != "par" for item in items for node in item)
        if token.type == "bullet_list_open":
            return {"t": "list", "tight": tight, "items": items}
        return {"t": "enum", "tight": tight, "start": int(token.attrs.get("start", 1)), "items": items}

    def _table(self) -> list[Node]:
        rows: list[list[list[Node]]] = []
        while (now := self._tokens[self._at]).type != "table_close":
            self._at += 1
            if now.type == "tr_open":
                rows.append([])
            elif now.type in ("th_open", "td_open"):
                rows[-1].append(self._words())
        self._at += 1
        return [{"t": "table", "head": rows[0], "rows": rows[1:]}] if rows and rows[0] else []

    def inline(self, tokens: Sequence[Token]) -> list[Node]:
        """A tree of what nests: bold in a link in italics."""
        open_ones: list[list[Node]] = [[]]
        for token in tokens:
            if token.nesting == 1:
                open_ones.append([])
            elif token.nesting == -1:
                inside = open_ones.pop()
                open_ones[-1] += self._wrapped(token, inside)
            else:
                open_ones[-1] += self._leaf(token)
            if token.type == "link_open":
                open_ones[-1].append({"t": "url", "v": str(token.attrs.get("href", ""))})
        return [node for level in open_ones for node in level]

    def _wrapped(self, token: Token, inside: list[Node]) -> list[Node]:
        if token.type == "strong_close":
            return [{"t": "strong", "b": inside}]
        if token.type == "em_close":
            return [{"t": "em", "b": inside}]
        if token.type == "link_close" and inside:
            return self._link(inside[0]["v"], inside[1:])
        return inside

    def _link(self, url: str, inside: list[Node]) -> list[Node]:
        """A place on the same page leads nowhere on paper; a page of ours is told with the installation's address."""
        if not url or url.startswith("#"):
            return inside
        return [{"t": "link", "url": f"{self.base}{url}" if url.startswith("/") else url, "b": inside}]

    def _leaf(self, token: Token) -> list[Node]:
        match token.type:
            case "text":
                return [{"t": "text", "v": typograph(token.content)}] if token.content else []
            case "code_inline":
                return [{"t": "code", "v": token.content}]
            case "softbreak" | "hardbreak":
                return [{"t": "break"}]
            case "article":
                return self._article(token)
            case "image":
                return self._picture(token)
        return []

    def _article(self, token: Token) -> list[Node]:
        words, named, target = token.meta["words"], token.meta["named"], token.meta["target"]
        found = self.links.get(target)
        if found is None:
            return [{"t": "text", "v": words if named or target.number is None else "…"}]
        return self._link(found[0], [{"t": "text", "v": words if named else found[1]}])

    def _picture(self, token: Token) -> list[Node]:
        """Its words in its place where it cannot be shown."""
        shown = markup.key_of(str(token.attrs.get("src", "")))
        shot = self.shots.get(shown) if shown is not None else None
        if shot is None:
            return [{"t": "text", "v": token.content}] if token.content else []
        return [{"t": "picture", "file": shot.file, "v": token.content, "width": shot.share}]

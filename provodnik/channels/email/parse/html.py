"""HTML of letters: made safe by nh3's allow-list, and turned into text that keeps its shape."""

import html as entities
import re
from dataclasses import dataclass
from urllib.parse import unquote

import nh3

from . import clean, limits

_TAGS = {
    "a", "abbr", "address", "article", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col",
    "colgroup", "dd", "del", "div", "dl", "dt", "em", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "nav", "ol", "p", "pre", "q", "s", "samp", "section",
    "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt",
    "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
    "blockquote": {"style"},
}
_DROPPED = {
    "script",
    "style",
    "title",
    "head",
    "noscript",
    "template",
    "iframe",
    "object",
    "select",
    "textarea",
}
_SCHEMES = {"http", "https", "mailto", "tel", "ftp", "cid"}
_BLOCKS = {
    "address", "article", "blockquote", "caption", "center", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul",
}  # fmt: skip
_APART = {"dl", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul", "blockquote"}
_TOKEN = re.compile(r'<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^>"]|"[^"]*")*)>|([^<]+)|<')
_IMAGE = re.compile(r'<img((?:[^>"]|"[^"]*")*)>')
_CID = re.compile(r' src="cid:([^"]*)"')
_HREF = re.compile(r' href="([^"]*)"')
_ALT = re.compile(r' alt="([^"]*)"')
_INDENT = ' style="indent"'
_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_FORMATTING = {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
_UNNESTED = {
    "p", "li", "td", "th", "tr", "dt", "dd", "tbody", "thead", "tfoot", "option", "br", "hr", "img", "meta", "link",
    "input", "col", "area", "base", "wbr",
}  # fmt: skip
_SPACES = re.compile(r"[ \t\n\r\f]+")
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class SafeHtml:
    html: str
    text: str
    blocked_images: int
    notes: tuple[str, ...] = ()


def safe(source: str) -> SafeHtml:
    """Safe HTML and its text. Remote images go and are counted; `cid:` ones become `<img data-cid>`."""
    notes: list[str] = []
    if len(source) > limits.HTML:
        source = source[: limits.HTML]
        notes.append("html_cut")
    source = clean.text(source, limits.HTML)
    if _too_costly(source):
        text = plain_from_tags(source)
        return SafeHtml(f"<pre>{entities.escape(text)}</pre>", text, 0, (*notes, "html_too_deep"))

    def attribute(tag: str, name: str, value: str) -> str | None:
        if tag == "img" and name == "src":
            if value[:4].lower() == "cid:":
                return "cid:" + clean.content_id(unquote(value[4 : 4 * limits.MESSAGE_ID]), limits.MESSAGE_ID)
            return None
        if tag == "blockquote":
            return "indent" if "border:none" in value.lower().replace(" ", "") else None
        if name in ("width", "height", "colspan", "rowspan", "start"):
            return value if value.isascii() and value.isdigit() and len(value) < 5 else None
        return value

    outlook = "MsoNormal" in source
    cleaned = nh3.clean(
        source, tags=_TAGS, attributes=_ATTRIBUTES, clean_content_tags=_DROPPED, attribute_filter=attribute,
        url_schemes=_SCHEMES, link_rel="noopener noreferrer nofollow", url_relative="deny",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )  # fmt: skip
    text = _text(cleaned, paragraphs_apart=not outlook)
    blocked = sum(_CID.search(image[1]) is None for image in _IMAGE.finditer(cleaned))
    cleaned = _IMAGE.sub(_placed, cleaned).replace("<blockquote" + _INDENT, "<blockquote")
    return SafeHtml(clean.text(cleaned, 2 * limits.HTML), text, blocked, tuple(notes))


def _placed(image: re.Match[str]) -> str:
    return "<img" + _CID.sub(r' data-cid="\1"', image[1]) + ">"


def from_text(text: str) -> str:
    """Plain text as HTML, for a letter that mixes both."""
    return f"<p>{entities.escape(text).replace(chr(10), '<br>')}</p>"


def _too_costly(source: str) -> bool:
    """Nesting in which a browser's parser, and the sanitiser's, is quadratic or worse."""
    depth = formatting = deepest = work = 0
    for tag in _ANY_TAG.finditer(source):
        name = tag[2].lower()
        if name in _UNNESTED:
            work += formatting
            continue
        step = -1 if tag[1] else 1
        depth = max(0, depth + step)
        if name in _FORMATTING:
            formatting = max(0, formatting + step)
        work += formatting
        deepest = max(deepest, depth)
    return deepest > limits.HTML_DEPTH or work > 4_000_000


def plain_from_tags(source: str) -> str:
    """The crude way: tags away, entities opened."""
    text = entities.unescape(re.sub(r"<[^<>]{0,2000}>", " ", source))
    return clean.text(_BLANK_LINES.sub("\n\n", text), limits.TEXT).strip()


class _Writer:
    """Lines of text from a flat run of tags."""

    def __init__(self, paragraphs_apart: bool) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.apart = paragraphs_apart
        self.quotes: list[bool] = []
        self.lists: list[int | None] = []
        self.links: list[tuple[str, int]] = []
        self.pre = 0
        self.blank = True

    def words(self, text: str) -> None:
        if self.pre:
            first, *more = text.split("\n")
            self.line.append(first)
            for extra in more:
                self.end_line(force=True)
                self.line.append(extra)
            return
        text = _SPACES.sub(" ", text)
        if text.startswith(" ") and (not self.line or self.line[-1].endswith(" ")):
            text = text[1:]
        if text:
            self.line.append(text.replace("\xa0", " "))

    def end_line(self, *, force: bool = False) -> None:
        content = "".join(self.line)
        content = content.rstrip() if not content.startswith("-- ") or content.strip() != "--" else "-- "
        self.line.clear()
        if not content and not force:
            return
        prefix = "> " * sum(self.quotes)
        self.lines.append((prefix + content).rstrip(" ") if content != "-- " else prefix + content)
        self.blank = not content

    def gap(self) -> None:
        self.end_line()
        if self.apart and not self.blank:
            self.end_line(force=True)

    def open(self, tag: str, attributes: str) -> None:
        if tag in _BLOCKS:
            (self.gap if tag in _APART else self.end_line)()
        if tag == "br":
            self.end_line(force=True)
        elif tag == "blockquote":
            self.quotes.append(_INDENT not in attributes)
        elif tag == "pre":
            self.pre += 1
        elif tag in ("ul", "ol"):
            self.lists.append(1 if tag == "ol" else None)
        else:
            self._open_inside(tag, attributes)

    def _open_inside(self, tag: str, attributes: str) -> None:
        if tag == "li":
            self._item()
        elif tag in ("td", "th") and self.line:
            self.line.append(" " if self.line[-1].endswith(" ") else "  ")
        elif tag == "hr":
            self.line.append("_" * 20)
            self.end_line()
        elif tag == "img":
            alt = _ALT.search(attributes)
            if alt and alt[1].strip():
                self.words(f"[{entities.unescape(alt[1])}]")
        elif tag == "a":
            href = _HREF.search(attributes)
            self.links.append((entities.unescape(href[1]) if href else "", len(self.line)))

    def _item(self) -> None:
        number = self.lists[-1] if self.lists else None
        indent = "  " * max(0, len(self.lists[:10]) - 1)
        if number is None:
            self.line.append(f"{indent}- ")
        else:
            self.line.append(f"{indent}{number}. ")
            self.lists[-1] = number + 1

    def close(self, tag: str) -> None:
        if tag == "a" and self.links:
            href, mark = self.links.pop()
            shown = "".join(self.line[mark:]).strip()
            address = href.removeprefix("mailto:").removeprefix("tel:")
            if address and shown and address.rstrip("/") not in (shown, shown.rstrip("/"), "http://" + shown):
                self.line.append(f" <{address}>")
            elif address and not shown and not href.startswith("cid:"):
                self.line.append(f"<{address}>" if "[" not in shown else "")
        elif tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        if tag in _BLOCKS:
            (self.gap if tag in _APART else self.end_line)()
        if tag == "blockquote" and self.quotes:
            self.quotes.pop()
        elif tag == "pre":
            self.pre = max(0, self.pre - 1)


def _text(cleaned: str, *, paragraphs_apart: bool) -> str:
    writer = _Writer(paragraphs_apart)
    for token in _TOKEN.finditer(cleaned):
        if token[4] is not None:
            writer.words(entities.unescape(token[4]))
        elif token[2] is not None:
            (writer.close(token[2]) if token[1] else writer.open(token[2], token[3]))
    writer.end_line()
    while writer.lines and not writer.lines[-1].strip("> "):
        writer.lines.pop()
    text = _BLANK_LINES.sub("\n\n", "\n".join(writer.lines))
    return clean.text(text, limits.TEXT).strip("\n")

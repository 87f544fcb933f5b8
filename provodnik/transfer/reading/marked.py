"""HTML of another desk's instruction as our Markdown: headings, lists, tables, links and pictures stay, looks go."""

from __future__ import annotations

import re
from html import unescape

import nh3
from django.utils.translation import gettext as _
from markdownify import markdownify

from provodnik.transfer.reading.values import Mistake

DEEPEST = 100  # tags in tags; the converter calls itself for each
_TAGS = {
    "a", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li",
    "ol", "p", "pre", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_EMPTY = {"br", "hr", "img"}
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_LOOKS_SO = re.compile(r"\s*<(p|div|h[1-6]|ul|ol|table|span|br|strong|b|img|pre|blockquote)\b[^<]*>", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)")
_BLANK_LINES = re.compile(r"\n{3,}")


def is_html(text: str) -> bool:
    """Whether a text begins as HTML does; Markdown never begins with a tag, for ours knows none."""
    return bool(_LOOKS_SO.match(text))


def from_html(source: str) -> str | Mistake:
    """Markdown of a piece of HTML. Scripts, styles and addresses of unsafe kinds are gone before it is read."""
    clean = nh3.clean(source, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None)
    if _depth(clean) > DEEPEST:
        return Mistake(_("Its HTML is nested deeper than %(count)d tags.") % {"count": DEEPEST})
    text = markdownify(clean, heading_style="ATX", bullets="-", escape_underscores=False, escape_asterisks=False)
    return _BLANK_LINES.sub("\n\n", unescape(text)).strip()


def _depth(clean: str) -> int:
    """How deep the tags of cleaned HTML stand in each other: nh3 closes each that it opens."""
    depth = deepest = 0
    for end, name in _TAG.findall(clean):
        if name not in _EMPTY:
            depth += -1 if end else 1
            deepest = max(deepest, depth)
    return deepest

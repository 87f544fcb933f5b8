"""Which parts are the body: their text and HTML, in the order in which the letter shows them."""

import binascii
import re
from dataclasses import dataclass, field

from . import clean, html, limits
from .charsets import decode
from .tree import Part
from .values import Attachment

_UU_BEGIN = re.compile(r"^begin(-base64)? [0-7]{3,4} (\S.{0,200})$", re.MULTILINE)
_UU_MAX = 20
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)


@dataclass(slots=True)
class Body:
    text: str = ""
    html: str = ""
    blocked_images: int = 0
    files: list[Attachment] = field(default_factory=list)  # taken out of the text (uuencode)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Section:
    group: int
    plain: list[str] = field(default_factory=list)
    marked: list[html.SafeHtml] = field(default_factory=list)


def is_body(part: Part, only: bool) -> bool:
    """Whether a leaf is text to be read rather than a file."""
    if part.type == "text/html" or part.type in ("text/plain", "text/enriched", "text/richtext"):
        if part.disposition.startswith("attachment"):
            return only and not part.file_name
        return not part.file_name or (only and part.type == "text/html")
    return False


def is_skipped(part: Part) -> bool:
    """An alternative that shows the same again in a form we do not show (AMP)."""
    return part.alternative > 0 and part.type == "text/x-amp-html"


def read(parts: list[Part]) -> Body:
    """The whole body of the leaves chosen by `is_body`."""
    body = Body()
    sections: list[_Section] = []
    for part in parts:
        if not sections or part.alternative == 0 or sections[-1].group != part.alternative:
            sections.append(_Section(part.alternative))
        _read(part, sections[-1], body)
    texts: list[str] = []
    marked = any(section.marked for section in sections)
    markup: list[str] = []
    for section in sections:
        text = "\n".join(filter(str.strip, section.plain))
        text = text or "\n".join(piece.text for piece in section.marked)
        texts.append(text)
        if section.marked:
            markup += [piece.html for piece in section.marked]
        elif marked and text.strip():
            markup.append(html.from_text(text))
    body.text = clean.text("\n".join(filter(str.strip, texts)), limits.TEXT)
    while sum(map(len, markup)) > 2 * limits.HTML:
        markup.pop()  # whole pieces only: a cut one would not be well-formed
        _note(body, "html_cut")
    body.html = "\n".join(markup)
    return body


def _read(part: Part, section: _Section, body: Body) -> None:
    data = part.content()
    if len(data) > 4 * limits.TEXT:
        data = data[: 4 * limits.TEXT]
        _note(body, "text_cut")
    declared = part.params.get("charset", "")
    if part.type == "text/html" and not declared:
        meta = _META_CHARSET.search(data[:4096])
        declared = meta[1].decode("ascii") if meta else ""
    text, guessed = decode(data, declared)
    if guessed:
        _note(body, "charset_guessed")
    if len(text) > limits.TEXT:
        _note(body, "text_cut")
    text = clean.text(text, limits.TEXT)
    if part.type == "text/html":
        piece = html.safe(text)
        section.marked.append(piece)
        body.blocked_images += piece.blocked_images
        for note in piece.notes:
            _note(body, note)
        return
    if part.type != "text/plain":
        text = html.plain_from_tags(text)
    elif part.params.get("format", "").lower() == "flowed":
        text = unflow(text, part.params.get("delsp", "").lower() == "yes")
    section.plain.append(_without_uuencoded(text, body))


def _note(body: Body, code: str) -> None:
    if code not in body.notes:
        body.notes.append(code)


def unflow(text: str, delete_space: bool) -> str:
    """RFC 3676: lines that end in a space go on in the next line of the same quote depth."""
    out: list[str] = []
    open_depth = -1
    pieces: list[str] = []
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content[1:] if content.startswith(" ") else content
        soft = content.endswith(" ") and content != "-- "
        if pieces and (depth != open_depth or content == "-- "):
            out.append(_quoted("".join(pieces), open_depth))
            pieces = []
        pieces.append(content[:-1] if soft and delete_space else content)
        open_depth = depth
        if not soft:
            out.append(_quoted("".join(pieces), depth))
            pieces = []
    if pieces:
        out.append(_quoted("".join(pieces), open_depth))
    return "\n".join(out)


def _quoted(content: str, depth: int) -> str:
    return f"{'>' * depth} {content}" if depth else content


def _without_uuencoded(text: str, body: Body) -> str:
    """Takes uuencoded files out of a text (RFC 2045 knows none; Outlook Express and cron jobs write them)."""
    if "begin" not in text:
        return text
    out: list[str] = []
    position = 0
    for begin in _UU_BEGIN.finditer(text):
        if begin.start() < position or len(body.files) >= _UU_MAX:
            continue
        found = _uudecode(text, begin.end() + 1, bool(begin[1]))
        if found is None:
            continue
        content, after = found
        out.append(text[position : begin.start()])
        body.files.append(Attachment(begin[2], "", content, note="uuencoded"))
        position = after
    out.append(text[position:])
    return "".join(out)


def _uudecode(text: str, position: int, as_base64: bool) -> tuple[bytes, int] | None:
    """The bytes up to «end» and where it ends; None when the lines are no uuencoded data."""
    content: list[bytes] = []
    decode_line = binascii.a2b_base64 if as_base64 else binascii.a2b_uu
    while position < len(text):
        stop = text.find("\n", position)
        stop = len(text) if stop < 0 else stop
        line = text[position:stop].rstrip()
        position = stop + 1
        if line in ("end", "===="):
            return b"".join(content), min(position, len(text))
        try:
            content.append(decode_line(line.encode("ascii") + b"\n") if line else b"")
        except (UnicodeEncodeError, binascii.Error):
            return None
    return None

"""The tree of a letter, walked without recursion and without copying: parts are spans of the raw bytes."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from . import limits
from .headers import Headers, parameters, read_headers

_LOST_BOUNDARY = re.compile(rb"(?:^|\r\n|\n|\r)--([^\s-][^\r\n]{0,200}?)[ \t]*(?:\r\n|\n|\r)")
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,100}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_PADDING = re.compile(rb"=+")


@dataclass(slots=True)
class Part:
    """A leaf: its header, where its body lies, and the multiparts around it."""

    raw: bytes = field(repr=False)
    headers: Headers
    start: int
    end: int
    depth: int
    type: str
    params: dict[str, str]
    disposition: str
    file_params: dict[str, str]
    parent: str = ""  # type of the nearest multipart
    alternative: int = 0  # which multipart/alternative it belongs to; 0 = none
    order: int = 0

    @property
    def encoded(self) -> bytes:
        return self.raw[self.start : self.end]

    def content(self) -> bytes:
        """The body with its transfer encoding undone, as far as it can be."""
        return undo(self.encoded, self.headers.one("content-transfer-encoding"))

    @property
    def file_name(self) -> str:
        return self.file_params.get("filename") or self.params.get("name") or ""


@dataclass(slots=True)
class Tree:
    headers: Headers
    parts: list[Part]
    root_type: str
    root_params: dict[str, str]
    notes: list[str]


@dataclass(slots=True)
class _Open:
    """A multipart that is being walked."""

    spans: Iterator[tuple[int, int]]
    type: str
    depth: int
    alternative: int


def walk(raw: bytes) -> Tree:
    """All leaves in their order, within the limits of depth and number."""
    end = min(len(raw), limits.RAW)
    headers, start = read_headers(raw, 0, end)
    root = _part(raw, headers, start, end, 1, _Open(iter(()), "", 0, 0))
    headers.hint = root.params.get("charset", "")
    tree = Tree(headers, [], root.type, root.params, [])
    _grow(tree, raw, root)
    if headers.cut:
        tree.notes.append("headers_cut")
    if len(raw) > limits.RAW:
        tree.notes.append("size_cut")
    if not headers.hint:
        headers.hint = next((part.params["charset"] for part in tree.parts if "charset" in part.params), "")
    return tree


def _grow(tree: Tree, raw: bytes, root: Part) -> None:
    stack: list[_Open] = []
    alternatives = seen = 0
    pending: Part | None = root
    while pending is not None or stack:
        if pending is None:
            span = next(stack[-1].spans, None)
            if span is None:
                stack.pop()
                continue
            headers, start = read_headers(raw, *span)
            pending = _part(raw, headers, start, span[1], stack[-1].depth + 1, stack[-1])
        seen += 1
        if seen > limits.PARTS:
            _note(tree, "parts_cut")
            return
        spans = _spans(tree, pending)
        if spans is None:
            pending.order = len(tree.parts)
            tree.parts.append(pending)
        elif pending.depth >= limits.DEPTH:
            _note(tree, "depth_cut")
        else:
            alternatives += pending.type == "multipart/alternative"
            group = alternatives if pending.type == "multipart/alternative" else pending.alternative
            stack.append(_Open(spans, pending.type, pending.depth, group))
        pending = None


def _note(tree: Tree, code: str) -> None:
    if code not in tree.notes:
        tree.notes.append(code)


def _part(raw: bytes, headers: Headers, start: int, end: int, depth: int, parent: _Open) -> Part:
    head, params = parameters(headers.one("content-type"))
    if not _TYPE.fullmatch(head):
        found = _TYPE.search(head) if head else None
        default = "message/rfc822" if parent.type == "multipart/digest" else "text/plain"
        head = found[0] if found else ("text/html" if head == "text/html" else default)
    disposition, file_params = parameters(headers.one("content-disposition"))
    return Part(
        raw, headers, start, min(start, end) if start > end else end, depth, head, params,
        disposition, file_params, parent.type, parent.alternative,
    )  # fmt: skip


def _spans(tree: Tree, part: Part) -> Iterator[tuple[int, int]] | None:
    """The children of a multipart; None for a leaf and for a multipart whose boundary never comes."""
    if not part.type.startswith("multipart/"):
        return None
    boundary = part.params.get("boundary", "").encode("utf-8", "replace")
    if not boundary or part.raw.find(b"--" + boundary, part.start, part.end) < 0:
        _note(tree, "boundary_broken")
        guess = _LOST_BOUNDARY.search(part.raw, max(0, part.start - 1), min(part.end, part.start + 65_536))
        if guess is None:
            part.type = "text/plain"
            return None
        boundary = guess[1]
    return _cut(part.raw, b"--" + boundary, part.start, part.end)


def _cut(raw: bytes, mark: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans between the boundary lines (RFC 2046 §5.1.1); a missing last boundary ends at the parent's end."""
    opened = -1
    position = raw.find(mark, start, end)
    while position >= 0:
        after = position + len(mark)
        at_line = position == start or raw[position - 1 : position] in (b"\n", b"\r")
        tail = raw[after : after + 2]
        if at_line and (tail[:1] in (b"", b"\r", b"\n", b" ", b"\t") or tail == b"--"):
            if opened >= 0:
                yield opened, max(opened, _before_break(raw, position))
            if tail == b"--":
                return
            opened = _after_line(raw, after, end)
            after = max(after, opened - 1)
        position = raw.find(mark, after, end)
    if opened >= 0:
        yield opened, end


def _before_break(raw: bytes, position: int) -> int:
    """The line break before a boundary belongs to the boundary."""
    if raw[position - 2 : position] == b"\r\n":
        return position - 2
    return position - 1


def _after_line(raw: bytes, position: int, end: int) -> int:
    found = re.compile(rb"\r\n|\n|\r").search(raw, position, end)
    return found.end() if found else end


def undo(data: bytes, encoding: str) -> bytes:
    """Undoes a Content-Transfer-Encoding, forgiving what is broken in it."""
    name = encoding.split("(", 1)[0].strip().strip('"').lower()
    if name == "base64":
        return _base64(data)
    if name == "quoted-printable":
        return binascii.a2b_qp(data)
    return data


def _base64(data: bytes) -> bytes:
    letters = data.translate(None, _NOT_BASE64)
    pieces = _PADDING.split(letters, maxsplit=1_000)
    return b"".join(map(_piece, pieces))


def _piece(letters: bytes) -> bytes:
    letters = letters.replace(b"=", b"")
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return base64.b64decode(letters + b"=" * (-len(letters) % 4))

"""The header block of a letter or of a part: found, cut into fields, bounded."""

import re
from dataclasses import dataclass, field

from . import clean, limits
from .words import decode_words, header_text

_LINE = re.compile(rb"([^\r\n]*)(\r\n|\r|\n|\Z)")
_FIELD = re.compile(rb"([\x21-\x39\x3b-\x7e]{1,200})[ \t]*:")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)')
_ESCAPED = re.compile(r"\\(.)")
_COMMENT_TAIL = re.compile(r"\s+\([^()]*\)\s*$")


@dataclass(slots=True)
class Headers:
    """Fields in their order: lower-case name and raw value (bytes, unfolded only when read)."""

    fields: list[tuple[str, bytes]] = field(default_factory=list)
    cut: bool = False
    hint: str = ""  # charset of the body, tried for raw 8-bit values

    def all(self, name: str) -> list[str]:
        """Every value of a field, unfolded, raw 8-bit decoded, encoded words left as they are."""
        return [_unfold(header_raw(value, self.hint)) for key, value in self.fields if key == name]

    def one(self, name: str) -> str:
        """The first value, or ""."""
        return next(iter(self.all(name)), "")

    def decoded(self, name: str, limit: int) -> str:
        """The first value as a clean line for people."""
        value = next((value for key, value in self.fields if key == name), b"")
        return clean.line(_unfold(header_text(value, self.hint)), limit)

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self.fields)


def header_raw(value: bytes, hint: str) -> str:
    """Decoded without touching encoded words: addresses are split before those are opened."""
    if value.isascii():
        return value.decode("ascii")
    return header_text(value.replace(b"=?", b"=\x01?"), hint).replace("=\x01?", "=?")


def _unfold(value: str) -> str:
    return re.sub(r"[\r\n]+[ \t]?", " ", value).strip()


def read_headers(raw: bytes, start: int, end: int) -> tuple[Headers, int]:
    """The header block that begins at `start`, and where the body begins.

    A line that is no field ends the block, unless a field follows it: such junk is skipped, so that one
    broken line does not turn the rest of the header into text.
    """
    found = Headers()
    position, first = start, True
    while position < end:
        line = _LINE.match(raw, position, end)
        if line is None or (line.end() == position):
            break
        if not line[1]:
            return found, line.end()
        position = _take(found, raw, line, first, end)
        if position < 0:
            return found, line.start()
        first = False
    return found, position


def _take(found: Headers, raw: bytes, line: re.Match[bytes], first: bool, end: int) -> int:
    """Adds one line; returns the position after it, or -1 when the line is already the body."""
    content = line[1]
    if content[:1] in b" \t" and (found.fields or found.cut):
        _continue(found, content)
        return line.end()
    name = _FIELD.match(content)
    if name is not None:
        if len(found.fields) < limits.HEADERS:
            value = content[name.end() : name.end() + limits.HEADER_VALUE]
            found.cut |= len(content) - name.end() > limits.HEADER_VALUE
            found.fields.append((name[1].decode("ascii").lower(), value))
        else:
            found.cut = True
        return line.end()
    if first and content.startswith((b"From ", b">From ")):
        return line.end()  # an mbox separator left by a delivery agent
    following = _LINE.match(raw, line.end(), end)
    if content[:1] not in b" \t" and following and _FIELD.match(following[1]):
        return line.end()
    if content.isspace():
        return line.end() if found.fields else -1
    return -1


def _continue(found: Headers, content: bytes) -> None:
    if not found.fields or (found.cut and len(found.fields) >= limits.HEADERS):
        return
    name, value = found.fields[-1]
    room = limits.HEADER_VALUE - len(value)
    if room > len(content):
        found.fields[-1] = (name, value + b"\n" + content)
    else:
        found.cut = True


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """`type/subtype; a=b` as a lower-case head and decoded parameters (RFC 2045 and 2231)."""
    value = value[: limits.PARAMETERS]
    head = _COMMENT_TAIL.sub("", value.split(";", 1)[0]).strip().lower()
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _PARAMETER.finditer(value):
        name, content = match[1].lower(), _unquote(match[2])
        base, star, rest = name.partition("*")
        if not star:
            plain.setdefault(base, clean.line(decode_words(content), 2000))
        else:
            number = rest.rstrip("*")
            index = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
            pieces.setdefault(base, {}).setdefault(index, (content, name.endswith("*")))
    for base, parts in pieces.items():
        plain[base] = clean.line(_joined(parts), 2000)
    return head, plain


def _unquote(value: str) -> str:
    value = value.strip()
    if value.startswith('"'):
        return _ESCAPED.sub(r"\1", value[1:].removesuffix('"'))
    return value


def _joined(parts: dict[int, tuple[str, bool]]) -> str:
    """RFC 2231 §3–4: numbered pieces, of which some are per cent encoded in a charset named by the first."""
    charset, out = "", b""
    for index in sorted(parts):
        content, encoded = parts[index]
        if encoded:
            if index == min(parts) and content.count("'") >= 2:
                charset, _, content = content.split("'", 2)
            out += _percent(content)
        else:
            out += content.encode("utf-8", "replace")
    return decode_bytes(out, charset)


def _percent(content: str) -> bytes:
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes([int(match[1], 16)]), content.encode("utf-8", "replace"))


def decode_bytes(data: bytes, charset: str) -> str:
    """`header_text` with a declared charset."""
    return header_text(data, charset)

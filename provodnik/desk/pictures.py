"""Which files of strangers a page shows as pictures: four kinds, by their first bytes and never by their word, and none
whose few bytes unfold to more dots than a browser can bear (safety A20).

Nothing is decoded here: sizes stand in the header of a PNG, GIF or WebP and in a segment of a JPEG (PNG specification
5.3, GIF89a 18, RFC 9649 2.5–2.7, ITU-T T.81 annex B).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

HEAD = 256 * 1024  # bytes in which the size of a picture must stand; the colour profile of a JPEG comes before it
LARGEST_SIDE = 12_000  # dots: a browser would need half a gigabyte for more
LARGEST_PICTURE = 15 * 1024 * 1024  # bytes shown in a page; larger ones are only downloaded
PICTURE_NAME = re.compile(r"\.(png|jpe?g|gif|webp)$", re.IGNORECASE)
_PICTURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)


def picture_kind(head: bytes) -> str | None:
    """The content type that the first bytes of a file show; None when it is no picture that we know."""
    return next((kind for pattern, kind in _PICTURES if pattern.match(head)), None)


_JPEG_SIZES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_SCAN, _END = 0xDA, 0xD9
Size = tuple[int, int]


def jpeg_segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) of each segment of a JPEG before its picture; ends where it is no JPEG any more."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:  # a filler
            at += 1
            continue
        if marker in (_SCAN, _END):
            return
        end = at + 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
        if end > len(content) or end < at + 4:
            return
        yield marker, at, end
        at = end


def size_of(content: bytes, kind: str) -> Size | None:
    """Width and height in dots, of a picture or its head; None where they cannot be read."""
    if kind == "image/png" and len(content) >= 24 and content[12:16] == b"IHDR":
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if kind == "image/gif" and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return width, height
    if kind == "image/webp":
        return _size_of_webp(content)
    if kind == "image/jpeg":
        for marker, start, end in jpeg_segments(content):
            if marker in _JPEG_SIZES and end - start >= 9:
                height, width = struct.unpack(">HH", content[start + 5 : start + 9])
                return width, height
    return None


def _size_of_webp(content: bytes) -> Size | None:
    kind, body = content[12:16], content[20:30]
    if len(body) < 10:
        return None
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return None


def may_be_shown(head: bytes, kind: str) -> bool:
    """Whether a page shows a picture of this kind that begins with these bytes (`HEAD` of them, or all there are): no
    side of it is too long. A whole file without a size is broken and harms nobody; of a longer one whose size does not
    stand in its beginning nobody knows what it unfolds to."""
    size = size_of(head, kind)
    return max(size) <= LARGEST_SIDE if size is not None else len(head) < HEAD

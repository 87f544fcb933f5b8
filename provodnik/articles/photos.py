"""Pictures without a library of pictures: their size, and their bytes without what they tell of maker and place.

A photograph from a telephone holds where it was taken (EXIF). Nothing is decoded here: segments of a JPEG and chunks of
a PNG are walked by their lengths (ITU-T T.81, annex B; PNG specification, 5.3), and what is not a picture is left out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

LARGEST_SIDE = 12_000  # dots: a browser would need half a gigabyte for more
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_TELLS = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}
_JPEG_SIZES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
# Left in a JPEG: APP0 (JFIF), APP2 (the colour profile), APP14 (Adobe's colours); other APPn and comments go.
_JPEG_TELLS = (set(range(0xE1, 0xF0)) - {0xE2, 0xEE}) | {0xFE}
_SCAN, _END = 0xDA, 0xD9
Size = tuple[int, int]


def _segments(content: bytes) -> Iterator[tuple[int, int, int]]:
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


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(kind, start, end) of each chunk of a PNG."""
    at = len(_PNG)
    while at + 12 <= len(content):
        length = struct.unpack(">I", content[at : at + 4])[0]
        end = at + 12 + length
        if end > len(content):
            return
        yield content[at + 4 : at + 8], at, end
        at = end


def size_of(content: bytes, kind: str) -> Size | None:
    """Width and height in dots; None where they cannot be read."""
    if kind == "image/png" and len(content) >= 24 and content[12:16] == b"IHDR":
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if kind == "image/gif" and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return width, height
    if kind == "image/jpeg":
        for marker, start, end in _segments(content):
            if marker in _JPEG_SIZES and end - start >= 9:
                height, width = struct.unpack(">HH", content[start + 5 : start + 9])
                return width, height
    return None


def clean(content: bytes, kind: str) -> bytes:
    """The picture without its metadata; what is not understood stays as it is."""
    if kind == "image/jpeg":
        return _without(content, [(start, end) for marker, start, end in _segments(content) if marker in _JPEG_TELLS])
    if kind == "image/png":
        return _without(content, [(start, end) for name, start, end in _chunks(content) if name in _PNG_TELLS])
    return content


def _without(content: bytes, gone: list[tuple[int, int]]) -> bytes:
    parts, at = [], 0
    for start, end in gone:
        parts.append(content[at:start])
        at = end
    return b"".join([*parts, content[at:]])

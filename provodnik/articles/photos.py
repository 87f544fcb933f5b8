"""Pictures without a library of pictures: their size, and their bytes without what they tell of maker and place.

A photograph from a telephone holds where it was taken (EXIF). Nothing is decoded here: segments of a JPEG and chunks of
a PNG are walked by their lengths (ITU-T T.81, annex B; PNG specification, 5.3), and what is not a picture is left out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from provodnik.desk.pictures import LARGEST_SIDE, jpeg_segments, size_of

__all__ = ["LARGEST_SIDE", "clean", "size_of"]
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_TELLS = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}
# Left in a JPEG: APP0 (JFIF), APP2 (the colour profile), APP14 (Adobe's colours); other APPn and comments go.
_JPEG_TELLS = (set(range(0xE1, 0xF0)) - {0xE2, 0xEE}) | {0xFE}


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


def clean(content: bytes, kind: str) -> bytes:
    """The picture without its metadata; what is not understood stays as it is."""
    if kind == "image/jpeg":
        return _without(
            content, [(start, end) for marker, start, end in jpeg_segments(content) if marker in _JPEG_TELLS]
        )
    if kind == "image/png":
        return _without(content, [(start, end) for name, start, end in _chunks(content) if name in _PNG_TELLS])
    return content


def _without(content: bytes, gone: list[tuple[int, int]]) -> bytes:
    parts, at = [], 0
    for start, end in gone:
        parts.append(content[at:start])
        at = end
    return b"".join([*parts, content[at:]])

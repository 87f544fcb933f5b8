"""Which files of strangers a page shows as pictures: four kinds, by their first bytes and never by their word."""

from __future__ import annotations

import re

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

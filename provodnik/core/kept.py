"""Where kept bytes lie, and how they are read. What keeps them is `core/files.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.conf import settings

from provodnik.core.models import Blob

PIECE = 64 * 1024


def place(name: str) -> Path:
    return Path(settings.FILES_DIR) / name[:2] / name


def read(blob: Blob) -> bytes:
    """All bytes of a blob. Raises FileNotFoundError when the disk lost it (doctor tells)."""
    if blob.content is not None:
        return bytes(blob.content)
    return place(blob.name).read_bytes()


def open_stream(blob: Blob) -> IO[bytes] | None:
    """An open file for a blob that lives on the disk, else None (its bytes are in the row)."""
    return None if blob.content is not None else place(blob.name).open("rb")


def pieces(blob: Blob) -> Iterator[bytes]:
    """All bytes, never many of them in memory. Raises OSError when the disk lost them."""
    stream = open_stream(blob)
    if stream is None:
        yield read(blob)
        return
    with stream:
        while piece := stream.read(PIECE):
            yield piece

"""The bundle itself: a last look for secrets, then a ZIP that only its maker reads."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from provodnik.lifecycle.bundle.collect import MASKED, Item

SHORTEST_SECRET = 6


def without(items: Iterable[Item], secrets: Sequence[str]) -> list[Item]:
    """The same files with every secret of the settings masked, wherever it may have got to."""
    known = sorted({one for one in secrets if len(one) >= SHORTEST_SECRET}, key=len, reverse=True)
    found = []
    for item in items:
        content = item.content
        for secret in known:
            content = content.replace(secret, MASKED)
        found.append(replace(item, content=content))
    return found


def packed(items: Sequence[Item], at: datetime) -> bytes:
    """The bytes of the ZIP."""
    made = io.BytesIO()
    when = at.timetuple()[:6]
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in items:
            archive.writestr(zipfile.ZipInfo(item.name, when), item.content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def write(path: Path, content: bytes) -> None:
    """A new file, 0600. Raises FileExistsError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)

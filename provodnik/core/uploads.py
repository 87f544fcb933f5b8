"""Files on their way in: what a form or a program hands to an action, counted against the day of who sends it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from provodnik.core import files
from provodnik.core.decisions import Refused
from provodnik.core.models import Blob
from provodnik.core.text import one_line

log = logging.getLogger(__name__)


class Pieces(Protocol):
    """An upload: it lies in a temporary file and is read piece by piece, from its beginning each time."""

    def chunks(self) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that is to be kept; `content` in bytes, as an upload, or kept already (and counted then). `free`: not
    counted against anybody's day."""

    name: str
    content_type: str
    content: bytes | Pieces | Blob
    content_id: str = ""
    is_inline: bool = False
    free: bool = False


def volume_of(files_in: Iterable[NewFile]) -> dict[str, int]:
    """How many of these files count for the day of who sends them, and their bytes."""
    counted = [one.content for one in files_in if not one.free and not isinstance(one.content, Blob)]
    sizes = (len(one) if isinstance(one, bytes) else getattr(one, "size", 0) or 0 for one in counted)
    return {"files": len(counted), "size": sum(sizes)}


def kept(file: NewFile) -> Blob:
    """Its bytes, kept; the row becomes real with the caller's transaction. A disk that is full or gone refuses the
    action in words (safety F23); nothing of it remains."""
    if isinstance(file.content, Blob):
        return file.content
    try:
        if isinstance(file.content, bytes):
            return files.keep(file.content)
        return files.keep_stream(file.content.chunks(), limit=settings.UPLOAD_LIMIT)
    except OSError as error:
        log.error("a file could not be kept: %s", error.strerror or type(error).__name__)
        raise Refused(
            _("The server cannot keep files now. Send the text without them, or try again later."), field="files"
        ) from error


def kept_scan(scan: NewFile) -> dict[str, Any]:
    """The columns of a row that a kept scan of a paper has, whosever it is. Raises Refused."""
    return {
        "blob": kept(scan),
        "name": one_line(scan.name, 200) or "scan",
        "content_type": one_line(scan.content_type, 100) or "application/octet-stream",
    }

"""Files that a job makes and somebody fetches later: the room for the work, and how a made file becomes the asker's.

Making may be repeated: a worker that was killed leaves a folder that is swept, and the next one begins anew. The file
is kept in one step, and only while it is still wanted. A row of such a file has `state` ("running" while it is made,
"done" afterwards), `blob` and `finished_at`.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from provodnik.core import files

log = logging.getLogger(__name__)

LEFT_BEHIND = timedelta(days=1)  # a folder of work this old is nobody's any more
RUNNING, DONE = "running", "done"
_PIECE = 256 * 1024


class Stopped(Exception):
    """Nobody wants the file any more, or nobody may have it: it was cancelled, or the right is gone."""


def workshop() -> Path:
    """Where files are made: beside the kept ones, so that the disk is the same."""
    path = Path(settings.FILES_DIR) / "exports"
    path.mkdir(parents=True, exist_ok=True)
    return path


def make(row: models.Model, write: Callable[[Path], Path], *, failed: Callable[[str], None]) -> None:
    """Let `write` make the file in a folder of its own, then keep it as `row`'s. `failed` is told why, in words, when
    the server cannot keep it; a full disk is no reason to try eight times. Raises Stopped, which `write` may, too."""
    folder = Path(tempfile.mkdtemp(dir=workshop()))
    with translation.override("ru"):
        try:
            _hand_over(row, write(folder))
        except OSError as error:
            log.error("a file could not be written: %s", error.strerror or type(error).__name__)
            failed(_("The server cannot keep files now. Try again later."))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _hand_over(row: models.Model, path: Path) -> None:
    """Unless it was cancelled, or another worker was faster."""
    with transaction.atomic():
        held: Any = type(row)._default_manager.select_for_update().filter(pk=row.pk).first()
        if held is None or held.state != RUNNING:
            raise Stopped
        held.blob = files.keep_stream(_pieces(path), limit=path.stat().st_size)
        held.state, held.finished_at = DONE, timezone.now()
        held.save(update_fields=["blob", "state", "finished_at"])


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def throw_away(rows: models.QuerySet[Any]) -> int:
    """Remove rows with their files. Returns how many."""
    with transaction.atomic():
        found = list(rows.values_list("pk", "blob_id"))
        rows.model._default_manager.filter(pk__in=[pk for pk, _blob in found]).delete()
        files.release([blob for _pk, blob in found if blob is not None])
    return len(found)


def sweep(now: datetime) -> None:
    """Remove folders that killed workers left."""
    for folder in workshop().iterdir():
        if timedelta(seconds=now.timestamp() - folder.stat().st_mtime) > LEFT_BEHIND:
            shutil.rmtree(folder, ignore_errors=True)

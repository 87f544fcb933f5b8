"""A table as a file, of requests or of the journal: asked for, made in the background, cancelled, thrown away in time.

Making may be repeated: a worker that was killed leaves a folder that is swept, and the next one begins anew. The file
becomes its asker's in one step, and only while the export is still wanted.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provodnik.accounts.models import User
from provodnik.core import files, jobs
from provodnik.core.decisions import Refused, require
from provodnik.core.models import Blob
from provodnik.quality import policies
from provodnik.quality.models import Export
from provodnik.quality.policies import Scope
from provodnik.quality.queries import exports as queries
from provodnik.quality.queries.filters import Filters
from provodnik.quality.sheets import sources
from provodnik.quality.sheets.writers import Csv, Writer, Xlsx

log = logging.getLogger(__name__)

KEPT = timedelta(days=7)
LEFT_BEHIND = timedelta(days=1)  # a folder of work this old is nobody's any more
_PIECE = 256 * 1024
_SOURCES = {Export.Of.REQUESTS: sources.requests, Export.Of.JOURNAL: sources.journal}
_WRITERS: dict[Export.Kind, type[Xlsx | Csv]] = {Export.Kind.XLSX: Xlsx, Export.Kind.CSV: Csv}
LOST = gettext_lazy("You may no longer see what this file would hold.")


class Stopped(Exception):
    """Nobody wants the file any more: it was cancelled, or the right is gone."""


def ask(scope: Scope, filters: Filters, kind: Export.Kind, *, key: uuid.UUID, at: datetime) -> Export:
    """Ask for a file of requests."""
    return ask_for(Export.Of.REQUESTS, kind, filters.as_query(scope), by=scope.user, key=key, at=at)


def ask_for(
    of: Export.Of, kind: Export.Kind, query: Mapping[str, str], *, by: User, key: uuid.UUID, at: datetime
) -> Export:
    """Ask for a file. A form sent twice asks once. Two at a time for one person (safety A75). Raises Refused."""
    with transaction.atomic():
        by = User.objects.select_for_update().get(pk=by.pk)  # two forms at once wait for each other here
        known = Export.objects.filter(key=key).first()
        if known is not None:
            if known.user_id != by.pk or known.of != of:
                raise Refused(_("This form was already used. Open it anew."))
            return known
        right = policies.right_to(by, of)
        if not right:
            raise Refused(str(LOST))
        require(policies.may_export(queries.underway(by.pk).count()))
        export = Export.objects.create(key=key, user=by, of=of, scope=right, kind=kind, query=dict(query), asked_at=at)
        jobs.defer(making, export_id=export.pk)
        return export


@jobs.job(name="quality.export", queue="exports")
def making(export_id: int) -> None:
    """Make a file; after a kill it is begun anew."""
    make(export_id)


def cancel(export_id: int, *, by: User, at: datetime) -> Export:
    """Stop the making; what was written is thrown away. One that is over stays as it is. Raises Export.DoesNotExist."""
    with transaction.atomic():
        export = Export.objects.select_for_update().get(pk=export_id, user=by)
        if export.is_underway:
            export.state, export.finished_at = Export.State.CANCELLED, at
            export.save(update_fields=["state", "finished_at"])
        return export


def make(export_id: int) -> None:
    """Make the file that was asked for, telling how far it is. What is over is left as it is."""
    export = Export.objects.select_related("user").filter(pk=export_id).first()
    if export is None or not export.is_underway:
        return
    folder = Path(tempfile.mkdtemp(dir=_workshop()))
    try:
        with translation.override("ru"):
            path = _write(export, folder)
            _hand_over(export.pk, path)
    except Stopped:
        return
    except OSError as error:  # a disk that is full or gone is no reason to try eight times
        log.error("a table could not be written: %s", error.strerror or type(error).__name__)
        _fail(export.pk, _("The server cannot keep files now. Try again later."))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _workshop() -> Path:
    """Where files are made: beside the kept ones, so that the disk is the same."""
    path = Path(settings.FILES_DIR) / "exports"
    path.mkdir(parents=True, exist_ok=True)
    return path


def _asker(export: Export) -> User:
    """The asker, with the right that the file was asked with. Raises Stopped when he has it no longer (safety F61)."""
    user = User.objects.filter(pk=export.user_id).first()
    if user is None or not policies.may_have(user, export):
        _fail(export.pk, str(LOST))
        raise Stopped
    return user


def _write(export: Export, folder: Path) -> Path:
    source = _SOURCES[Export.Of(export.of)](export, _asker(export))
    started = Export.objects.filter(pk=export.pk, state__in=[Export.State.WAITING, Export.State.RUNNING])
    if not started.update(state=Export.State.RUNNING, done=0, total=source.total):
        raise Stopped
    path = folder / f"table.{export.kind}"
    writer: Writer = _WRITERS[Export.Kind(export.kind)](path, source.columns, source.told, source.name)
    done = 0
    try:
        for batch in source.batches:
            for row in batch:
                writer.row(row)
            done += len(batch)
            _asker(export)
            if not Export.objects.filter(pk=export.pk, state=Export.State.RUNNING).update(done=done):
                raise Stopped
    finally:
        writer.close()
    return path


def _hand_over(export_id: int, path: Path) -> None:
    """The file becomes the asker's, unless he has cancelled it or another worker was faster."""
    with transaction.atomic():
        export = Export.objects.select_for_update().get(pk=export_id)
        if export.state != Export.State.RUNNING:
            raise Stopped
        export.blob = files.keep_stream(_pieces(path), limit=path.stat().st_size)
        export.state, export.finished_at = Export.State.DONE, timezone.now()
        export.save(update_fields=["blob", "state", "finished_at"])


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _fail(export_id: int, reason: str) -> None:
    underway = Export.objects.filter(pk=export_id, state__in=[Export.State.WAITING, Export.State.RUNNING])
    underway.update(state=Export.State.FAILED, reason=reason[:300], finished_at=timezone.now())


def throw_away(now: datetime) -> int:
    """Files older than their days, and folders that a killed worker left. How many files."""
    old = list(Export.objects.filter(asked_at__lt=now - KEPT).values_list("pk", "blob_id"))
    with transaction.atomic():
        Export.objects.filter(pk__in=[pk for pk, _blob in old]).delete()
        Blob.objects.filter(pk__in=[blob for _pk, blob in old if blob is not None]).delete()
    for folder in _workshop().iterdir():
        if timedelta(seconds=now.timestamp() - folder.stat().st_mtime) > LEFT_BEHIND:
            shutil.rmtree(folder, ignore_errors=True)
    return len(old)

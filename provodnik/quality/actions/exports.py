"""A table as a file, of requests or of the journal: asked for, made in the background, cancelled, thrown away in time.

How a file is made and becomes its asker's, and what a killed worker leaves: core/made.py.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provodnik.accounts.models import User
from provodnik.core import jobs, made
from provodnik.core.decisions import Refused, require
from provodnik.core.made import Stopped
from provodnik.quality import policies
from provodnik.quality.models import Export
from provodnik.quality.policies import Scope
from provodnik.quality.queries import exports as queries
from provodnik.quality.queries.filters import Filters
from provodnik.quality.sheets import sources
from provodnik.quality.sheets.writers import Csv, Writer, Xlsx

KEPT = timedelta(days=7)
_SOURCES = {Export.Of.REQUESTS: sources.requests, Export.Of.JOURNAL: sources.journal}
_WRITERS: dict[Export.Kind, type[Xlsx | Csv]] = {Export.Kind.XLSX: Xlsx, Export.Kind.CSV: Csv}
LOST = gettext_lazy("You may no longer see what this file would hold.")


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
    with suppress(Stopped):
        made.make(export, partial(_write, export), failed=partial(_fail, export.pk))


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


def _fail(export_id: int, reason: str) -> None:
    underway = Export.objects.filter(pk=export_id, state__in=[Export.State.WAITING, Export.State.RUNNING])
    underway.update(state=Export.State.FAILED, reason=reason[:300], finished_at=timezone.now())


def throw_away(now: datetime) -> int:
    """Files older than their days, and folders that a killed worker left. How many files."""
    made.sweep(now)
    return made.throw_away(Export.objects.filter(asked_at__lt=now - KEPT))

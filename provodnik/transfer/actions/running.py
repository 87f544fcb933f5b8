"""The way of a file: brought and looked through at once, taken over when a person says so, stopped at any moment."""

from __future__ import annotations

import io
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import IO

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.core import files, jobs
from provodnik.core.decisions import Refused, require
from provodnik.core.models import Blob
from provodnik.core.text import one_line, storable_json
from provodnik.desk.actions.base import Pieces
from provodnik.transfer import policies
from provodnik.transfer.actions.lines import Taker, Verdict
from provodnik.transfer.models import Transfer, TransferLine
from provodnik.transfer.reading import archive, knowledge, tables, zammad
from provodnik.transfer.reading.archive import Folder
from provodnik.transfer.reading.values import Line, Lines, Unreadable
from provodnik.transfer.states import Kind, Outcome, State

log = logging.getLogger(__name__)

LARGEST = 50 * 1024 * 1024  # bytes of a table
AT_ONCE = 50  # lines between two looks whether it was stopped
# How a table in an archive may be called; who is not named here brings a CSV.
ENDINGS = {Kind.ZAMMAD: (".json",), Kind.ARTICLES: (".csv", ".json"), Kind.CONTACTS: (".csv", ".json")}
MOST_ASIDE = 5000  # files that the report names one by one


def largest_archive() -> int:
    """Bytes of a ZIP: as many as one form may bring at all."""
    return int(settings.UPLOAD_LIMIT * settings.FILES_LIMIT)


def too_large(limit: int) -> str:
    return _("The file is larger than %(limit)d MB: divide it.") % {"limit": limit // 1024**2}


def bring(content: Pieces, *, name: str, kind: Kind, source: str, key: uuid.UUID, by: User, at: datetime) -> Transfer:
    """Keep a file, before anybody looks what it is, and ask for its look-through. The same form again brings nothing.
    Raises Refused."""
    require(policies.may_transfer(by))
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)  # two forms at once wait for each other here
        known = Transfer.objects.filter(key=key).first()
        if known is not None:
            if known.by_id != by.pk:
                raise Refused(_("This form was already used. Open it anew."))
            return known
        made = Transfer.objects.create(
            key=key,
            kind=kind.value,
            source=one_line(source, 60),
            name=one_line(name, 150),
            blob=_kept(content),
            by=by,
            at=at,
        )
        journal.note(made, "added", by=by, at=at, kind=["", kind.value])
        jobs.defer(run, transfer_id=made.pk)
        return made


def _kept(content: Pieces) -> Blob:
    try:
        return files.keep_stream(content.chunks(), limit=max(LARGEST, largest_archive()))
    except files.TooLarge as error:
        raise Refused(too_large(error.limit), "file") from error
    except OSError as error:
        log.error("a file could not be kept: %s", error.strerror or type(error).__name__)
        raise Refused(_("The server cannot keep files now. Try again later."), "file") from error


def take(pk: int, *, by: User, at: datetime) -> Transfer:
    """Take over what was looked through. Asked twice, it is begun once. Raises Refused."""
    with transaction.atomic():
        transfer = Transfer.objects.select_for_update(of=("self",)).get(pk=pk)
        require(policies.may_transfer(by))
        if transfer.state == State.TAKING.value or transfer.state == State.DONE.value:
            return transfer
        if transfer.state != State.LOOKED.value:
            raise Refused(_("Only a file that was looked through can be taken over."))
        if transfer.blob_id is None:
            raise Refused(_("The file was erased by its retention rule: there is nothing to take over."))
        _begin(transfer, State.TAKING)
        journal.note(transfer, "changed", by=by, at=at, state=[State.LOOKED.value, State.TAKING.value])
        jobs.defer(run, transfer_id=transfer.pk)
        return transfer


def stop(pk: int, *, by: User, at: datetime) -> Transfer:
    """Stop; what was taken over stays."""
    with transaction.atomic():
        transfer = Transfer.objects.select_for_update(of=("self",)).get(pk=pk)
        require(policies.may_transfer(by))
        if transfer.is_underway or transfer.state == State.LOOKED.value:
            transfer.state, transfer.finished_at = State.CANCELLED.value, at
            transfer.save(update_fields=["state", "finished_at"])
        return transfer


def _begin(transfer: Transfer, state: State) -> None:
    transfer.lines.all().delete()
    transfer.state, transfer.finished_at = state.value, None
    transfer.done = transfer.new = transfer.known = transfer.refused = transfer.files = transfer.missing = 0
    transfer.aside, transfer.aside_count = [], 0
    transfer.save()


@jobs.job(name="transfer.run", queue="exports", alone=False)
def run(transfer_id: int) -> None:
    """Look a file through, or take it over. After a kill it goes on behind the last line that was settled."""
    transfer = Transfer.objects.select_related("by", "blob").filter(pk=transfer_id).first()
    if transfer is None or not transfer.is_underway or transfer.blob is None:
        return
    with translation.override("ru"), _reading(transfer.blob) as file:
        try:
            content, folder = contents(transfer, file)
            _through(transfer, lines_of(transfer, content, folder))
        except Unreadable as error:
            _finish(transfer, State.FAILED, str(error))
            return
        _finish(transfer, State.LOOKED if transfer.state == State.LOOKING.value else State.DONE, folder=folder)


@contextmanager
def _reading(blob: Blob) -> Iterator[IO[bytes]]:
    with files.open_stream(blob) or io.BytesIO(files.read(blob)) as file:
        yield file


def contents(transfer: Transfer, file: IO[bytes]) -> tuple[bytes, Folder]:
    """The table, and the files beside it when it came in an archive. Raises Unreadable."""
    assert transfer.blob is not None
    head = file.read(len(archive.MARK))
    file.seek(0)
    if head == archive.MARK:
        endings = ENDINGS.get(Kind(transfer.kind), (".csv",))
        return archive.opened(file, size=transfer.blob.size, endings=endings, largest_file=settings.UPLOAD_LIMIT)
    if transfer.blob.size > LARGEST:
        raise Unreadable(too_large(LARGEST))
    return file.read(), Folder()


def lines_of(transfer: Transfer, content: bytes, folder: Folder) -> Lines:
    """What the table holds. Raises Unreadable, at once or on the way."""
    zone, now = timezone.get_current_timezone(), transfer.at
    match Kind(transfer.kind):
        case Kind.CONTACTS:
            people = content.lstrip()[:1] == b"["  # Zammad's list of users; a table of contacts begins with a name
            return zammad.people(content) if people else tables.contacts(content)
        case Kind.ARTICLES:
            base = knowledge.is_base(content)  # Zammad's; a table begins with a name
            return knowledge.articles(content, folder) if base else tables.articles(content, folder)
        case Kind.ZAMMAD:
            return zammad.tickets(content, zone=zone, now=now, folder=folder, largest=settings.UPLOAD_LIMIT)
        case Kind.OSTICKET:
            return tables.osticket(content, zone=zone, now=now, folder=folder)
        case Kind.REQUESTS:
            return tables.requests(content, zone=zone, now=now, folder=folder)


def _through(transfer: Transfer, lines: Lines) -> None:
    really = transfer.state == State.TAKING.value
    taker = Taker(source=transfer.source, by=transfer.by, at=transfer.at, really=really)
    last = transfer.lines.order_by("-place").values_list("place", flat=True).first() or 0
    rest: Iterator[Line] = (line for line in lines if line[0] > last)
    while batch := list(islice(rest, AT_ONCE)):
        for line in batch:
            if not _settle(transfer, taker, line):
                return


def _settle(transfer: Transfer, taker: Taker, line: Line) -> bool:
    """One line and its counting in one transaction; False when somebody has stopped the whole."""
    place, external, found = line
    with transaction.atomic():
        now = Transfer.objects.select_for_update(of=("self",)).get(pk=transfer.pk)
        if now.state != transfer.state:
            return False
        try:
            with transaction.atomic():
                verdict = taker.verdict(external, found)
        except Refused as refused:
            verdict = Verdict(Outcome.REFUSED, str(refused))
        TransferLine.objects.create(
            transfer=transfer,
            place=place,
            external=one_line(external, 100),
            outcome=verdict.outcome.value,
            words=verdict.words[:500],
            thing=verdict.thing,
            files=verdict.files,
        )
        now.done += 1
        now.files += verdict.files
        now.missing += verdict.missing
        setattr(now, verdict.outcome.value, getattr(now, verdict.outcome.value) + 1)
        now.save(update_fields=["done", "files", "missing", verdict.outcome.value])
    return True


def _finish(transfer: Transfer, state: State, words: str = "", *, folder: Folder | None = None) -> None:
    """Unless it was stopped meanwhile."""
    aside = _aside(folder) if folder is not None else []
    Transfer.objects.filter(pk=transfer.pk, state=transfer.state).update(
        state=state.value,
        words=words[:500],
        finished_at=timezone.now(),
        aside=storable_json({"all": aside[:MOST_ASIDE]})["all"],
        aside_count=len(aside),
    )


def _aside(folder: Folder) -> list[list[str]]:
    """Files of the archive that nobody gets, and why."""
    left = _("no line names it")
    return [*([path, why] for path, why in folder.refused), *([path, left] for path in folder.left())]

"""A base of 1C is read by OData: pages are kept as they came, then told as a sender's file, then taken like any."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core import files, jobs
from provodnik.core.decisions import Refused, require
from provodnik.core.models import Blob
from provodnik.core.secrets import Unreadable
from provodnik.exchange.actions import running
from provodnik.exchange.models import Base, Batch, BatchFile, ODataAccess
from provodnik.exchange.odata import words
from provodnik.exchange.odata.client import A_PAGE, A_READING, PAGE, Client, Door, Trouble, rows_of
from provodnik.exchange.odata.mapping import Told, lines
from provodnik.exchange.odata.sets import SETS, WHOLE, sets_of
from provodnik.exchange.policies import may_administer
from provodnik.exchange.states import Carrier, State

ABANDONED = timedelta(seconds=2 * A_READING)  # a reading that is older was killed for good
LARGEST = 1024**3  # bytes of the objects of one reading, as of a file in a folder
OBJECTS = "objects.jsonl"


def start(base_id: int, *, by: User | None, at: datetime) -> Batch:
    """Begin to read a base now; one that is being read is not begun again. Raises Refused."""
    if by is not None:
        require(may_administer(by))
    with transaction.atomic():
        base = Base.objects.select_for_update().get(pk=base_id)
        access = ODataAccess.objects.select_for_update(of=("self",)).filter(base=base).first()
        if access is None or not access.reads or not base.is_active:
            raise Refused(_("Nothing is set up to be read, or the exchange of the base is off."))
        going = base.batches.filter(state=State.READING.value).order_by("-pk").first()
        if going is not None and at - going.at < ABANDONED:
            return going
        batch = Batch.objects.create(
            base=base, carrier=Carrier.ODATA.value, state=State.READING.value, at=at, made_at=at, by=by
        )
        ODataAccess.objects.filter(pk=access.pk).update(started_at=at)
        if going is not None:
            going.raw = files.keep(b"{}")  # what has a raw body is forgotten in its time, with its pages
            going.save(update_fields=["raw"])
        jobs.defer(fetch, serial=f"exchange-odata:{base.pk}", batch_id=batch.pk)
    if going is not None:
        running.refuse(going, words.trouble("gave_up"), at)
    return batch


@jobs.job(name="exchange.fetch", queue="exports", attempts=3, outside=True)
def fetch(batch_id: int) -> None:
    """Read what `start` asked for."""
    batch = Batch.objects.select_related("base").filter(pk=batch_id, state=State.READING.value).first()
    if batch is not None:
        with translation.override("ru"):
            read(batch, now=timezone.now())


def door_of(access: ODataAccess) -> Door:
    """Raises Trouble where the password is sealed under another key."""
    try:
        return Door(access.address, access.user, access.password, access.ca)
    except Unreadable as error:
        raise Trouble("sealed", ends=True) from error


@dataclass(slots=True)
class Reading:
    """What is being read: `kept` are the pages of each set that came whole."""

    batch: Batch
    now: datetime
    kept: dict[str, list[int]]
    notes: list[dict[str, Any]]
    place: int = 0
    rows: int = 0

    def note(self, name: str, code: str, rows: int = 0) -> None:
        self.notes.append({"set": name, "code": code, "rows": rows})


def read(batch: Batch, *, now: datetime, size: int = PAGE, patience: float = A_PAGE) -> None:
    """Everything of a base, begun anew after a kill. A set that did not come whole tells nothing, and says so; what
    was read goes on as a batch of files. `patience`: seconds for a page."""
    _forget(batch)
    reading = Reading(batch, now, {}, [])
    access = ODataAccess.objects.get(base=batch.base_id)
    names = sets_of(access.reads)
    try:
        client = Client(door_of(access), a_page=patience)
        _counted(reading, client, names)
        for name in names:
            _set(reading, client, name, size)
    except Trouble as trouble:
        if not reading.kept:
            _end(reading, trouble.code)
            return
        done = {*reading.kept, *(one["set"] for one in reading.notes)}
        for name in names:
            if name not in done:
                reading.note(name, trouble.code)
    _tell(reading)


def _forget(batch: Batch) -> None:
    with transaction.atomic():
        old = list(batch.files.values_list("blob_id", flat=True))
        batch.files.all().delete()
        Batch.objects.filter(pk=batch.pk).update(done=0, total=0, notes=[])
        files.release(one for one in old if one is not None)


def _counted(reading: Reading, client: Client, names: Iterable[str]) -> None:
    """How much there will be, for the bar; what a base does not count is not in it. Raises Trouble of the base."""
    total = sum(client.count(SETS[name], reading.now) or 0 for name in names)
    Batch.objects.filter(pk=reading.batch.pk).update(total=total)


def _set(reading: Reading, client: Client, name: str, size: int) -> None:
    """One set with all its pages. Raises Trouble where nothing else can be asked."""
    pages: list[int] = []
    before = reading.rows
    try:
        for page in client.pages(SETS[name], reading.now, size=size):
            pages.append(_keep(reading, f"{name}.{len(pages) + 1:04}.json", page.raw))
            reading.rows += page.rows
            Batch.objects.filter(pk=reading.batch.pk).update(done=reading.rows)
    except Trouble as trouble:
        reading.note(name, trouble.code)
        if trouble.ends:
            raise
        return
    reading.kept[name] = pages
    if reading.rows == before and name in WHOLE:
        reading.note(name, "empty")


def _keep(reading: Reading, name: str, raw: bytes) -> int:
    """The page as it came, before it is understood."""
    with transaction.atomic():
        blob = files.keep(raw)
        BatchFile.objects.create(batch=reading.batch, place=reading.place, name=name, blob=blob)
    reading.place += 1
    return blob.pk


def _rows(blobs: Iterable[int]) -> Iterator[dict[str, Any]]:
    """Rows of kept pages, a page at a time."""
    for pk in blobs:
        blob = Blob.objects.get(pk=pk)
        with files.open_stream(blob) or BytesIO(files.read(blob)) as stream:
            yield from rows_of(stream.read())


def _tell(reading: Reading) -> None:
    """What was read becomes the file of objects, and the batch goes the way of all batches."""
    batch = reading.batch
    told, counted = Told(int(batch.at.timestamp() * 1000)), 0

    def objects() -> Iterator[bytes]:
        nonlocal counted
        for line in lines({name: partial(_rows, kept) for name, kept in reading.kept.items()}, told):
            counted += 1
            yield line

    blob = files.keep_stream(objects(), limit=LARGEST)
    for name, rows in sorted(told.passed.items()):
        reading.note(name, "passed", rows)
    if not counted:
        _end(reading, "empty_reading")
        return
    wrong = {one["set"] for one in reading.notes if one["code"] != "passed"}
    with transaction.atomic():
        fresh = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        if fresh.state != State.READING.value:
            return
        BatchFile.objects.create(batch=fresh, place=reading.place, name=OBJECTS, blob=blob, objects_in=counted)
        fresh.is_full = set(reading.kept) - wrong >= WHOLE
        fresh.state, fresh.total, fresh.done = State.RECEIVED.value, counted, 0
        fresh.notes, fresh.raw = reading.notes, _summary(reading)
        fresh.save(update_fields=["is_full", "state", "total", "done", "notes", "raw"])
        jobs.defer(running.run, serial=f"exchange:{batch.base_id}", batch_id=batch.pk)


def _summary(reading: Reading) -> Blob:
    """What was asked and what came, beside the pages themselves."""
    told = {"read": {SETS[name].name: len(pages) for name, pages in reading.kept.items()}, "notes": reading.notes}
    return files.keep(json.dumps(told, ensure_ascii=False).encode())


def _end(reading: Reading, code: str) -> None:
    """Nothing of it is taken; why stands in the journal."""
    with transaction.atomic():
        Batch.objects.filter(pk=reading.batch.pk).update(
            notes=[one for one in reading.notes if one["code"] != code], raw=_summary(reading)
        )
        reading.batch.refresh_from_db()
        running.refuse(reading.batch, words.trouble(code), reading.now)

"""The first step of both carriers: raw bytes are kept, the signature and the sums proved; nothing is understood yet."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.core import files, jobs
from provodnik.core.decisions import Refused, require
from provodnik.core.models import Blob
from provodnik.exchange import contract, manifest
from provodnik.exchange.actions import running
from provodnik.exchange.actions.staging import newest, stage_objects
from provodnik.exchange.contract import NoObject
from provodnik.exchange.manifest import SIGNATURE, SUFFIX, Listed, Manifest
from provodnik.exchange.models import Base, Batch, BatchFile
from provodnik.exchange.objects import Moment
from provodnik.exchange.policies import may_push
from provodnik.exchange.reading import Unreadable
from provodnik.exchange.states import Carrier, State

log = logging.getLogger(__name__)
GRACE = timedelta(minutes=10)  # so long a file that the manifest names may still be on its way over a network drive
_PIECE = 1024 * 1024


class NotYet(Exception):
    """A file that the manifest names is not whole yet."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A signed manifest in the folder: everything a sender writes, the signature last."""

    folder: Path
    name: str

    @property
    def manifest(self) -> Path:
        return self.folder / f"{self.name}{SUFFIX}"

    @property
    def signature(self) -> Path:
        return self.folder / f"{self.name}{SIGNATURE}"


def folder_of(base: Base, which: str = "in") -> Path:
    """Where a base's sender puts files («in»), and finds receipts («out»)."""
    return Path(settings.EXCHANGE_DIR) / base.code / which


def look(base: Base, *, at: datetime) -> list[Batch]:
    """Take what lies complete in a base's folder. Returns the batches that are new; each is asked for as a job."""
    folder = folder_of(base)
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for path in sorted(folder.glob(f"*{SIGNATURE}")):
        batch = _receive(base, Waiting(folder, path.name.removesuffix(SIGNATURE)), at)
        if batch is not None:
            found.append(batch)
    return found


def _receive(base: Base, waiting: Waiting, at: datetime) -> Batch | None:
    """One manifest with its files, in one transaction; None when it is known already or not whole yet."""
    kept: Manifest | None = None
    try:
        content, signed = _small(waiting.manifest, manifest.LARGEST), _small(waiting.signature, 1000)
        own = _own_key(content, signed)
        try:
            with transaction.atomic():
                Base.objects.select_for_update().get(pk=base.pk)
                if not manifest.is_signed(content, signed, base.key):
                    raise Unreadable(_("The signature is wrong: look whether the sender has this base's key."))
                kept = manifest.read(content)
                batch = _keep(base, waiting, kept, content, at)
        except Unreadable as error:
            batch = _refuse(base, waiting, own, content, str(error.words), at)
            _put_aside(waiting)
            return batch
    except NotYet:
        return None
    except OSError as error:
        log.warning("exchange: a file of base %s cannot be read: %s", base.pk, type(error).__name__)
        return None
    _clear(waiting, kept.files)
    return batch


def _own_key(content: bytes, signed: bytes) -> uuid.UUID:
    """By which a refused delivery is remembered: whatever it calls itself."""
    return uuid.UUID(bytes=hashlib.blake2b(signed + b"\n" + content, digest_size=16).digest())


def _small(path: Path, largest: int) -> bytes:
    with _opened(path) as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise Unreadable(_("The manifest is too large."))
    return bytes(content)


def _opened(path: Path) -> Any:
    """Never through a symbolic link: a folder that somebody else writes must not lead out of itself."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")


def _keep(base: Base, waiting: Waiting, told: Manifest, content: bytes, at: datetime) -> Batch | None:
    if told.base != base.code:
        raise Unreadable(_("The batch is for base «%(name)s».") % {"name": told.base[:40]})
    known = Batch.objects.filter(base=base, key=told.batch).select_related("raw").first()
    if known is not None:
        if known.raw is None or known.raw.sha256 == files.digest(content):
            return None
        raise Unreadable(_("Another batch has had this name («batch») already."))
    blobs = [_whole(waiting, one, at) for one in told.files]
    batch = Batch.objects.create(
        base=base, key=told.batch, carrier=Carrier.FOLDER.value, name=waiting.name[:150], is_full=told.full,
        made_at=told.made_at, at=at, raw=files.keep(content), total=sum(one.objects or 0 for one in told.files),
    )  # fmt: skip
    BatchFile.objects.bulk_create(
        BatchFile(batch=batch, place=place, name=one.name, blob=blob, objects_in=one.objects)
        for place, (one, blob) in enumerate(zip(told.files, blobs, strict=True))
    )
    jobs.defer(running.run, serial=f"exchange:{base.pk}", batch_id=batch.pk)
    return batch


def _whole(waiting: Waiting, one: Listed, at: datetime) -> Blob:
    """Keep a file as the manifest says it is. Raises Unreadable, or NotYet while it may still be written."""
    path = waiting.folder / one.name
    try:
        with _opened(path) as file:
            if os.fstat(file.fileno()).st_size == one.size:
                blob = files.keep_stream(_pieces(file), limit=one.size)
                if (blob.sha256, blob.size) == (one.sha256, one.size):
                    return blob
    except FileNotFoundError:
        pass
    except files.TooLarge:
        pass  # somebody goes on writing it
    if at.timestamp() - waiting.signature.lstat().st_mtime < GRACE.total_seconds():
        raise NotYet
    raise Unreadable(_("File %(name)s is missing, cut short or not the one that was signed.") % {"name": one.name})


def _pieces(file: Any) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _refuse(base: Base, waiting: Waiting, key: uuid.UUID, content: bytes, words: str, at: datetime) -> Batch | None:
    with transaction.atomic():
        batch, made = Batch.objects.get_or_create(
            base=base, key=key,
            defaults={
                "carrier": Carrier.FOLDER.value, "name": waiting.name[:150], "at": at, "finished_at": at,
                "state": State.REFUSED.value, "words": words[:500], "raw": files.keep(content),
            },
        )  # fmt: skip
    return batch if made else None


def _put_aside(waiting: Waiting) -> None:
    """The sender looks at it; the files stay where they are."""
    try:
        waiting.signature.rename(waiting.signature.with_suffix(".refused"))
    except OSError:
        log.warning("exchange: a refused batch cannot be put aside; it is not taken again all the same")


def _clear(waiting: Waiting, listed: Sequence[Listed]) -> None:
    """What is kept here is taken out of the folder, the signature first: half a batch is never seen."""
    for path in (waiting.signature, waiting.manifest, *(waiting.folder / one.name for one in listed)):
        try:
            path.unlink(missing_ok=True)
        except OSError:
            log.warning("exchange: a file cannot be taken out of the folder; it is not taken again all the same")
            return


# --- push


def push(base: Base, key: uuid.UUID, values: Sequence[Any], *, by: User, at: datetime) -> Batch:
    """Take at most MOST_OBJECTS_PUSHED objects at once, in the caller's transaction. The same batch again changes
    nothing. Raises Refused with the field."""
    require(may_push(by))
    if len(values) > contract.MOST_OBJECTS_PUSHED:
        raise Refused(_("At most %(limit)d objects at once.") % {"limit": contract.MOST_OBJECTS_PUSHED}, "objects")
    content = json.dumps(values, ensure_ascii=False, sort_keys=True).encode()
    with transaction.atomic():
        Base.objects.select_for_update().get(pk=base.pk)
        known = Batch.objects.filter(base=base, key=key).select_related("raw").first()
        if known is not None:
            if known.raw is not None and known.raw.sha256 != files.digest(content):
                raise Refused(_("Another batch has had this name («batch») already."), "batch")
            return known
        objects = []
        for number, value in enumerate(values):
            try:
                objects.append(contract.read(value, newest=newest(at)))
            except NoObject as error:
                raise Refused(error.words, f"objects.{number}") from error
        batch = Batch.objects.create(
            base=base, key=key, carrier=Carrier.PUSH.value, made_at=at, at=at, by=by,
            raw=files.keep(content), total=len(objects), state=State.CHECKING.value,
        )  # fmt: skip
        stage_objects(batch, objects)
        running.go_on(batch, Moment(at, timezone.localdate(at)))
    batch.refresh_from_db()
    return batch

"""Files: raw letters and attachments. Small ones live in their row, large ones on the disk under a random name.

Order of things (safety F01, F02, F26): the bytes are on the disk and flushed before the row is committed; a process
killed in between leaves a file without a row, which `sweep` removes after an hour. A row never lacks its bytes.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

from django.conf import settings
from django.db import connection

from provodnik.core import scanning
from provodnik.core.kept import open_stream, read
from provodnik.core.kept import place as _place
from provodnik.core.models import Blob

__all__ = ["keep", "keep_many", "keep_stream", "open_stream", "read", "release", "sweep"]

# Up to this size one row costs less than a file with its directory entry and its own flush to the disk.
IN_ROW = 64 * 1024
ORPHAN_AGE = timedelta(hours=1)


class TooLarge(Exception):
    """The file is larger than the limit; nothing of it was kept."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"larger than {limit} bytes")
        self.limit = limit


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def keep(content: bytes) -> Blob:
    """Keep bytes; the row becomes real with the caller's transaction."""
    if len(content) <= IN_ROW:
        return _noted(Blob(sha256=digest(content), size=len(content), content=content))
    name = uuid.uuid4().hex
    _write(_place(name), [content])
    return _noted(Blob(sha256=digest(content), size=len(content), name=name))


def _noted(blob: Blob) -> Blob:
    blob.scan = scanning.first_state()
    blob.save(force_insert=True)
    scanning.ask([blob])
    return blob


def keep_many(contents: Sequence[bytes]) -> list[Blob]:
    """Keep several at once, in their order; the small ones by one statement."""
    small = {
        index: Blob(sha256=digest(content), size=len(content), content=content, scan=scanning.first_state())
        for index, content in enumerate(contents)
        if len(content) <= IN_ROW
    }
    Blob.objects.bulk_create(small.values())
    scanning.ask(small.values())
    return [small[index] if index in small else keep(content) for index, content in enumerate(contents)]


def keep_stream(chunks: Iterable[bytes], *, limit: int) -> Blob:
    """Keep what comes in pieces, never more than `IN_ROW` and one piece of it in memory; refuses at the first byte
    over `limit` (bytes). Raises TooLarge."""
    pieces = _within(chunks, limit)
    head = bytearray()
    for piece in pieces:
        head += piece
        if len(head) > IN_ROW:
            break
    else:
        return keep(bytes(head))
    sha256, size, name = hashlib.sha256(), 0, uuid.uuid4().hex

    def measured() -> Iterator[bytes]:
        nonlocal size
        for piece in chain([bytes(head)], pieces):
            sha256.update(piece)
            size += len(piece)
            yield piece

    _write(_place(name), measured())
    return _noted(Blob(sha256=sha256.hexdigest(), size=size, name=name))


def _within(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise TooLarge(limit)
        yield chunk


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    """Write under a temporary name, flush, rename: a file under its own name is whole. What fails leaves nothing."""
    try:
        path.parent.mkdir(parents=True)
        _flush_folder(path.parent.parent)  # a new folder's own entry, or a power cut takes the folder with its files
    except FileExistsError:
        pass
    temporary = path.with_suffix(".part")
    try:
        with temporary.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def _flush_folder(path: Path) -> None:
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def referring() -> list[tuple[str, str]]:
    """(table, column) of everything that may refer to kept bytes, whichever part it belongs to."""
    found = []
    for relation in Blob._meta.get_fields(include_hidden=True):
        model = getattr(relation, "related_model", None)
        if relation.auto_created and not relation.concrete and model is not None:
            field = getattr(relation, "field", None)
            if field is not None and getattr(field, "column", None):
                found.append((model._meta.db_table, field.column))
    return sorted(set(found))


def release(ids: Iterable[int]) -> int:
    """Remove those of these kept bytes to which nobody refers any more. Their files are swept within the hour. Returns
    how many."""
    wanted = sorted(set(ids))
    if not wanted:
        return 0
    nobody = " AND ".join(
        f'NOT EXISTS (SELECT 1 FROM "{table}" t WHERE t."{column}" = b.id)'  # noqa: S608 - names of our own tables
        for table, column in referring()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM core_blob b WHERE b.id = ANY (%s) AND {nobody}", [wanted])  # noqa: S608
        return int(cursor.rowcount)


def empty() -> Blob:
    """The bytes that stand where bytes were erased: none. One row for the whole installation."""
    found = Blob.objects.filter(size=0, name="").order_by("pk").first()
    return found or keep(b"")


def sweep(*, now: datetime) -> int:
    """Remove files older than an hour that no row names. Returns how many."""
    root = Path(settings.FILES_DIR)
    removed = 0
    for folder in root.glob("??"):
        names = [path for path in folder.iterdir() if _age(path, now) > ORPHAN_AGE]
        known = set(Blob.objects.filter(name__in=[path.name for path in names]).values_list("name", flat=True))
        for path in names:
            if path.name not in known:
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def _age(path: Path, now: datetime) -> timedelta:
    try:
        return timedelta(seconds=now.timestamp() - path.stat().st_mtime)
    except FileNotFoundError:  # renamed since the folder was read: it is being written
        return timedelta()


def damaged(blobs: Iterable[Blob]) -> list[int]:
    """Ids of blobs whose bytes are gone or differ from their sum."""
    wrong = []
    for blob in blobs:
        try:
            content = read(blob)
        except OSError:
            wrong.append(blob.pk)
            continue
        if len(content) != blob.size or digest(content) != blob.sha256:
            wrong.append(blob.pk)
    return wrong

"""Bytes: kept whole or not at all, flushed before they are named, swept when nobody names them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from provodnik.core import files
from provodnik.core.models import Blob
from provodnik.core.text import one_line, storable, storable_json

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.FILES_DIR = tmp_path / "files"
    return settings.FILES_DIR


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [0, 1, files.IN_ROW, files.IN_ROW + 1, 3 * files.IN_ROW + 7])
def test_a_stream_is_kept_as_it_came(folder, size):
    content = os.urandom(size)
    pieces = [content[start : start + 1000] for start in range(0, size, 1000)]
    for blob in (files.keep_stream(iter(pieces), limit=size), files.keep(content), files.keep_many([content])[0]):
        assert (blob.size, blob.sha256) == (size, hashlib.sha256(content).hexdigest())
        assert files.read(Blob.objects.get(pk=blob.pk)) == content
        assert (blob.content is None) is (size > files.IN_ROW)
    assert files.damaged(Blob.objects.all()) == []


def test_a_stream_is_not_collected_in_memory(folder):
    """A piece is on its way to the disk before the next is asked for."""
    seen: list[int] = []

    def pieces() -> Iterator[bytes]:
        for _ in range(8):
            yield b"x" * files.IN_ROW
            seen.append(sum(path.stat().st_size for path in on_disk(folder)))

    files.keep_stream(pieces(), limit=8 * files.IN_ROW)
    assert max(seen) > 4 * files.IN_ROW


def test_one_byte_too_many_keeps_nothing(folder):
    with pytest.raises(files.TooLarge):
        files.keep_stream([b"x" * files.IN_ROW] * 3, limit=3 * files.IN_ROW - 1)
    assert not Blob.objects.exists()
    assert on_disk(folder) == []


def test_what_breaks_off_leaves_nothing(folder):
    def broken() -> Iterator[bytes]:
        yield b"x" * (files.IN_ROW + 1)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        files.keep_stream(broken(), limit=10 * files.IN_ROW)
    assert not Blob.objects.exists()
    assert on_disk(folder) == []


def test_names_stand_only_once_the_bytes_and_their_folders_are_flushed(folder, monkeypatch):
    """A new folder's own entry too, or a power cut takes the folder with all its files (safety F11)."""
    flushed: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        flushed.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    blob = files.keep(b"x" * (files.IN_ROW + 1))
    place = folder / blob.name[:2]
    assert flushed == [str(folder), str(place / f"{blob.name}.part"), str(place)]


def test_sweep_removes_what_no_row_names_after_an_hour(folder):
    kept = files.keep(b"x" * (files.IN_ROW + 1))
    orphan = folder / "ab" / ("ab" + "0" * 30)
    half = folder / "ab" / ("ab" + "1" * 30 + ".part")
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"x")
    half.write_bytes(b"x")
    now = timezone.now()
    assert files.sweep(now=now + timedelta(minutes=59)) == 0
    assert files.sweep(now=now + timedelta(minutes=61)) == 2
    assert on_disk(folder) == [folder / kept.name[:2] / kept.name]


def test_sweep_survives_a_file_that_is_renamed_under_it(folder, monkeypatch):
    folder.joinpath("ab").mkdir(parents=True)
    monkeypatch.setattr(Path, "iterdir", lambda self: iter([self / "gone.part"]))
    assert files.sweep(now=timezone.now()) == 0


def test_damaged_tells_lost_and_changed_bytes(folder):
    whole, lost, changed = (files.keep(bytes([n]) * (files.IN_ROW + 1)) for n in range(3))
    (folder / lost.name[:2] / lost.name).unlink()
    (folder / changed.name[:2] / changed.name).write_bytes(b"y" * changed.size)
    assert files.damaged([whole, lost, changed]) == [lost.pk, changed.pk]


def test_text_that_postgresql_refuses_is_replaced():
    assert storable("а\x00\ud800б") == "а\ufffd\ufffdб"
    assert storable_json({"\x00": ["\udfff", 1, None, (True, "в")]}) == {"\ufffd": ["\ufffd", 1, None, [True, "в"]]}
    assert one_line("а\r\nBcc: б\u2028в\x00", 100) == "а Bcc: б в\ufffd"
    assert one_line("абвгд", 4) == "абв…"

"""Sealed files and the archive inside them: what was changed, cut or added does not open (F56's sisters)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provodnik.lifecycle.backup import archive, rotation, sealing
from provodnik.lifecycle.backup.archive import BadBackup, Writer, read_through
from provodnik.lifecycle.backup.sealing import FRAME, TAG, NotOpened, SealedReader, SealingWriter

CONTENT = bytes(range(256)) * (FRAME // 256) + b"and a little more"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Password, private key, public key."""
    folder = tmp_path_factory.mktemp("keys")
    password = folder / "password"
    password.write_text("twelve-signs-and-more\n")
    private = folder / "backup.key"
    public = sealing.make_keys(private)
    assert private.stat().st_mode & 0o777 == 0o600
    return password, private, public


def sealed(recipient: Path, content: bytes = CONTENT) -> bytes:
    out = io.BytesIO()
    writer = SealingWriter(out, recipient)
    for at in range(0, len(content), 100_000):
        writer.write(content[at : at + 100_000])
    writer.finish()
    return out.getvalue()


def opened(whole: bytes, key: Path) -> bytes:
    reader = SealedReader(io.BytesIO(whole), key)
    return b"".join(iter(lambda: reader.read(77_777), b""))


def test_only_the_holder_opens_and_nothing_changed_opens(keys: tuple[Path, Path, Path], tmp_path: Path) -> None:
    password, private, public = keys
    other = tmp_path / "other.key"
    sealing.make_keys(other)
    whole = sealed(public)
    assert opened(whole, private) == CONTENT
    assert opened(sealed(password), password) == CONTENT
    for size in (0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME):
        assert opened(sealed(public, CONTENT[:size]), private) == CONTENT[:size]
    for wrong in (password, public, other):
        with pytest.raises(NotOpened):
            opened(whole, wrong)
    head = whole.index(b"\n") + 1
    frame = FRAME + TAG
    first, second = whole[head : head + frame], whole[head + frame :]
    spoilt = {
        "cut off": whole[:-1],
        "last frame left out": whole[: head + frame],
        "nothing but the head": whole[:head],
        "frames changed places": whole[:head] + second + first,
        "a frame twice": whole[: head + frame] + first + second,
        "something behind": whole + b"x",
        "another's head": sealed(public)[:head] + whole[head:],
        **{f"bit at {at}": _flipped(whole, at) for at in (head + 5, head + frame + 3, len(whole) - 1)},
    }
    for what, broken in spoilt.items():
        with pytest.raises(NotOpened):
            opened(broken, private)
            pytest.fail(what)
    with pytest.raises(NotOpened):
        sealed(private)
    short = tmp_path / "short"
    short.write_text("short")
    with pytest.raises(NotOpened):
        sealed(short)


def _flipped(whole: bytes, at: int) -> bytes:
    return whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]


def _archive(change: Callable[[Writer], None] = lambda writer: None, *, end: bool = True) -> bytes:
    out = io.BytesIO()
    writer = Writer(out.write)
    writer.add(archive.HEAD, b'{"format": 1}')
    writer.add("database/000001", b"dump")
    writer.add("files/ab/ab" + "0" * 30, b"kept")
    change(writer)
    if end:
        writer.finish({"tables": {}, "lost": []})
    return out.getvalue()


def test_an_archive_is_whole_or_refused() -> None:
    whole = _archive()
    _head, manifest = read_through(io.BytesIO(whole).read)
    assert set(manifest["members"]) == {archive.HEAD, "database/000001", "files/ab/ab" + "0" * 30}
    refused = [
        _archive(end=False),
        whole[:-700],
        whole + b"x" * 512,
        *(_flipped(whole, whole.index(word)) for word in (b"dump", b"kept", b'"members"', b"database/")),
        *(
            _archive(lambda writer, name=name: writer.add(name, b"x"))  # type: ignore[misc]
            for name in ("../etc/cron.d/x", "/etc/x", "files/ab/cd" + "0" * 30, "database/../x", "database/000001", "x")
        ),
        b"",
        b"no tar at all" * 100,
    ]
    for broken in refused:
        with pytest.raises(BadBackup):
            read_through(io.BytesIO(broken).read)


def test_rotation_keeps_the_newest_of_each_day_week_and_month() -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    names = [rotation.name_of(noon - timedelta(hours=12 * n), sealed=n % 2 == 0) for n in range(2 * 400)]
    others = ["notes.txt", "provodnik-backup-20260101-000000.tar.partial", "provodnik-backup-99999999-999999.tar"]
    keep = rotation.Keep(daily=7, weekly=4, monthly=6)
    gone = rotation.to_remove([*names, *others], keep)
    stays = [name for name in names if name not in gone]
    assert not set(others) & set(gone)
    assert stays[0] == names[0]
    assert 7 + 4 + 6 - 4 <= len(stays) <= 7 + 4 + 6
    assert rotation.to_remove(stays, keep) == []  # said twice, it removes nothing more
    assert rotation.to_remove(names, rotation.Keep(0, 0, 0)) == []
    assert len(rotation.to_remove(names, rotation.Keep(1, 0, 0))) == len(names) - 1

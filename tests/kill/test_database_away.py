"""The database goes away and comes back: a clear 503 at once, no hang, and all is well again by itself (F12–F14)."""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.kill.house import PATIENCE, House, eventually

pytestmark = [pytest.mark.kill, pytest.mark.server]


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    house = House(smtp_port=1, imap_port=1)
    try:
        yield house.start()
    finally:
        house.stop()


CUTS = 8


def answer(house: House, path: str = "/healthz") -> tuple[int, str | None]:
    """(status, Retry-After)."""
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={"Host": f"127.0.0.1:{house.port}"})
        response = connection.getresponse()
        response.read()
        return response.status, response.headers.get("Retry-After")
    finally:
        connection.close()


def is_well(house: House) -> bool:
    """Each of the two web workers has a pool of its own, and nobody knows which of them answers."""
    try:
        return all(answer(house) == (200, None) for _ in range(12))
    except (OSError, http.client.HTTPException):
        return False


@pytest.fixture(autouse=True)
def well(house: House) -> None:
    eventually("web is well", lambda: is_well(house))


Record = Callable[[str, object], None]


def well_again(house: House, record_property: Record) -> None:
    """From the database's first word on."""
    began = time.monotonic()
    eventually("web is well again", lambda: is_well(house))
    workers_are_back(house)
    record_property("recovered", time.monotonic() - began)


def test_stopped_it_is_said_and_started_it_is_well_again(house: House, record_property: Record) -> None:
    assert answer(house) == (200, None)
    house.server.stop()
    try:
        found = []
        threads = [threading.Thread(target=lambda: found.append(answer(house))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert found == [(503, "5")] * 6
        assert answer(house, "/sign-in/")[0] in (200, 503)
    finally:
        house.server.start()
    well_again(house, record_property)


def workers_are_back(house: House) -> None:
    """The same processes: a worker of jobs waits for its database, whether or not anybody stands above it."""
    eventually("the workers are back", lambda: house.one(LIVING) >= 2)
    assert all(process.poll() is None for process in house.workers)


# Workers that have told of themselves since the server was started.
LIVING = (
    "SELECT count(*) FROM procrastinate_workers"
    " WHERE last_heartbeat > greatest(pg_postmaster_start_time(), now() - interval '10 seconds')"
)


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGQUIT], ids=["killed", "immediate"])
def test_killed_it_is_well_again(house: House, signum: signal.Signals, record_property: Record) -> None:
    assert house.server.pid is not None
    psycopg.connect(house.url).close()
    os.kill(house.server.pid, signum)
    house.server.stop()
    house.server.start()
    well_again(house, record_property)


def test_all_connections_cut_again_and_again(house: House, record_property: Record) -> None:
    """The pool heals without a restart, and whoever asked meanwhile got an answer: 200 or 503 (F14)."""
    over, statuses = threading.Event(), []

    def keep_asking() -> None:
        while not over.is_set():
            statuses.append(answer(house)[0])

    asking = [threading.Thread(target=keep_asking) for _ in range(4)]
    for thread in asking:
        thread.start()
    for _ in range(CUTS):
        before = len(statuses)
        house.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
        deadline = time.monotonic() + PATIENCE
        while len(statuses) < before + 4 and time.monotonic() < deadline:
            over.wait(0.01)
    over.set()
    for thread in asking:
        thread.join(PATIENCE)
    assert set(statuses) <= {200, 503}
    record_property("faults", CUTS)
    well_again(house, record_property)

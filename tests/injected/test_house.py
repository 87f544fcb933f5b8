"""What happens to the machine under a working house: a frozen worker, sleep, full disks, a slow one, another password.

One house for all of it; its programs are real processes. After each fault the same processes work on.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from provodnik.desk.tests.factories import PASSWORD
from provodnik.lifecycle import program
from tests.injected.house import PATIENCE, ROLE, SmallHouse, stopped
from tests.kill.house import Person, eventually
from tests.kill.test_database_away import answer
from tests.servers.smtp import SmtpCatcher
from tests.test_quiet_day import may_watch

pytestmark = [pytest.mark.kill, pytest.mark.server]
Record = Callable[[str, object], None]
LIVING = f"SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '{PATIENCE} seconds'"

TICKED = "SELECT coalesce(max(defer_timestamp), 0) FROM procrastinate_periodic_defers WHERE task_name = 'core.rescue'"

# Of these six `make test` takes the three that a mistake of ours would break first.
whole = pytest.mark.skipif(os.environ.get("PROVODNIK_SWEEP") != "whole", reason="make faults injects it")


class Holding(SmtpCatcher):
    """Takes a letter and, while `free` is not set, keeps the sender waiting for the 250."""

    def __init__(self) -> None:
        super().__init__()
        self.free, self.held = threading.Event(), threading.Event()
        self.free.set()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.held.set()
        await server.loop.run_in_executor(None, self.free.wait)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture(scope="module")
def smtp() -> Iterator[Holding]:
    server = Holding()
    server.start()
    yield server
    server.free.set()
    server.stop()


@pytest.fixture(scope="module")
def house(smtp: Holding) -> Iterator[SmallHouse]:
    house = SmallHouse(smtp.port)
    try:
        yield house.start()
    finally:
        house.stop()


@pytest.fixture(scope="module")
def anna(house: SmallHouse) -> Person:
    person = Person(house, "anna", lambda: None)
    person.sign_in(PASSWORD)
    return person


@pytest.fixture(autouse=True)
def well(house: SmallHouse, anna: Person) -> Iterator[None]:
    """Each begins in a house that works, by the clock as well."""
    eventually("web is well", lambda: house.status("/healthz") == 200)
    eventually("a worker works", lambda: house.one(LIVING) >= len(house.workers) and house.one(TICKED) > 0)
    yield
    assert not anna.strange


def works(house: SmallHouse, smtp: Holding, anna: Person, record_property: Record, since: float) -> None:
    """A request goes its whole way; nothing of before is lost or doubled."""
    number = anna.open("Всё ли работает?")
    eventually(
        "its letter is sent",
        lambda: house.one(
            "SELECT count(*) FROM channels_outgoing WHERE about = %s AND state = 'sent'", f"ticket:{number}"
        ),
    )
    record_property("recovered", time.monotonic() - since)
    eventually(
        "nothing waits", lambda: house.one("SELECT count(*) FROM channels_outgoing WHERE state = 'pending'") == 0
    )
    ids = [str(one) for (one,) in house.ask("SELECT message_id FROM channels_outgoing")]
    assert {one: smtp.deliveries[one] for one in ids} == dict.fromkeys(ids, 1)
    eventually("workers are heard of", lambda: house.one(LIVING) >= len(house.workers))
    assert all(worker.poll() is None for worker in house.workers)


def test_a_worker_that_froze_and_woke_does_nothing_twice(
    house: SmallHouse, smtp: Holding, anna: Person, record_property: Record
) -> None:
    """F08. Between the letter and the 250 it freezes; another worker is given its jobs and forgets that it lived."""
    smtp.held.clear()
    smtp.free.clear()
    anna.open("Замерзающее письмо.")
    assert smtp.held.wait(60)
    frozen = house.workers[0]
    eventually("it freezes outside a transaction", lambda: freezes(house, frozen.pid))
    with stopped(frozen.pid):
        eventually("it counts as dead", lambda: house.one(LIVING) == 0)
        house.workers.append(house._start_worker())
        mine = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'channels.send'"
        eventually("its jobs were given away and done", lambda: house.one(LIVING) == 1 and house.one(mine) == 0)
        assert house.one("SELECT count(*) FROM channels_outgoing WHERE state = 'pending'") == 1
        smtp.free.set()
    works(house, smtp, anna, record_property, time.monotonic())


def test_all_of_it_sleeps_and_wakes(house: SmallHouse, smtp: Holding, anna: Person, record_property: Record) -> None:
    """F46. Longer than workers wait for a sign of life of each other: each finds the others dead, and itself."""
    before = house.one(TICKED)
    with stopped(*house.everybody()):
        time.sleep(PATIENCE + 0.5)  # the fault itself
    began = time.monotonic()
    works(house, smtp, anna, record_property, began)
    eventually("the clock's jobs go on", lambda: house.one(TICKED) > before)


def freezes(house: SmallHouse, pid: int) -> bool:
    """In the middle of a transaction the database would wait a minute before it cuts the frozen one off."""
    os.kill(pid, signal.SIGSTOP)
    busy = house.one(
        "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' OR"
        " (state = 'active' AND pid <> pg_backend_pid())"
    )
    if busy:
        os.kill(pid, signal.SIGCONT)
    return not busy


@whole
def test_the_log_has_no_room(house: SmallHouse, smtp: Holding, anna: Person, record_property: Record) -> None:
    """F25. The service goes on, and what the journal is for is in the database."""
    if not house.logs.mounted:
        pytest.skip("no file system of our own may be mounted here")
    log = house.logs.folder / "log"
    house.log.write(b"\n" * (4096 - log.stat().st_size % 4096))  # the page it has been given is room, too
    house.log.flush()
    house.logs.fill()
    try:
        size = log.stat().st_size
        tries = house.one("SELECT count(*) FROM accounts_signinfailure")
        stranger = Person(house, "boris", lambda: None)
        stranger.request("GET", "/sign-in/")
        assert stranger.request("POST", "/sign-in/", {"login": "boris", "password": "чужой"})[0] == 422
        assert house.one("SELECT count(*) FROM accounts_signinfailure") == tries + 1
        house.cut()  # everybody has something to complain of
        works(house, smtp, anna, record_property, time.monotonic())
        assert log.stat().st_size == size
    finally:
        house.logs.free()


@whole
def test_another_password_is_said_and_read_without_a_restart(
    house: SmallHouse, smtp: Holding, anna: Person, record_property: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    """F21. The administrator of the database changes it; ours writes it down later."""
    house.ask_and_commit(f"ALTER ROLE {ROLE} PASSWORD 'second'")
    try:
        house.cut()
        eventually("it is refused", lambda: answer(house) == (503, "5"))
        assert program.examine(house.plan, []) == 1
        assert "password authentication failed" in capsys.readouterr().out
        house.let_in("second")
        works(house, smtp, anna, record_property, time.monotonic())
    finally:
        house.ask_and_commit(f"ALTER ROLE {ROLE} PASSWORD 'first'")
        house.let_in("first")


@whole
def test_its_disk_is_slow(house: SmallHouse, smtp: Holding, anna: Person, record_property: Record) -> None:
    """F29. Each fsync takes 200 ms longer: everything takes longer, nothing is given up."""
    if not may_watch():
        pytest.skip("strace may not watch")
    log = house.folder / "strace"
    inject = "inject=fsync,fdatasync:delay_enter=200000"
    watch = ["strace", "-f", "-qq", "-e", "trace=fsync,fdatasync", "-e", inject, "-o", str(log)]
    with subprocess.Popen([*watch, "-p", str(house.server.pid)], stderr=subprocess.DEVNULL) as strace:
        try:
            eventually("it is watched", lambda: traced(house.server.pid) == strace.pid)
            house.cut()  # connections made from now on are slow
            eventually("web is well", lambda: house.status("/healthz") == 200)
            before = anna.resent
            works(house, smtp, anna, record_property, time.monotonic())
            assert anna.resent == before, "somebody was refused"
            eventually("it was slow", lambda: "(DELAYED)" in log.read_text())
        finally:
            strace.terminate()


def traced(pid: int | None) -> int:
    """By whom."""
    found = re.search(r"TracerPid:\t(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) if found else 0


def test_the_databases_disk_is_full(house: SmallHouse, smtp: Holding, anna: Person, record_property: Record) -> None:
    """F24. Refused in words, nothing of what was acknowledged lost, well again as soon as there is room."""
    if not house.data.mounted:
        pytest.skip("no file system of our own may be mounted here")
    count = "SELECT count(*) FROM desk_ticket"
    before, acknowledged = house.one(count), 0
    house.data.fill()
    try:
        for _attempt in range(200):
            form = {
                "key": str(uuid.uuid4()),
                "impact": "cannot_enter",
                "text": token_hex(3000),
                "contact_email": "anna@kill.example",
            }
            status, headers, body = anna._once("POST", "/requests/new/", form)
            if status == 503:
                break
            acknowledged += 1
            assert status == 302
        assert (status, headers.get("retry-after")) == (503, "5")
        assert "Traceback" not in body
        assert anna._once("GET", "/requests/", None)[0] in (200, 503)
    finally:
        house.data.free()
    began = time.monotonic()
    house.bring_back()
    eventually("all is read", lambda: house.one(count) >= before + acknowledged)
    works(house, smtp, anna, record_property, began)
    record_property("lost", before + acknowledged + 1 - house.one(count))
    assert house.one(count) == before + acknowledged + 1

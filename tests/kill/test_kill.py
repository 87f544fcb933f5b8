"""SIGKILL of web, worker and PostgreSQL at random moments of intake, reply and closing: nothing lost, nothing doubled.

PROVODNIK_KILL_ROUNDS: how many kills (100). PROVODNIK_KILL_SEED: the seed of the moments (random, told at a failure).
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from provodnik.desk.tests.factories import PASSWORD
from tests.kill.house import House, Person
from tests.kill.house import eventually as eventually_
from tests.kill.seed import MAIL_USER
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpCatcher

logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd tells every line

pytestmark = [pytest.mark.kill, pytest.mark.server]

ROUNDS = int(os.environ.get("PROVODNIK_KILL_ROUNDS", "100"))
SEED = int(os.environ.get("PROVODNIK_KILL_SEED", "0")) or random.randrange(1, 10**6)
WHOM = {"worker": 34, "web": 24, "backend": 28, "postgres": 8, "granian": 6}
# Kept waiting jobs that are asked for again and again by the clock, and have nothing to lose.
PERIODIC = "('core.rescue', 'core.sweep', 'desk.look_for_mail', 'desk.settle_left', 'desk.deadlines', 'desk.fetch', \
'channels.send_due', 'notify.sweep')"


class Moments:
    """What is just happening, so that a kill falls into the middle of it: a kind of work → an event that it began."""

    KINDS = ("form", "letter", "sending")

    def __init__(self) -> None:
        self._began = {kind: threading.Event() for kind in self.KINDS}

    def begins(self, kind: str) -> None:
        self._began[kind].set()

    def wait_for(self, kind: str, seconds: float) -> bool:
        self._began[kind].clear()
        return self._began[kind].wait(seconds)


class WatchedSmtp(SmtpCatcher):
    """Tells when a letter is being handed over: the moment between the server's 250 and our mark (F03)."""

    moments: Moments

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        self.moments.begins("sending")
        return answer


class Life:
    """Requester, specialist and letters, all at once, for as long as there is something to kill."""

    def __init__(self, house: House, dovecot: Dovecot, moments: Moments) -> None:
        self.house, self.dovecot, self.moments = house, dovecot, moments
        self.over = threading.Event()
        self.acknowledged: list[str] = []  # markers of texts that must be there, each once
        self.longest_silence = 0.0  # seconds between two of them: so long it took, at worst, until all was well
        self._last = time.monotonic()
        self.closed: list[int] = []
        self.letters: list[str] = []  # markers of letters put into the mailbox
        self.copies = 0
        self.wrong: list[BaseException] = []
        self._opened: list[int] = []
        self._lock = threading.Lock()
        self.anna = Person(house, "anna", lambda: moments.begins("form"))
        self.boris = Person(house, "boris", lambda: moments.begins("form"))
        self._threads = [
            threading.Thread(target=self._guarded, args=(work,)) for work in (self.ask, self.work, self.post)
        ]

    def begin(self) -> None:
        for person in (self.anna, self.boris):
            person.sign_in(PASSWORD)
        self._last = time.monotonic()
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """What ends by itself (granian, whose workers died too often just now) is started again until all have their
        answers, as a supervisor would."""
        self.over.set()
        deadline = time.monotonic() + 240
        while any(thread.is_alive() for thread in self._threads):
            assert time.monotonic() < deadline, "somebody still waits for an answer"
            self.house.tend()
            time.sleep(0.05)
        assert not self.wrong, self.wrong

    def _guarded(self, work: Any) -> None:
        try:
            work()
        except BaseException as error:
            self.wrong.append(error)

    def _acknowledge(self, marker: str) -> None:
        with self._lock:
            now = time.monotonic()
            self.longest_silence, self._last = max(self.longest_silence, now - self._last), now
            self.acknowledged.append(marker)

    def ask(self) -> None:
        """The requester writes requests, and something more into every second one."""
        for count in range(10**6):
            if self.over.is_set():
                return
            marker = f"запрос{count}метка"
            number = self.anna.open(f"Не печатается ведомость, {marker}.")
            self._acknowledge(marker)
            if count % 2:
                more = f"дополнение{count}метка"
                self.anna.answer(number, f"И ещё: {more}.")
                self._acknowledge(more)
            with self._lock:
                self._opened.append(number)
            # some moments to kill in a second; more of them are more of the same, and all of it is work for the machine
            self.over.wait(0.4)

    def work(self) -> None:
        """The specialist replies to what was opened, and closes it."""
        while not self.over.is_set():
            with self._lock:
                number = self._opened.pop(0) if self._opened else None
            if number is None:
                self.over.wait(0.05)
                continue
            for mode, word in (("reply", "ответ"), ("close", "решение")):
                marker = f"{word}{number}метка"
                if self.boris.say(number, f"Смотрите: {marker}.", mode):
                    self._acknowledge(marker)
            self.closed.append(number)

    def post(self) -> None:
        """Letters arrive in bursts; every fifth one twice."""
        count = 0
        while not self.over.is_set():
            for _ in range(6):
                count += 1
                marker = f"письмо{count}метка"
                raw = letter(count, marker)
                self.dovecot.append(MAIL_USER, raw)
                self.letters.append(marker)
                if count % 5 == 0:
                    self.dovecot.append(MAIL_USER, raw)
                    self.copies += 1
            self.over.wait(3.0)


def letter(count: int, marker: str) -> bytes:
    return (
        f"From: =?utf-8?b?0JDQvdC90LA=?= <person{count % 7}@kill.example>\r\nTo: support@desk.example\r\n"
        f"Message-ID: <letter{count}@kill.example>\r\nSubject: {count}\r\nDate: Mon, 23 Nov 2026 09:12:00 +0300\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nВот: {marker}.\r\n"
    ).encode()


class Killer:
    def __init__(self, house: House, moments: Moments, rng: random.Random) -> None:
        self.house, self.moments, self.rng = house, moments, rng

    def run(self, rounds: int) -> None:
        plan = self.rng.choices(list(WHOM), weights=list(WHOM.values()), k=rounds)
        for whom in plan:
            self._wait_for_a_moment(whom)
            while not self._kill(whom):
                self.house.tend()
                time.sleep(0.05)
            self.house.tend()

    def _wait_for_a_moment(self, whom: str) -> None:
        """Something begins, and a random while later the kill comes."""
        kinds = {"worker": ("letter", "sending", "sending"), "web": ("form",), "granian": ("form",)}
        kind = self.rng.choice(kinds.get(whom, Moments.KINDS))
        if kind == "letter":
            self._wait_for_fetch(2.0)
        else:
            self.moments.wait_for(kind, 2.0)
        time.sleep(self.rng.uniform(0, 0.25 if kind == "letter" else 0.06))

    def _wait_for_fetch(self, seconds: float) -> None:
        """Until a worker looks into the mailbox."""
        deadline = time.monotonic() + seconds
        with_looking = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'desk.fetch' AND status = 'doing'"
        # by one connection: each costs PostgreSQL a process
        url = self.house.url
        with contextlib.suppress(psycopg.Error), psycopg.connect(url, connect_timeout=5, autocommit=True) as seen:
            while time.monotonic() < deadline and seen.execute(with_looking).fetchone() == (0,):
                time.sleep(0.02)

    def _kill(self, whom: str) -> bool:
        house, number = self.house, self.rng.randrange(1000)
        match whom:
            case "worker":
                return house.kill_worker(number % 2) or house.kill_worker(1 - number % 2)
            case "web":
                return house.kill_web(number)
            case "granian":
                return house.kill_granian()
            case "backend":
                return house.kill_backend(number)
            case _:
                return house.kill_postgres()


@pytest.fixture
def moments() -> Moments:
    return Moments()


@pytest.fixture
def smtp(moments: Moments) -> Iterator[WatchedSmtp]:
    server = WatchedSmtp()
    server.moments = moments
    server.start()
    yield server
    server.stop()


@pytest.fixture
def house(smtp: WatchedSmtp, dovecot: Dovecot) -> Iterator[House]:
    house = House(smtp.port, dovecot.port)
    try:
        yield house.start()
    finally:
        house.stop()


@pytest.mark.long
def test_killed_again_and_again_nothing_is_lost_and_nothing_doubled(
    house: House,
    smtp: WatchedSmtp,
    dovecot: Dovecot,
    moments: Moments,
    record_property: Callable[[str, object], None],
) -> None:
    life = Life(house, dovecot, moments)
    life.begin()
    began = time.monotonic()
    try:
        Killer(house, moments, random.Random(SEED)).run(ROUNDS)
    finally:
        told = f"seed {SEED}, kills {house.kills}, {time.monotonic() - began:.0f} s"
        print(told)  # noqa: T201 - with -s, and at a failure
        life.end()
    drained(house, life)
    assert sum(house.kills.values()) >= ROUNDS
    record_property("faults", sum(house.kills.values()))
    record_property("recovered", life.longest_silence)
    lost_or_doubled = list(texts(house, life))
    record_property("lost", sum(": 0 times" in line for line in lost_or_doubled))
    record_property("doubled", sum(": 0 times" not in line for line in lost_or_doubled))
    problems = [
        *lost_or_doubled,
        *numbers(house, life),
        *ledger(house, life, dovecot),
        *deliveries(house, smtp),
        *life.anna.strange,
        *life.boris.strange,
    ]
    assert not problems, "\n".join([told, *problems, house.said()])
    doctor(house)


def drained(house: House, life: Life) -> None:
    """Everything that waits is done: letters taken in and settled, notices composed, letters out."""

    def eventually(what: str, question: Callable[[], bool]) -> None:
        eventually_(what, lambda: (house.tend(), question())[1])

    eventually(
        "all letters are in the ledger",
        lambda: house.one("SELECT count(*) FROM channels_inbound") >= len(life.letters) + life.copies,
    )
    eventually(
        "all letters are settled and told to the mailbox",
        lambda: house.one("SELECT count(*) FROM channels_inbound WHERE state = 'received' OR NOT flagged") == 0,
    )
    waiting = (
        f"SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND task_name NOT IN {PERIODIC}"
    )
    eventually("no job waits", lambda: house.one(waiting) == 0)
    eventually("all is sent", lambda: house.one("SELECT count(*) FROM channels_outgoing WHERE state = 'pending'") == 0)


def texts(house: House, life: Life) -> Iterator[str]:
    """Whatever was acknowledged, and every letter, is there exactly once."""
    found = Counter(
        word.strip(".,")
        for (text,) in house.ask("SELECT text FROM desk_message")
        for word in str(text).split()
        if "метка" in word
    )
    expected = [*life.acknowledged, *life.letters]
    assert len(expected) > ROUNDS / 4, "hardly anything happened between the kills"
    for marker in expected:
        if found[marker] != 1:
            yield f"{marker}: {found[marker]} times"
    # sent, but never acknowledged: at most what was under way when all ended, and never twice
    for marker, count in found.items():
        if count > 1:
            yield f"{marker}: doubled, {count} times"


def numbers(house: House, life: Life) -> Iterator[str]:
    for number in life.closed:
        (row,) = house.ask("SELECT status, resolution FROM desk_ticket WHERE number = %s", number)
        if row != ("done", "solved"):
            yield f"№ {number} is {row}"
        for kind in ("registered", "closed", "replied"):
            count = house.one("SELECT count(*) FROM desk_ticketevent WHERE ticket_id = %s AND kind = %s", number, kind)
            if count != 1:
                yield f"№ {number} was {kind} {count} times"


def ledger(house: House, life: Life, dovecot: Dovecot) -> Iterator[str]:
    """fetched = stored + duplicate + rejected + quarantined; here all are good letters and some are copies."""
    states = dict(house.ask("SELECT state, count(*) FROM channels_inbound GROUP BY state"))
    wanted = {"stored": len(life.letters), "duplicate": life.copies}
    if {key: value for key, value in wanted.items() if value} != states:
        yield f"the ledger says {states}, put in were {wanted}"
    flags = dovecot.flags(MAIL_USER)
    if len(flags) != len(life.letters) + life.copies or any("\\Seen" not in each for each in flags.values()):
        yield "the mailbox was not told of every letter"


def deliveries(house: House, smtp: WatchedSmtp) -> Iterator[str]:
    """Each letter out arrived, and at most once more for each kill."""
    kills = sum(house.kills.values())
    delivered = smtp.deliveries
    rows = house.ask("SELECT message_id, state, error, key FROM channels_outgoing")
    for message_id, state, error, key in rows:
        times = delivered.pop(str(message_id), 0)
        if state != "sent" or not 1 <= times <= 1 + kills:
            yield f"letter {key}: {state} {error}, delivered {times} times"
    for message_id, times in delivered.items():
        yield f"a letter nobody knows of: {message_id}, {times} times"
    again = sum(times - 1 for times in smtp.deliveries.values())
    print(f"{len(rows)} letters sent, {again} of them once more")  # noqa: T201
    if again > kills:
        yield f"{again} repeated deliveries for {kills} kills"


def doctor(house: House) -> None:
    child = house.plan.child("doctor", "django", "doctor", "--strict")
    done = subprocess.run(
        list(child.arguments), env=dict(child.environment), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr

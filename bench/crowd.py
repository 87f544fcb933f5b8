"""A hundred specialists at work at once: how long each waits for what, and whether anything goes wrong.

Each is one browser with the workbench open, and does what assets/js/desk does:

* every POLL seconds the pulse asks what is new, every sixth time with all counters; the request that is open goes along
  («кто ещё здесь»), and the pulse asks once more right after a request was opened, with all counters after something
  was written;
* every THINKS seconds the person does one thing: seven times of ten he opens a request beside the list, twice he
  searches, once he goes to another list. So he opens five requests a minute: a desk that works fast;
* about once a minute he writes into the request that he has just opened: half of it notes, half replies.

A reply is carried out at once (PROVODNIK_REPLY_HOLD=0), which is harder for the web server than the shipped pause of
some seconds, after which the worker does it. The worker runs beside and carries all facts outside. The client itself
takes its part of the same cores.
"""

from __future__ import annotations

import asyncio
import random
import re
import statistics
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from django.conf import settings
from django.test import Client

from bench.words import FREQUENT, RARE
from provodnik.accounts.models import User
from provodnik.accounts.roles import Role
from provodnik.desk.models import Ticket
from provodnik.desk.states import Status

PEOPLE = 100
SECONDS = 40.0
WARM_UP = 5.0  # after it figures are taken
PATIENCE = 30.0  # who is not answered by then has met an error
POLL = 10.0  # as assets/js/desk/pulse.js
FULL = 6  # every so many polls all counters are asked for
THINKS = (4.0, 12.0)  # seconds between two things that one person does
SEARCHES, LISTS = 0.20, 0.10  # shares of the things; the rest is opened
WRITES = 0.19  # of the opened ones: about one text a person and minute
CSRF = "c" * 32
_FIELD = re.compile(rb'name="(revision|key|seen)"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="(revision|key|seen)"')
_SINCE = re.compile(rb'"since": ?"([^"]+)"')
_LENGTH = re.compile(r"content-length: *(\d+)")


@dataclass
class Crowd:
    """`seconds` by what was done; `wrong`: what was not answered as it should be."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def p95(self) -> dict[str, float]:
        """Milliseconds, by what was done."""
        return {
            what: 1000 * statistics.quantiles(found, n=20)[18]
            for what, found in sorted(self.seconds.items())
            if len(found) > 1
        }

    @property
    def answers(self) -> int:
        return sum(map(len, self.seconds.values()))


def measure(port: int, say: Callable[[str], None]) -> Crowd:
    host = f"127.0.0.1:{port}"
    cookies = [_signed_in(number, host) for number in range(PEOPLE)]
    numbers = list(Ticket.objects.filter(status=Status.IN_PROGRESS.value).values_list("pk", flat=True)[:2000])
    crowd = Crowd()
    asyncio.run(_work(port, cookies, numbers, crowd))
    for what, p95 in crowd.p95().items():
        found = crowd.seconds[what]
        middle = 1000 * statistics.median(found)
        say(f"  {PEOPLE} at once, {what:7} {len(found):5} times  p50 {middle:5.0f}  p95 {p95:5.0f} ms")
    for wrong in sorted(set(crowd.wrong))[:5]:
        say(f"  wrong, {crowd.wrong.count(wrong)} times: {wrong}")
    return crowd


def _signed_in(number: int, host: str) -> str:
    login = f"crowd{number}"
    user = User.objects.filter(login=login).first() or User.objects.create(
        login=login, full_name=f"Сотрудник {number}", roles=[Role.SPECIALIST.value], password="!"
    )
    client = Client(headers={"host": host})
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={CSRF}"


async def _work(port: int, cookies: list[str], numbers: list[int], crowd: Crowd) -> None:
    begins = time.monotonic()
    people = [_Person(no, port, cookie, numbers, crowd, begins) for no, cookie in enumerate(cookies)]
    await asyncio.gather(*(person.works() for person in people), *(person.looks() for person in people))
    for person in people:
        person.leaves()


class _Person:
    """One browser with two connections: the page's own requests, and its pulse."""

    def __init__(self, no: int, port: int, cookie: str, numbers: list[int], crowd: Crowd, begins: float) -> None:
        self.numbers, self.crowd = numbers, crowd
        self.counts_from = begins + WARM_UP
        self.ends = self.counts_from + SECONDS
        self.random = random.Random(no)
        self.hand, self.pulse = _Line(port, cookie), _Line(port, cookie)
        self.since = str(int(time.time() * 1_000_000))  # microseconds, as the page has it
        self.asking = asyncio.Lock()
        self.opened = 0
        self.seen = "0"

    def leaves(self) -> None:
        """Only now: the pulse asks after what the hand has done, too."""
        self.hand.close()
        self.pulse.close()

    async def looks(self) -> None:
        await asyncio.sleep(self.random.uniform(0, POLL))
        turn = self.random.randrange(FULL)
        while time.monotonic() < self.ends:
            turn += 1
            await self._look(full=turn % FULL == 0)
            await asyncio.sleep(min(POLL, max(0.0, self.ends - time.monotonic())))

    async def _look(self, *, full: bool) -> None:
        query = {"view": "open", "since": self.since, **({"full": "1"} if full else {})}
        if self.opened:
            query |= {"n": str(self.opened), "seen": self.seen, "here": ""}
        async with self.asking:  # the script never asks twice at once
            asked = self.pulse.ask("GET", f"/desk/pulse?{urlencode(query)}")
            body = await self._timed("poll", asked, {200, 204})
        found = _SINCE.search(body)
        self.since = found[1].decode() if found else self.since

    async def works(self) -> None:
        await asyncio.sleep(self.random.uniform(0, THINKS[1]))
        await self._timed("list", self.hand.ask("GET", "/desk/?view=open"), {200})
        while time.monotonic() < self.ends:
            await asyncio.sleep(self.random.uniform(*THINKS))
            await self._one_thing()

    async def _one_thing(self) -> None:
        what = self.random.random()
        if what < SEARCHES:
            words = quote(self.random.choice([FREQUENT, *RARE]))
            await self._timed("search", self.hand.ask("GET", f"/desk/search?q={words}"), {200})
        elif what < SEARCHES + LISTS:
            view = self.random.choice(["open", "mine"])
            await self._timed("list", self.hand.ask("GET", f"/desk/?view={view}"), {200})
        else:
            number = self.random.choice(self.numbers)
            page = await self._timed("open", self.hand.ask("GET", f"/desk/{number}?view=open", piece=True), {200})
            values = {name.decode(): value.decode() for name, value in _fields(page)}
            self.opened, self.seen = number, values.get("seen", "0")
            await self._look(full=False)
            if self.random.random() < WRITES:
                await self._write(number, values)
                await self._look(full=True)

    async def _write(self, number: int, values: dict[str, str]) -> None:
        data = {
            "mode": self.random.choice(["note", "reply"]),
            "text": "Посмотрели: показания приняты, проверьте, пожалуйста.",
            "revision": values.get("revision", "0"),
            "seen": values.get("seen", "0"),
            "key": str(uuid.uuid4()),
            "resolution": "solved",
        }
        # 409: somebody answered meanwhile, and the page says so: what the product promises
        asked = self.hand.ask("POST", f"/desk/{number}/say?view=open", urlencode(data), piece=True)
        await self._timed("write", asked, {200, 409})

    async def _timed(self, what: str, asked: Awaitable[tuple[int, bytes]], wanted: set[int]) -> bytes:
        counts, begun = time.monotonic() > self.counts_from, time.perf_counter()
        try:
            status, body = await asked
        except (OSError, asyncio.IncompleteReadError) as error:
            self.crowd.wrong.append(f"{what}: {type(error).__name__}")
            return b""
        took = time.perf_counter() - begun
        if status not in wanted:
            self.crowd.wrong.append(f"{what}: {status}")
        if counts:
            self.crowd.seconds.setdefault(what, []).append(took)
        return body


def _fields(page: bytes) -> list[tuple[bytes, bytes]]:
    return [(one or four, two if one else three) for one, two, three, four in _FIELD.findall(page)]


class _Line:
    """A connection that is kept open; one question at a time."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, body: str = "", *, piece: bool = False) -> tuple[int, bytes]:
        """Status and content. `piece`: asked by the script, for a part of the page. A connection that failed is not
        used again. Raises OSError (TimeoutError among them), asyncio.IncompleteReadError."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._ask(method, path, body, piece)
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            raise

    async def _ask(self, method: str, path: str, body: str, piece: bool) -> tuple[int, bytes]:
        if self.reader is None or self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
        data = body.encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {self.cookie}\r\n"
        if piece:
            head += "HX-Request: true\r\nHX-Target: pane\r\n"
        if method == "POST":
            head += f"X-CSRFToken: {CSRF}\r\nContent-Length: {len(data)}\r\n"
            head += "Content-Type: application/x-www-form-urlencoded\r\n"
        self.writer.write(head.encode() + b"\r\n" + data)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        found = _LENGTH.search(answer)
        content = await self.reader.readexactly(int(found[1])) if found else b""
        return int(answer.split(" ", 2)[1]), content

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None

"""A hundred specialists at work at once: each has the queue open, asks what is new every ten seconds as the page does,
opens requests, writes notes and replies, searches. How long each waits, and whether anything goes wrong."""

from __future__ import annotations

import asyncio
import random
import re
import statistics
import time
import uuid
from collections.abc import Callable
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
SECONDS = 30.0
WARM_UP = 3.0
POLL = 10.0  # as assets/js/desk/pulse.js
PAUSE = (3.0, 7.0)  # between two things that one person does
CSRF = "c" * 32
_FIELD = re.compile(rb'name="(revision|key|seen)"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="(revision|key|seen)"')


@dataclass
class Crowd:
    """`seconds` by what was done; `wrong`: what was not answered as it should be."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def p95(self, what: str | None = None) -> float:
        """Milliseconds."""
        found = self.seconds.get(what, []) if what else [one for all_ in self.seconds.values() for one in all_]
        return 1000 * statistics.quantiles(found, n=20)[18] if len(found) > 1 else 0.0

    @property
    def answers(self) -> int:
        return sum(map(len, self.seconds.values()))


def measure(port: int, say: Callable[[str], None]) -> Crowd:
    host = f"127.0.0.1:{port}"
    cookies = [_signed_in(number, host) for number in range(PEOPLE)]
    numbers = list(Ticket.objects.filter(status=Status.IN_PROGRESS.value).values_list("pk", flat=True)[:2000])
    crowd = Crowd()
    asyncio.run(_work(port, cookies, numbers, crowd))
    for what in sorted(crowd.seconds):
        say(f"  {PEOPLE} at once, {what:10} {len(crowd.seconds[what]):5} times  p95 {crowd.p95(what):6.0f} ms")
    for wrong in sorted(set(crowd.wrong))[:5]:
        say(f"  wrong: {wrong}")
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
    begins = time.monotonic() + WARM_UP
    people = [_Person(no, port, cookie, numbers, crowd, begins) for no, cookie in enumerate(cookies)]
    await asyncio.gather(*(person.works() for person in people), *(person.looks() for person in people))


class _Person:
    """One browser with two connections: the page's own requests, and its pulse."""

    def __init__(self, no: int, port: int, cookie: str, numbers: list[int], crowd: Crowd, begins: float) -> None:
        self.port, self.cookie, self.numbers, self.crowd, self.begins = port, cookie, numbers, crowd, begins
        self.ends = begins + SECONDS
        self.random = random.Random(no)
        self.since = str(int(time.time() * 1000))

    async def looks(self) -> None:
        line = _Line(self.port, self.cookie)
        await asyncio.sleep(self.random.uniform(0, POLL))
        turn = 0
        while time.monotonic() < self.ends:
            turn += 1
            full = "&full=1" if turn % 6 == 0 else ""
            body = await self._timed(
                "pulse", line.ask("GET", f"/desk/pulse?since={self.since}&view=open{full}"), {200, 204}
            )
            found = re.search(rb'"since": ?"([^"]+)"', body)
            self.since = found[1].decode() if found else self.since
            await asyncio.sleep(POLL)
        line.close()

    async def works(self) -> None:
        line = _Line(self.port, self.cookie)
        await asyncio.sleep(self.random.uniform(0, PAUSE[1]))
        await self._timed("queue", line.ask("GET", "/desk/?view=open"), {200})
        while time.monotonic() < self.ends:
            await self._one_thing(line)
            await asyncio.sleep(self.random.uniform(*PAUSE))
        line.close()

    async def _one_thing(self, line: _Line) -> None:
        what = self.random.random()
        if what < 0.2:
            words = quote(self.random.choice([FREQUENT, *RARE]))
            await self._timed("search", line.ask("GET", f"/desk/search?q={words}"), {200})
            return
        if what < 0.3:
            await self._timed("queue", line.ask("GET", f"/desk/?view={self.random.choice(['open', 'mine'])}"), {200})
            return
        number = self.random.choice(self.numbers)
        page = await self._timed("open", line.ask("GET", f"/desk/{number}?view=open"), {200})
        if what < 0.6:
            return
        values = {name.decode(): value.decode() for name, value in _fields(page)}
        data = {
            "mode": "note" if what < 0.75 else "reply",
            "text": "Посмотрели: показания приняты, проверьте, пожалуйста.",
            "revision": values.get("revision", "0"),
            "seen": values.get("seen", "0"),
            "key": str(uuid.uuid4()),
            "resolution": "solved",
        }
        # 409: somebody answered meanwhile, and the page says so: what the product promises
        await self._timed(
            "say", line.ask("POST", f"/desk/{number}/say?view=open", urlencode(data)), {200, 204, 303, 409}
        )

    async def _timed(self, what: str, asked: asyncio.Future | object, wanted: set[int]) -> bytes:
        begun = time.perf_counter()
        try:
            status, body = await asked  # type: ignore[misc]
        except (OSError, asyncio.IncompleteReadError) as error:
            self.crowd.wrong.append(f"{what}: {type(error).__name__}")
            return b""
        took = time.perf_counter() - begun
        if status not in wanted:
            self.crowd.wrong.append(f"{what}: {status}")
        if time.monotonic() > self.begins:
            self.crowd.seconds.setdefault(what, []).append(took)
        return bytes(body)


def _fields(page: bytes) -> list[tuple[bytes, bytes]]:
    return [(one or four, two if one else three) for one, two, three, four in _FIELD.findall(page)]


class _Line:
    """A connection that is kept open."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie = port, cookie
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, body: str = "") -> tuple[int, bytes]:
        if self.reader is None or self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        data = body.encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {self.cookie}\r\n"
        if method == "POST":
            head += f"X-CSRFToken: {CSRF}\r\nContent-Length: {len(data)}\r\n"
            head += "Content-Type: application/x-www-form-urlencoded\r\n"
        self.writer.write(head.encode() + b"\r\n" + data)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        found = re.search(r"content-length: *(\d+)", answer)
        content = await self.reader.readexactly(int(found[1])) if found else b""
        return int(answer.split(" ", 2)[1]), content

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()

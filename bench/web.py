"""Pages under load: what they cost the whole stack, how fast they come, how many queries they take."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import people, quality
from bench.fill import LONG
from bench.load import SIDE_BY_SIDE, Ask, press
from bench.report import Line
from bench.stack import cpu_seconds
from bench.words import FREQUENT, RARE
from provodnik.accounts.models import User
from provodnik.desk.models import Customer

CSRF = "c" * 32
WARM_UP, ALONE, TOGETHER = 0.7, 1.5, 3.5  # seconds
ALONE_LONG = 7.0  # of pages whose aim is what one asker waits, and that take long


@dataclass(frozen=True)
class Page:
    """What is asked for. `aim_cpu`: milliseconds of the whole stack; `aim_queries`: at most so many."""

    name: str
    ask: Ask
    wanted: int = 200
    aim_cpu: float | None = None
    aim_queries: int | None = None
    aim_share: float | None = None  # of the bare view's throughput
    aim_p95: float | None = None  # milliseconds that one asker alone waits
    aim_slower: float | None = None  # p95 against the bare view's, at most


class Asker:
    """Requests of one signed-in person."""

    def __init__(self, user: User, host: str) -> None:
        self.client = Client(headers={"host": host})
        self.client.force_login(user)
        session = self.client.cookies[settings.SESSION_COOKIE_NAME].value
        self.head = (
            f"Host: {host}\r\nCookie: {settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={CSRF}\r\n"
        )

    def get(self, *paths: str, fragment: bool = False) -> Ask:
        """Asks for the paths in turn. `fragment`: as htmx does."""
        more = "HX-Request: true\r\n" if fragment else ""
        made = [f"GET {path} HTTP/1.1\r\n{self.head}{more}\r\n".encode() for path in paths]
        return lambda number: made[number % len(made)]

    def post(self, path: str, data: Callable[[int], dict[str, str]]) -> Ask:
        def ask(number: int) -> bytes:
            body = urlencode(data(number)).encode()
            head = f"POST {path} HTTP/1.1\r\n{self.head}X-CSRFToken: {CSRF}\r\nContent-Length: {len(body)}\r\n"
            return f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode() + body

        return ask


def nobody(host: str, path: str) -> Ask:
    """Asks for a path without being signed in: the bare view pays for no session."""
    made = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    return lambda number: made


def pages(host: str) -> list[Page]:
    """The measured pages, the bare view first."""
    desk = Asker(User.objects.get(login="specialist0"), host)
    person = Asker(User.objects.get(login="person3.5"), host)
    coordinator = Asker(User.objects.get(login="person3.0"), host)
    employee = Asker(User.objects.get(login=people.LOGIN), host)
    numbers = _long_ones()
    customer = Customer.objects.order_by("pk")[3].pk
    seven, hundreds = (quote(word) for word in RARE)
    stem = quote("гидроакустикой")
    frequent, two = quote(FREQUENT), quote(f"{FREQUENT} счётчик")
    texts = [
        f"Показания пропадают после «Сохранить», проба № {no}. Список пуст, отчёт не открывается." for no in range(50)
    ]
    return [
        Page("bare view: 25 rows of one query", nobody(host, "/bench/bare")),
        Page("queue, all open", desk.get("/desk/?view=open"), aim_cpu=8, aim_share=0.5),
        Page("queue, own", desk.get("/desk/?view=mine"), aim_cpu=8),
        Page(
            "queue, filtered by customer and priority",
            desk.get(
                f"/desk/?view=open&customer={customer}&priority=high",
                "/desk/?view=unassigned&priority=low&status=created",
            ),
        ),
        Page("archive of closed ones", desk.get("/desk/?view=closed")),
        Page(
            "request page, 20 messages",
            desk.get(*(f"/desk/{number}?view=open" for number in numbers[:-1])),
            aim_queries=12,
        ),
        Page("request page, 300 messages", desk.get(f"/desk/{numbers[-1]}?view=open"), aim_queries=12),
        Page(
            "search, rare word (7 requests)", desk.get(f"/desk/search?q={seven}", f"/desk/search?q={stem}"), aim_cpu=15
        ),
        Page("search, word of 300 requests", desk.get(f"/desk/search?q={hundreds}"), aim_cpu=15),
        Page("search, frequent word (every third)", desk.get(f"/desk/search?q={frequent}"), aim_cpu=15),
        Page("search, two words", desk.get(f"/desk/search?q={two}"), aim_cpu=15),
        Page("own requests", person.get("/requests/")),
        Page(
            "company's requests, searched",
            coordinator.get(f"/requests/?scope=company&q={frequent}", f"/requests/?scope=company&q={hundreds}"),
        ),
        Page(
            "creating a request",
            person.post(
                "/requests/new/",
                lambda no: {
                    "key": str(uuid.uuid4()),
                    "impact": "cannot_enter",
                    "text": texts[no % len(texts)],
                    "contact_email": "person3.5@vk3.example",
                    "share": "on",
                    "page": "/requests/",
                },
            ),
            wanted=302,
            aim_cpu=12,
        ),
        *(
            Page(name, Asker(User.objects.get(login=quality.LEAD), host).get(*paths), aim_p95=1000)
            for name, paths in quality.addresses().items()
        ),
        *(
            Page(name, employee.get(*paths, fragment=name in people.FRAGMENTS), aim_slower=people.AIM)
            for name, paths in people.addresses().items()
        ),
    ]


def _long_ones() -> list[int]:
    """Requests with a long conversation, the longest last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ticket_id FROM desk_message GROUP BY 1 HAVING count(*) >= %s ORDER BY count(*), 1", [min(LONG)]
        )
        found = [row[0] for row in cursor.fetchall()]
    return found[-len(LONG) :]


def queries(page: Page) -> int:
    """How many queries the page takes, transactions' own statements included."""
    request = page.ask(0)
    head, _sep, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _version = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    client = Client(headers={"host": headers["Host"], **({"x-csrftoken": CSRF} if method == "POST" else {})})
    for pair in filter(None, headers.get("Cookie", "").split("; ")):
        name, value = pair.split("=", 1)
        client.cookies[name] = value
    if method == "GET":
        client.get(path)  # what a process learns once (calendars, templates) is no cost of a page
    with CaptureQueriesContext(connection) as caught:
        if method == "POST":
            response = client.post(path, data=body.decode(), content_type=headers["Content-Type"])
        else:
            response = client.get(path)
    if response.status_code != page.wanted:
        raise RuntimeError(f"{page.name}: {response.status_code}")
    return len(caught)


def measure(page: Page, port: int, roots: Sequence[int | None]) -> Line:
    counted = queries(page)
    press(port, page.ask, wanted=page.wanted, seconds=WARM_UP, lines=SIDE_BY_SIDE)
    patience = ALONE if page.aim_p95 is None else ALONE_LONG
    alone = press(port, page.ask, wanted=page.wanted, seconds=patience, lines=1, first=100_000)
    before = cpu_seconds(*roots)
    together = press(port, page.ask, wanted=page.wanted, seconds=TOGETHER, lines=SIDE_BY_SIDE, first=200_000)
    cpu = cpu_seconds(*roots) - before
    if alone.wrong or together.wrong:
        raise RuntimeError(f"{page.name}: {alone.wrong + together.wrong} wrong answers")
    return Line(
        name=page.name,
        queries=counted,
        cpu=1000 * cpu / len(together.seconds),
        p50=alone.percentile(0.50),
        p95=alone.percentile(0.95),
        a_second=together.a_second,
        aim_cpu=page.aim_cpu,
        aim_queries=page.aim_queries,
        aim_share=page.aim_share,
        aim_p95=page.aim_p95,
        aim_slower=page.aim_slower,
    )

"""The whole house in real processes, for killing: a private PostgreSQL that waits for the disk, granian, two workers.

The product's own functions start everything; what a supervisor does (start again what died) is done here at once and
without its growing pauses, so that a hundred kills fit into a minute and a half.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from provodnik.lifecycle.postgres import EmbeddedPostgres
from provodnik.lifecycle.program import Plan, granian_arguments, step, worker_arguments
from tests import template
from tests.harness import fresh_folder
from tests.kill.warm import Forked, Maker
from tests.servers.ports import free_port

PATIENCE = 120.0  # seconds for anything to come true on a busy machine
LOGINS = ("anna", "boris")


def eventually(what: str, question: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Ask until the answer is yes; a database that is away answers no."""
    began = time.monotonic()
    told: object = None
    while (waited := time.monotonic() - began) < seconds:
        try:
            if question():
                return
        except psycopg.Error as error:
            told = error
        time.sleep(0.05 if waited < 1 else 0.2)  # each question may cost PostgreSQL a process
    raise AssertionError(f"never came true: {what} ({told or ''})")


class House:
    """`web`, `workers` and `server` are what there is to kill."""

    def __init__(self, smtp_port: int, imap_port: int) -> None:
        self.folder = fresh_folder()
        self.port = free_port()
        self.server = EmbeddedPostgres(self.folder / "data")
        self.maker: Maker | None = None
        self.web: Forked | None = None
        self.workers: list[Forked] = []
        self.kills: dict[str, int] = {}
        self._before = {name: os.environ.get(name) for name in self._settings(smtp_port, imap_port)}
        os.environ.update(self._settings(smtp_port, imap_port))
        self.plan = Plan(
            data_dir=self.folder / "data",
            database_url="",
            base_url=f"http://127.0.0.1:{self.port}",
            host="127.0.0.1",
            port=self.port,
            web_workers=2,
            web_threads=4,
            worker_concurrency=4,
        )
        self.url = ""
        self.log = (self.folder / "log").open("ab")

    def _settings(self, smtp_port: int, imap_port: int) -> dict[str, str]:
        return {
            "PROVODNIK_BASE_URL": f"http://127.0.0.1:{self.port}",
            "PROVODNIK_MAIL_POLL": "1",
            "PROVODNIK_REPLY_HOLD": "0",
            "PROVODNIK_WORKER_PATIENCE": "4",
            "KILL_SMTP_PORT": str(smtp_port),
            "KILL_IMAP_PORT": str(imap_port),
        }

    # -- life ----------------------------------------------------------------------------------------------

    def start(self) -> House:
        self.url = self.server.start()
        template.restore(self.url)
        self.plan = replace(self.plan, database_url=self.url)
        self.maker = Maker(self.plan.environment(), self.log)
        self._prepare()
        step(self.plan, "tests.kill.seed")
        self.web = self._start_web()
        self.workers = [self._start_worker() for _ in range(2)]
        eventually("the web server answers", lambda: self.status("/healthz") == 200)
        return self

    def _prepare(self) -> None:
        """As a start does; static files that another house has compressed are taken from it."""
        ours, shared = self.folder / "data" / "static", template.folder() / "static"
        if shared.exists():
            shutil.copytree(shared, ours)
        step(self.plan, "django", "prepare")
        if not shared.exists():
            copy = shared.with_name(f"static.{self.port}")
            shutil.copytree(ours, copy)
            with contextlib.suppress(OSError):  # the other house was quicker
                copy.rename(shared)

    def tend(self) -> None:
        """Start again what has ended by itself: granian gives up when its workers die too often."""
        if self.web is not None and self.web.poll() is not None:
            self.web = self._start_web()
        for which, process in enumerate(self.workers):
            if process.poll() is not None:
                self.workers[which] = self._start_worker()

    def _start_web(self) -> Forked:
        assert self.maker is not None
        return self.maker.make("web", granian_arguments(self.plan))

    def _start_worker(self) -> Forked:
        assert self.maker is not None
        return self.maker.make("worker", worker_arguments(self.plan)[1:])

    def stop(self) -> None:
        for process in [self.web, *self.workers]:
            if process is not None:
                _end(process)
        if self.maker is not None:
            self.maker.stop()
        self.server.stop()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    def said(self) -> str:
        """The last words of all processes."""
        return (self.folder / "log").read_text(errors="replace")[-6000:] + self.server.home.log_tail(0)[-3000:]

    # -- death ---------------------------------------------------------------------------------------------

    def _count(self, what: str) -> None:
        self.kills[what] = self.kills.get(what, 0) + 1

    def kill_worker(self, which: int) -> bool:
        """Kill a worker of jobs, start another; False when it has not begun to work yet."""
        process = self.workers[which]
        if process.poll() is None and not is_connected(process.pid):
            return False
        _end(process)
        self.workers[which] = self._start_worker()
        self._count("worker")
        return True

    def kill_web(self, number: int) -> bool:
        """Kill one of granian's two workers (granian starts another); False when none is ready."""
        assert self.web is not None
        below = [pid for pid in children(self.web.pid) if serves(pid)]
        if not below:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(below[number % len(below)], signal.SIGKILL)
        self._count("web")
        return True

    def kill_granian(self) -> bool:
        """Kill the whole web server and start it again."""
        assert self.web is not None
        _end(self.web)
        self.web = self._start_web()
        self._count("granian")
        return True

    def kill_backend(self, number: int) -> bool:
        """Kill one backend: PostgreSQL cuts all connections and recovers from its log, as after a crash."""
        try:
            rows = self.ask(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend' ORDER BY pid"
            )
        except psycopg.Error:
            return False  # it is still recovering from the last time
        if not rows:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(str(rows[number % len(rows)][0])), signal.SIGKILL)
        self._count("backend")
        return True

    def kill_postgres(self) -> bool:
        """Kill the postmaster and bring the server back as the supervisor does."""
        assert self.server.pid is not None
        os.kill(self.server.pid, signal.SIGKILL)
        self.server.stop()
        self.server.start()
        self._count("postgres")
        return True

    # -- questions -----------------------------------------------------------------------------------------

    def ask(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url, connect_timeout=5) as connection:
            return connection.execute(sql, values or None).fetchall()

    def one(self, sql: str, *values: object) -> int:
        return int(str(self.ask(sql, *values)[0][0]))

    def status(self, path: str) -> int | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers={"Host": f"127.0.0.1:{self.port}"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def people(self) -> dict[str, str]:
        return dict(json.loads((self.folder / "data" / "people.json").read_text()))


def _end(process: Forked) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def is_connected(pid: int) -> bool:
    """Whether a worker of jobs has come as far as talking with the database; one killed earlier did no work."""
    with contextlib.suppress(OSError):
        return any(link.readlink().name.startswith("socket:") for link in Path(f"/proc/{pid}/fd").iterdir())
    return False


def serves(pid: int) -> bool:
    """Whether a web worker has its threads."""
    with contextlib.suppress(OSError):
        return len(list(Path(f"/proc/{pid}/task").iterdir())) > 1
    return False


def children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in (task / "children").read_text().split()]
    return sorted(found)


class Person:
    """A browser that does not give up: it sends the same form again until somebody answers it."""

    def __init__(self, house: House, login: str, before_sending: Callable[[], None]) -> None:
        self.house, self.login, self.before_sending = house, login, before_sending
        self.cookies: dict[str, str] = {}
        self.resent = 0
        self.strange: list[str] = []  # answers that must not happen

    def sign_in(self, password: str) -> None:
        self.request("GET", "/sign-in/")
        status, _headers, body = self.request("POST", "/sign-in/", {"login": self.login, "password": password})
        assert status == 302, body[:2000]

    def request(self, method: str, path: str, data: dict[str, str] | None = None) -> tuple[int, dict[str, str], str]:
        """Try until there is an answer that is no refusal for now (503, cut connection)."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                status, headers, body = self._once(method, path, data)
            except (OSError, http.client.HTTPException):
                self.resent += 1
                time.sleep(0.05)
                continue
            if status == 503:
                assert headers.get("retry-after"), "503 without Retry-After"
                self.resent += 1
                time.sleep(0.1)
                continue
            if status >= 500:
                self.strange.append(f"{status} {method} {path}")
            return status, headers, body
        raise AssertionError(f"nobody answered {method} {path} in {PATIENCE} s:\n{self.house.said()}")

    def _once(self, method: str, path: str, data: dict[str, str] | None) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=30)
        headers = {"Host": f"127.0.0.1:{self.house.port}", "Referer": f"http://127.0.0.1:{self.house.port}/"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if data is not None:
            token = self.cookies.get("provodnik_csrf", "")
            body = urlencode({"csrfmiddlewaretoken": token, **data}).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            self.before_sending()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        finally:
            connection.close()
        for value in response.headers.get_all("Set-Cookie") or []:
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.partition(";")[0].strip('"')
        return response.status, {key.lower(): value for key, value in response.headers.items()}, text

    # -- what people do ------------------------------------------------------------------------------------

    def open(self, text: str) -> int:
        """Send «Обратная связь»; the number that was acknowledged."""
        form = {
            "key": str(uuid.uuid4()),
            "impact": "cannot_enter",
            "text": text,
            "contact_email": f"{self.login}@kill.example",
        }
        status, headers, body = self.request("POST", "/requests/new/", form)
        assert status == 302, (status, body[:2000])
        found = re.search(r"/requests/(\d+)/receipt/", headers["location"])
        assert found, headers
        return int(found[1])

    def answer(self, number: int, text: str) -> None:
        status, _headers, body = self.request(
            "POST", f"/requests/{number}/answer/", {"key": str(uuid.uuid4()), "text": text}
        )
        assert status == 302, (status, body[:2000])

    def say(self, number: int, text: str, mode: str) -> bool:
        """Reply or close as a specialist. False when the request was closed meanwhile (a withdrawal)."""
        key = str(uuid.uuid4())
        for _attempt in range(20):
            _status, _headers, page = self.request("GET", f"/desk/{number}")
            form = {"key": key, "text": text, "mode": mode, "resolution": "solved", **hidden(page)}
            status, _headers, body = self.request("POST", f"/desk/{number}/say", form)
            if status in (302, 303):
                return True
            if status != 409:
                raise AssertionError(f"{status}: {errors_of(body)}")
        raise AssertionError("changed meanwhile twenty times")


def hidden(page: str) -> dict[str, str]:
    """`revision` and `seen` of the form for saying something."""
    found = {}
    for name in ("revision", "seen"):
        tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
        value = re.search(r'value="(\d*)"', tag[0]) if tag else None
        if value:
            found[name] = value[1]
    return found


def errors_of(page: str) -> str:
    return " ".join(re.findall(r"<[^>]*(?:error|alert)[^>]*>([^<]*)<", page))[:1000] or page[:500]

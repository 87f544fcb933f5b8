"""What the commands of the program do, given settings as plain values (`Plan`)."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from provodnik.lifecycle import notifying, standing
from provodnik.lifecycle.binaries import PostgresProblem, choose
from provodnik.lifecycle.children import die_with_parent
from provodnik.lifecycle.home import prepare
from provodnik.lifecycle.postgres import EmbeddedPostgres
from provodnik.lifecycle.supervisor import Child, Supervisor
from provodnik.lifecycle.waiting import answers, port_is_free, wait_for_database, why_away
from provodnik.lifecycle.words import gettext as _

PACKAGE_ROOT = Path(__file__).resolve().parents[2]
GRANIAN_TARGET = "provodnik.config.rsgi:application"
STOP_SECONDS = 25  # granian's patience with requests under way


class Stopped(Exception):
    """A step failed, and what there was to say has been said. `code`: the exit status."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Plan:
    """The settings that starting needs. An empty `database_url` means the private PostgreSQL."""

    data_dir: Path
    database_url: str
    base_url: str
    host: str
    port: int
    web_workers: int
    web_threads: int
    worker_concurrency: int

    def environment(self) -> dict[str, str]:
        """For our own children: the same settings, whatever their working folder."""
        path = os.environ.get("PYTHONPATH")
        return {
            **os.environ,
            "PROVODNIK_DATA_DIR": str(self.data_dir),
            "PROVODNIK_DATABASE_URL": self.database_url,
            "DJANGO_SETTINGS_MODULE": "provodnik.config.settings",
            "PYTHONPATH": os.pathsep.join([str(PACKAGE_ROOT), *([path] if path else [])]),
        }

    def child(self, name: str, *arguments: str, extra: Mapping[str, str] | None = None) -> Child:
        command = [sys.executable, "-m", *arguments]
        return Child(name, command, {**self.environment(), **(extra or {})})


def say(words: str) -> None:
    """What cannot be written (a full disk under the log) stops nobody."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{words}\n")
        sys.stdout.flush()


@contextlib.contextmanager
def database(plan: Plan) -> Iterator[tuple[Plan, EmbeddedPostgres | None]]:
    """The plan with a database that answers. A private server that is ours stops at the end."""
    if plan.database_url:
        wait_for_database(plan.database_url, say)
        yield plan, None
        return
    server = EmbeddedPostgres(plan.data_dir)
    try:
        url = server.start()
        yield replace(plan, database_url=url), server
    finally:
        server.stop()


def step(plan: Plan, *arguments: str) -> None:
    """Run one step of starting as a process of its own and wait for it. Raises Stopped unless it succeeds."""
    child = plan.child("step", *arguments)
    process = subprocess.Popen(
        list(child.arguments),
        env=dict(child.environment),
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    try:
        code = process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if code != 0:
        raise Stopped(code if code > 0 else 1)


def check_port(plan: Plan) -> None:
    if not port_is_free(plan.host, plan.port):
        say(
            _(
                "Address %(host)s, port %(port)s is taken by another program (or is not of this machine). "
                "Set PROVODNIK_HOST or PROVODNIK_PORT."
            )
            % {"host": plan.host, "port": plan.port}
        )
        raise Stopped(1)


def check_whole(plan: Plan) -> None:
    """Nobody works in what a restore or an upgrade has left half-way."""
    why = standing.why_not(plan.data_dir)
    if why:
        say(why)
        raise Stopped(1)


def serve(plan: Plan, children: Sequence[Child], server: EmbeddedPostgres | None, farewell: str) -> int:
    """Keep `children` running until a signal comes; `farewell` is said when the web server answers."""
    return Supervisor(
        children,
        say,
        server,
        ready=lambda: answers(plan.host, plan.port),
        when_ready=lambda: say(farewell),
    ).run()


def start(plan: Plan) -> int:
    """Everything: database, its changes, web server, worker."""
    check_whole(plan)
    check_port(plan)
    say(_("Starting PROvodnik."))
    with database(plan) as (ready, server):
        step(ready, "django", "prepare", "--first-steps")
        children = [web_child(ready), worker_child(ready)]
        return serve(ready, children, server, _("PROvodnik works: %(url)s — Ctrl+C stops it.") % {"url": plan.base_url})


def web_child(plan: Plan) -> Child:
    return plan.child("web", "provodnik.lifecycle.webserver", *granian_arguments(plan))


def worker_child(plan: Plan) -> Child:
    return plan.child("worker", *worker_arguments(plan))


def granian_arguments(plan: Plan) -> list[str]:
    return [
        "--interface", "rsgi",
        "--host", plan.host,
        "--port", str(plan.port),
        "--workers", str(plan.web_workers),
        # Requests under way at once; most of them are bodies still coming in, which hold no thread (gateway.py).
        "--backlog", "4096",
        "--backpressure", "4096",
        "--respawn-failed-workers",
        "--respawn-interval", "0.5",
        "--workers-kill-timeout", str(STOP_SECONDS),
        # Headers, and what is read of a body at once. By default it is some 400 KB, and a header of half a megabyte
        # is refused or not by how its bytes arrive.
        "--http1-buffer-size", "65536",
        "--no-ws",
        "--log-level", "warning",
        GRANIAN_TARGET,
    ]  # fmt: skip


def worker_arguments(plan: Plan) -> list[str]:
    return [
        "django", "work",
        "--concurrency", str(plan.worker_concurrency),
        "--database-url", plan.database_url,
    ]  # fmt: skip


def one_process(plan: Plan, kind: str) -> int:
    """`web` or `worker` alone. With a database named by the administrator nothing stands above it."""
    check_whole(plan)
    make = {"web": web_child, "worker": worker_child}[kind]
    if kind == "web":
        check_port(plan)
    with database(plan) as (ready, server):
        child = make(ready)
        if server is None:
            os.execve(sys.executable, list(child.arguments), dict(child.environment))  # noqa: S606
        return Supervisor([child], say, server).run()


def keep_database(plan: Plan) -> int:
    """The private PostgreSQL alone, so that the web server and the worker may be restarted one by one."""
    with database(plan) as (_ready, server):
        notifying.ready()
        if server is None:
            say(_("PROVODNIK_DATABASE_URL names a PostgreSQL: there is none of our own to keep."))
            return 0
        return Supervisor([], say, server).run()


def which_database(plan: Plan) -> int:
    """Say which PostgreSQL would serve the data, «PostgreSQL 17.10». Raises PostgresProblem when none would."""
    if not plan.database_url:
        home = prepare(plan.data_dir)
        say(f"PostgreSQL {choose(home.data_major(), home.can_run).version()}")
    return 0


def examine(plan: Plan, arguments: Sequence[str]) -> int:
    """Doctor. He does not wait for a database that is away: that, and why, is what he has to say."""
    reason = why_away(plan.database_url) if plan.database_url else ""
    if reason:
        words = _("The database does not answer: %(reason)s") % {"reason": reason}
        found = {"problems": 1, "findings": [{"check": "database", "level": "error", "text": words}]}
        say(json.dumps(found, ensure_ascii=False, indent=2) if "--json" in arguments else words)
        return 1
    return manage(plan, ["doctor", *arguments])


def manage(plan: Plan, arguments: Sequence[str], *, needs_database: bool = True) -> int:
    """One of Django's commands, with the database running. Its exit status is ours."""
    with database(plan) if needs_database else contextlib.nullcontext((plan, None)) as (ready, _server):
        child = ready.child("manage", "django", *arguments)
        # The terminal stays the command's: a shell or a question wants it, and Ctrl+C.
        previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return subprocess.run(
                list(child.arguments),
                env=dict(child.environment),
                check=False,
                preexec_fn=_default_interrupt,
            ).returncode
        finally:
            signal.signal(signal.SIGINT, previous)


def plain(plan: Plan, arguments: Sequence[str]) -> int:
    """One of Django's commands that asks no database."""
    step(plan, "django", *arguments)
    return 0


def _default_interrupt() -> None:
    """An ignored signal stays ignored across exec(3), and Python would then not install its own handler."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def told(problem: PostgresProblem) -> int:
    say(str(problem))
    return 1

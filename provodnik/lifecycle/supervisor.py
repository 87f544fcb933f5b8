"""Keeps the product's processes running: PostgreSQL if it is our own, the web server, the worker.

Whatever dies is started again, with growing pauses if it dies at once. A signal stops all within 30 seconds.
If the supervisor itself is killed, the kernel ends its children (see children.py).
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

from provodnik.lifecycle.binaries import PostgresProblem
from provodnik.lifecycle.children import die_with_parent
from provodnik.lifecycle.postgres import EmbeddedPostgres
from provodnik.lifecycle.waiting import Say
from provodnik.lifecycle.words import gettext as _

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 10.0
STEADY_SECONDS = 10.0  # a child that lived this long is well: its next death is answered at once
STOP_SECONDS = 26.0  # for the children; PostgreSQL gets the rest of the 30
TICK = 0.5
SERVER_LOOK_SECONDS = 2.0


@dataclass(frozen=True)
class Child:
    """A process to keep running."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]


@dataclass
class _Running:
    child: Child
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_after: float = 0.0
    pause: float = FIRST_PAUSE

    def start(self, now: float) -> None:
        # Its own process group: Ctrl+C in a terminal reaches the supervisor alone, which stops them in order.
        self.process = subprocess.Popen(
            list(self.child.arguments),
            env=dict(self.child.environment),
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        self.started_at = now

    def look(self, now: float, say: Say) -> None:
        """Start it if it is due; note its death and when to start it again."""
        if self.process is None:
            if now >= self.start_after:
                self.start(now)
            return
        code = self.process.poll()
        if code is None:
            return
        self.kill_group()  # what its process group may have left behind
        self.process = None
        if now - self.started_at > STEADY_SECONDS:
            self.pause = FIRST_PAUSE
        say(
            _("The process “%(name)s” has ended (%(code)s); starting it again in %(seconds)s s.")
            % {"name": self.child.name, "code": code, "seconds": f"{self.pause:g}"}
        )
        self.start_after = now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)

    def kill_group(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def tell(self, signum: signal.Signals) -> None:
        """Signal the leader only: granian stops its own workers in order."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signum)


@dataclass
class Supervisor:
    """`run()` returns when a signal came and everything has stopped. Call it from the main thread."""

    children: Sequence[Child]
    say: Say
    server: EmbeddedPostgres | None = None
    ready: Callable[[], bool] | None = None  # asked until it says yes; then `when_ready` is called once
    when_ready: Callable[[], None] = lambda: None
    stop_signals: int = 0
    _running: list[_Running] = field(default_factory=list)
    _server_looked_at: float = 0.0

    def run(self) -> int:
        self._running = [_Running(child) for child in self.children]
        with signals(self._on_signal) as wake:
            try:
                while not self.stop_signals:
                    now = time.monotonic()
                    self._look_at_server(now)
                    for running in self._running:
                        running.look(now, self.say)
                    self._look_whether_ready()
                    wait(wake, TICK)
            finally:
                self._stop(wake)
        return 0

    def _on_signal(self, _signum: int, _frame: FrameType | None) -> None:
        self.stop_signals += 1

    def _look_at_server(self, now: float) -> None:
        """Bring a dead private PostgreSQL back; an attached one is asked seldom: it costs a connection."""
        server = self.server
        if server is None or (not server.owner and now - self._server_looked_at < SERVER_LOOK_SECONDS):
            return
        self._server_looked_at = now
        if server.alive():
            return
        self.say(_("PostgreSQL has ended; starting it again."))
        server.stop()
        try:
            server.start(cancelled=lambda: self.stop_signals > 0)
        except PostgresProblem as problem:
            self.say(str(problem))

    def _look_whether_ready(self) -> None:
        if self.ready is not None and self.ready():
            self.ready = None
            self.when_ready()

    def _stop(self, wake: int) -> None:
        """Ask politely, wait, then insist. A second Ctrl+C means: at once."""
        self.say(_("Stopping…"))
        asked = self.stop_signals
        for running in self._running:
            running.tell(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and self.stop_signals == asked:
            if all(running.process is None or running.process.poll() is not None for running in self._running):
                break
            wait(wake, 0.1)
        for running in self._running:
            running.kill_group()
            if running.process is not None:
                running.process.wait()


class signals(contextlib.AbstractContextManager[int]):
    """Within it SIGINT, SIGTERM and SIGHUP call `handler`. Gives a descriptor for `wait()`, which each of them
    and the end of a child wakes."""

    def __init__(self, handler: Callable[[int, FrameType | None], None]) -> None:
        self.handler = handler
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> int:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._wakeup_before = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._before[signum] = signal.signal(signum, self.handler)
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda _signum, _frame: None)
        return self._read

    def __exit__(self, *_details: object) -> None:
        for signum, before in self._before.items():
            signal.signal(signum, before)  # type: ignore[arg-type]
        signal.set_wakeup_fd(self._wakeup_before)
        os.close(self._read)
        os.close(self._write)


def wait(wake: int, seconds: float) -> None:
    """Sleep until a signal comes, at most `seconds`."""
    readable, _w, _x = select.select([wake], [], [], seconds)
    if readable:
        with contextlib.suppress(BlockingIOError):
            os.read(wake, 4096)

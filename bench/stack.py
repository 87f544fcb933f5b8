"""The processes that are measured, and what they cost: processor time and memory, as the kernel counts them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from provodnik.lifecycle.children import die_with_parent
from provodnik.lifecycle.program import Plan, web_child, worker_child
from provodnik.lifecycle.supervisor import Child

TICK = os.sysconf("SC_CLK_TCK")
START_SECONDS = 30


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def running(child: Child) -> Iterator[int]:
    """A process of the product, as its own supervisor would start it; gives its pid."""
    process = subprocess.Popen(
        list(child.arguments),
        env={**child.environment, "DJANGO_SETTINGS_MODULE": "bench.settings"},
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def web(plan: Plan) -> Iterator[int]:
    """The web server with the workers and threads that are shipped; ready when it answers."""
    with running(web_child(plan)) as pid:
        ends = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(OSError), socket.create_connection((plan.host, plan.port), timeout=1):
                break
            if time.monotonic() > ends:
                raise TimeoutError("the web server did not start")
            time.sleep(0.05)
        yield pid


@contextlib.contextmanager
def worker(plan: Plan) -> Iterator[int]:
    with running(worker_child(plan)) as pid:
        yield pid


def postmaster_of(url: str) -> int | None:
    """The pid of the server's first process; None when it is on another machine."""
    with psycopg.connect(url) as connection:
        backend = connection.info.backend_pid
    status = Path(f"/proc/{backend}/status")
    if not status.exists() or "postgres" not in Path(f"/proc/{backend}/comm").read_text():
        return None
    line = next(line for line in status.read_text().splitlines() if line.startswith("PPid:"))
    return int(line.split()[1])


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = [pid]
    for task in children.parent.parent.glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
                found += family(int(child))
    return found


def cpu_seconds(*pids: int | None) -> float:
    """Processor time of these processes and their descendants, those that have ended included."""
    ticks = 0
    for pid in (one for root in pids if root is not None for one in family(root)):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += sum(int(value) for value in fields[11:15])  # utime stime cutime cstime, proc(5)
    return ticks / TICK


def memory(*pids: int) -> float:
    """MB of memory that these processes and their descendants hold; what they share counts once (PSS)."""
    total = 0
    for pid in (one for root in pids for one in family(root)):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024

"""Killing a piece of work everywhere: at chosen lines of our own code, and at chosen instants of its time.

The work runs in a forked child, which kills itself with SIGKILL. A line is counted before it runs (sys.settrace, only
for the modules of `provodnik/lifecycle/{backup,restore,upgrade}`), an instant by a timer: so a child of the child, a
pg_restore in the middle of its rows, is hit, too. No interpreter is started: a round costs what the work costs.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

ROOMS = tuple(f"/provodnik/lifecycle/{room}/" for room in ("backup", "restore", "upgrade"))
QUICK = 6  # points of a sweep in `make test`
WHOLE = 60  # and where PROVODNIK_SWEEP=whole


@dataclass(frozen=True)
class Point:
    """Where to kill: before the `line`-th line, or `after` seconds."""

    line: int = 0
    after: float = 0.0


def points_wanted() -> int:
    return WHOLE if os.environ.get("PROVODNIK_SWEEP") == "whole" else QUICK


def _traced(die_at: int, told: list[int]) -> Callable[[FrameType, str, Any], Any]:
    def line(frame: FrameType, event: str, _value: Any) -> Any:
        if event == "line":
            told[0] += 1
            if told[0] == die_at:
                os.kill(os.getpid(), signal.SIGKILL)
        return line

    def call(frame: FrameType, _event: str, _value: Any) -> Any:
        name = frame.f_code.co_filename
        return line if any(room in name for room in ROOMS) and "/tests/" not in name else None

    return call


def _in_child(work: Callable[[], None], point: Point) -> tuple[int, int]:
    """(status as os.waitstatus_to_exitcode gives it, lines that ran)."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 70
        try:
            told = [0]
            if point.after:
                threading.Timer(point.after, os.kill, (os.getpid(), signal.SIGKILL)).start()
            else:
                sys.settrace(_traced(point.line, told))
            work()
            sys.settrace(None)
            os.write(writing, str(told[0]).encode())
            status = 0
        except BaseException as error:
            os.write(2, f"\n{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(status)
    os.close(writing)
    _pid, ended = os.waitpid(pid, 0)
    with os.fdopen(reading, "rb") as file:
        said = file.read(32)
    return os.waitstatus_to_exitcode(ended), int(said or b"0")


def whole(work: Callable[[], None]) -> tuple[int, float]:
    """Let it run to its end once: how many lines and seconds there are."""
    began = time.monotonic()
    status, lines = _in_child(work, Point(line=-1))
    assert status == 0, f"the work itself does not succeed ({status})"
    return lines, time.monotonic() - began


def points(lines: int, seconds: float, wanted: int) -> Iterator[Point]:
    """Two thirds of them at lines, a third at instants, evenly over the work; the first and last line among them."""
    at_lines = max(2, wanted * 2 // 3)
    for n in range(at_lines):
        yield Point(line=1 + (lines - 1) * n // (at_lines - 1))
    for n in range(wanted - at_lines):
        yield Point(after=seconds * (n + 0.5) / (wanted - at_lines))


def killed(work: Callable[[], None], point: Point) -> bool:
    """Whether it was killed there; False when it was quicker. Fails when it ended by itself badly."""
    status, _lines = _in_child(work, point)
    assert status in (0, -signal.SIGKILL), f"ended with {status} at {point}"
    return status != 0

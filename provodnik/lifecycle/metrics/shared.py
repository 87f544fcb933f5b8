"""Counters that all processes of the web server share, so that whichever of them is asked tells of all.

They lie in memory that the workers inherit (mmap(2), MAP_SHARED | MAP_ANONYMOUS), because the application is loaded
before there are workers (lifecycle/webserver.py). Each process writes into a place of its own, without a lock between
processes: one that is killed in the middle blocks nobody. The place of a process that died goes to the next one, which
counts on from there: sums never fall.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress

BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, float("inf"))  # seconds, upper bounds
STATUSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
_CELLS = len(BUCKETS) + 1  # and the sum of seconds
_WORD = 8  # bytes: both a process's number and a figure


class Counters:
    """Requests by name × status × time. `places`: for how many processes at once; who finds none counts nothing."""

    def __init__(self, names: Sequence[str], places: int) -> None:
        self.names = {name: number for number, name in enumerate(names)}
        self.width = 1 + len(names) * len(STATUSES) * _CELLS
        self.places = places
        self._memory = mmap.mmap(-1, places * self.width * _WORD)
        view = memoryview(self._memory)
        self._owners, self._figures = view.cast("q"), view.cast("d")
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # its lock is what places are given out under
        self._lock = threading.Lock()
        self._pid, self._start = 0, -1

    def count(self, name: str, status: int, seconds: float) -> None:
        """One more answer. An unknown name counts as the last one."""
        if self._pid != os.getpid():
            self._settle()
        if self._start < 0:
            return
        number = self.names.get(name, len(self.names) - 1)
        row = number * len(STATUSES) + min(max(status // 100, 1), 5) - 1
        cell = self._start + 1 + row * _CELLS
        bucket = next(place for place, bound in enumerate(BUCKETS) if seconds <= bound)
        with self._lock:  # of the threads of this process
            self._figures[cell + bucket] += 1
            self._figures[cell + len(BUCKETS)] += seconds

    def totals(self) -> dict[tuple[str, str], tuple[list[int], float]]:
        """{(name, status): (answers in each bucket alone, sum of seconds)} of all processes, without what is nought."""
        found = {}
        for name, number in self.names.items():
            for place, status in enumerate(STATUSES):
                row = 1 + (number * len(STATUSES) + place) * _CELLS
                cells = [
                    sum(self._figures[start + row + cell] for start in range(0, self.places * self.width, self.width))
                    for cell in range(_CELLS)
                ]
                if any(cells):
                    found[name, status] = ([int(count) for count in cells[:-1]], cells[-1])
        return found

    def _settle(self) -> None:
        """Take a free place, or that of a process that is gone."""
        with self._lock:
            pid = os.getpid()
            if self._pid == pid:
                return
            self._start = -1
            fcntl.lockf(self._file, fcntl.LOCK_EX)  # let go of by the kernel when its holder dies
            try:
                for start in range(0, self.places * self.width, self.width):
                    if self._owners[start] in (0, pid) or not _lives(self._owners[start]):
                        self._owners[start] = pid
                        self._start = start
                        break
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)
            self._pid = pid


def _lives(pid: int) -> bool:
    with suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True

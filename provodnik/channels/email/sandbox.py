"""Reading letters in a process of its own, which may be killed: memory, processor and wall clock are limited.

One child serves many letters and is renewed from time to time. What it does not survive is not read: the
caller puts that letter into quarantine, whole.
"""

import contextlib
import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from . import frames
from .parse.values import Understood

_CHUNK = 1024 * 1024
_ROOT = str(Path(__file__).resolve().parents[3])
_CHILD = "provodnik.channels.email.child"
_START_SECONDS = 30.0  # importing, on a busy machine; added to the first letter of a child


class NotUnderstood(Exception):
    """The letter was not read, and is to be kept as it is.

    `reason`: "time", "crash" (the processor limit and hard memory ends), "protocol" (the child spoke nonsense),
    "not_understood" (reading failed inside: no memory left, or a mistake of ours).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Understander:
    """A reading process. Safe to share between threads (one letter at a time); close it when done."""

    def __init__(self, *, seconds: float = 10.0, letters: int = 2_000, child: str = _CHILD) -> None:
        """`seconds`: wall clock for one letter; `letters`: after how many a child is renewed."""
        self._seconds = seconds
        self._letters = letters
        self._module = child
        self._process: subprocess.Popen[bytes] | None = None
        self._served = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Of the child, while there is one."""
        return self._process.pid if self._process else None

    def understand(self, raw: bytes, authserv_ids: Collection[str] = ()) -> Understood:
        """As `parse.whole.understand`. Raises NotUnderstood when the child had to be stopped."""
        with self._lock:
            process = self._started()
            limit = self._seconds + (_START_SECONDS if not self._served else 0.0)
            talk = _Talk(process, time.monotonic() + limit)
            try:
                letter = _exchange(talk, raw, authserv_ids)
            except NotUnderstood:
                self._stop()
                raise
            except (KeyError, TypeError, ValueError):
                self._stop()
                raise NotUnderstood("protocol") from None
            except BaseException:
                self._stop()  # interrupted in the middle: the next answer would be of this letter
                raise
            finally:
                talk.close()
            self._served += 1
            if isinstance(letter, str):
                self._stop()  # its memory may be full of that letter
                raise NotUnderstood(letter)
            if self._served >= self._letters:
                self._stop()
            return letter

    def close(self) -> None:
        """Ends the child and waits for it."""
        with self._lock:
            self._stop()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._stop()
        environment = {
            name: os.environ[name]
            for name in ("PATH", "LD_LIBRARY_PATH", "PROVODNIK_READER_MEMORY")
            if name in os.environ
        }
        # Nothing secret goes in: neither the settings nor the database address.
        environment |= {"PYTHONPATH": _ROOT, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._module],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            bufsize=0, env=environment, cwd="/", start_new_session=True,
        )  # fmt: skip
        self._served = 0
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()


class _Talk:
    """One question and its answer, against a deadline."""

    def __init__(self, process: subprocess.Popen[bytes], deadline: float) -> None:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the child was started without pipes")
        self._write = process.stdin.fileno()
        self._read = process.stdout.fileno()
        self._deadline = deadline
        self._buffer = bytearray()
        self._selector = selectors.DefaultSelector()
        os.set_blocking(self._write, False)
        os.set_blocking(self._read, False)

    def close(self) -> None:
        self._selector.close()

    def _wait(self, descriptor: int, event: int) -> None:
        self._selector.register(descriptor, event)
        try:
            left = self._deadline - time.monotonic()
            if left <= 0 or not self._selector.select(left):
                raise NotUnderstood("time")
        finally:
            self._selector.unregister(descriptor)

    def send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._write, view[:_CHUNK]) :]
            except BlockingIOError:
                self._wait(self._write, selectors.EVENT_WRITE)
            except OSError:
                raise NotUnderstood("crash") from None

    def receive(self, size: int) -> bytes:
        while len(self._buffer) < size:
            try:
                data = os.read(self._read, max(65_536, min(_CHUNK, size - len(self._buffer))))
            except BlockingIOError:
                self._wait(self._read, selectors.EVENT_READ)
                continue
            if not data:
                raise NotUnderstood("crash")
            self._buffer += data
        found = bytes(self._buffer[:size])
        del self._buffer[:size]
        return found


def _exchange(talk: _Talk, raw: bytes, authserv_ids: Collection[str]) -> Understood | str:
    """The letter, or the word in which the child tells that it cannot read it."""
    head = frames.pack_request(raw, authserv_ids)
    if len(raw) <= _CHUNK:
        talk.send(head + raw)
    else:
        talk.send(head)
        talk.send(raw)
    (length,) = frames.LENGTH.unpack(talk.receive(frames.LENGTH.size))
    if length > frames.LONGEST_HEADER:
        raise NotUnderstood("protocol")
    header: dict[str, Any] = json.loads(talk.receive(length))
    if "failed" in header:
        return str(header["failed"])[:40]
    files = [talk.receive(size) for size in frames.sizes(header)]
    return frames.unpack(header, files)

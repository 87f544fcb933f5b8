"""A client that asks as fast as it is answered: plain sockets kept open, whole answers read, wrong ones counted."""

from __future__ import annotations

import socket
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Ask = Callable[[int], bytes]
SIDE_BY_SIDE = 8  # as many as the server has threads


@dataclass(slots=True)
class Answers:
    """`seconds`: how long each answer took; `wrong`: those whose status was not the wanted one."""

    seconds: list[float] = field(default_factory=list)
    wrong: int = 0
    lasted: float = 0.0

    @property
    def a_second(self) -> float:
        return len(self.seconds) / self.lasted if self.lasted else 0.0

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        if len(self.seconds) < 2:
            return 1000 * sum(self.seconds)
        # inclusive: of a dozen slow answers nothing is guessed beyond the slowest
        return 1000 * statistics.quantiles(self.seconds, n=100, method="inclusive")[round(share * 100) - 1]


class Line:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None
        self.rest = self.body = b""

    def ask(self, request: bytes) -> int:
        """Send a request, read the whole answer, return its status."""
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(request)
        head = self._until(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
        )
        while len(self.rest) < length:
            self.rest += self._receive()
        self.body, self.rest = self.rest[:length], self.rest[length:]
        return int(head.split(b" ", 2)[1])

    def _until(self, mark: bytes) -> bytes:
        while mark not in self.rest:
            self.rest += self._receive()
        head, self.rest = self.rest.split(mark, 1)
        return head

    def _receive(self) -> bytes:
        assert self.socket is not None
        data = self.socket.recv(262144)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()


def press(port: int, ask: Ask, *, wanted: int, seconds: float, lines: int, first: int = 0) -> Answers:
    """Ask over `lines` connections for so long. `ask(no)` makes the request of a number, each number once."""
    found = Answers()
    guard = threading.Lock()
    numbers = iter(range(first, 10**9))
    failures: list[BaseException] = []

    def one() -> None:
        line = Line(port)
        try:
            while time.monotonic() < ends and not failures:
                with guard:
                    number = next(numbers)
                request = ask(number)
                begun = time.perf_counter()
                status = line.ask(request)
                took = time.perf_counter() - begun
                with guard:
                    found.seconds.append(took)
                    found.wrong += status != wanted
        except BaseException as failure:
            failures.append(failure)
        finally:
            line.close()

    begun = time.monotonic()
    ends = begun + seconds
    threads = [threading.Thread(target=one) for _ in range(lines)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.lasted = time.monotonic() - begun
    if failures:
        raise failures[0]
    return found

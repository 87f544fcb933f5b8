"""A database whose every answer comes late: a proxy before its socket that counts the ways there and back."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

NAME = ".s.PGSQL.5432"


class SlowWay:
    """`trips`: how often somebody had to wait for the database; each costs `delay` seconds."""

    def __init__(self, folder: Path, upstream: Path) -> None:
        self.delay, self.trips = 0.0, 0
        self._upstream = str(upstream / NAME)
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / NAME))
        self._listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._upstream)
                for come, go, asks in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._carry, args=(come, go, asks), daemon=True).start()

    def _carry(self, come: socket.socket, go: socket.socket, asks: bool) -> None:
        """What a client sends in one piece is one way there and back: it sends no more before the answer."""
        with contextlib.suppress(OSError):
            while data := come.recv(1 << 20):
                if asks:
                    self.trips += 1
                    time.sleep(self.delay)
                go.sendall(data)
        for end in (come, go):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listening.close()


@contextlib.contextmanager
def slow_database(folder: Path) -> Iterator[SlowWay]:
    """Django's connections go by it until the end."""
    usual = connection.settings_dict["HOST"]
    way = SlowWay(folder, Path(usual))
    try:
        connection.close()
        connection.close_pool()
        connection.settings_dict["HOST"] = str(folder)
        yield way
    finally:
        way.delay = 0.0
        connection.close()
        connection.close_pool()
        connection.settings_dict["HOST"] = usual
        way.close()

"""The protocol of clamd (man 8 clamd, INSTREAM): bytes go over a socket, a verdict of one line comes back.

Nothing that answers at the address is trusted: an answer is at most a few hundred bytes, the whole talk has one
deadline, and whatever is not understood is no verdict.
"""

from __future__ import annotations

import re
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

LONGEST_ANSWER = 1024  # bytes
PIECE = 64 * 1024
_NAME = re.compile(r"[^\w.\-+/:() ]")


class Verdict(StrEnum):
    """FAILED: the scanner has read the file and could not judge it (too large for it, damaged)."""

    CLEAN = "clean"
    INFECTED = "infected"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Answer:
    """`words`: what was found, or why it could not be judged; at most 100 printable characters."""

    verdict: Verdict
    words: str = ""


class Away(Exception):
    """No verdict: nobody answers, not in time, or not in this protocol. The words are for an administrator."""


def place_of(address: str) -> str | tuple[str, int]:
    """A path of a unix socket, or (host, port). Raises ValueError for what is neither `unix:/path` nor
    `tcp://host:port`."""
    kind, _mark, rest = address.partition(":")
    if kind == "unix" and rest.startswith("/"):
        return rest.removeprefix("//") if rest.startswith("///") else rest
    parts = urlsplit(address)
    if parts.scheme != "tcp" or not parts.hostname or not parts.port or parts.path or parts.query:
        raise ValueError(address)
    return parts.hostname, parts.port


@dataclass(slots=True)
class _Line:
    """A connection with one deadline for everything that is said over it."""

    socket: socket.socket
    ends: float

    def _left(self) -> float:
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def send(self, content: bytes) -> None:
        self.socket.settimeout(self._left())
        self.socket.sendall(content)

    def answer(self) -> str:
        """Up to the zero that ends it, or to the end of the talk."""
        found = b""
        while b"\0" not in found:
            self.socket.settimeout(self._left())
            piece = self.socket.recv(LONGEST_ANSWER)
            found += piece
            if not piece or len(found) > LONGEST_ANSWER:
                break
        return found.partition(b"\0")[0][:LONGEST_ANSWER].decode("utf-8", "replace").strip()


@contextmanager
def _talk(address: str, patience: float) -> Iterator[_Line]:
    """Raises Away for whatever goes wrong with the connection."""
    ends = time.monotonic() + patience
    where = place_of(address)
    family = socket.AF_UNIX if isinstance(where, str) else None
    try:
        if family is not None:
            made = socket.socket(family, socket.SOCK_STREAM)
            made.settimeout(patience)
        else:
            made = socket.create_connection(where, timeout=patience)  # type: ignore[arg-type]
        with made:
            if family is not None:
                made.connect(where)
            yield _Line(made, ends)
    except TimeoutError as error:
        raise Away("timeout") from error
    except OSError as error:
        raise Away(error.strerror or type(error).__name__) from error


def scan(chunks: Iterable[bytes], *, address: str, patience: float) -> Answer:
    """What the scanner says of these bytes. `patience`: seconds for everything. Raises Away; what the reading of
    `chunks` raises passes as it is, but for its OSErrors: read them before."""
    with _talk(address, patience) as line:
        try:
            line.send(b"zINSTREAM\0")
            for chunk in chunks:
                for start in range(0, len(chunk), PIECE):
                    piece = chunk[start : start + PIECE]
                    line.send(struct.pack(">I", len(piece)) + piece)
            line.send(struct.pack(">I", 0))
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough (StreamMaxLength) and may have said why
        return _understood(line.answer())


def _understood(said: str) -> Answer:
    body = said.partition(": ")[2] if said.startswith("stream: ") else said
    if said == "stream: OK":
        return Answer(Verdict.CLEAN)
    if said.startswith("stream: ") and body.endswith(" FOUND"):
        return Answer(Verdict.INFECTED, _NAME.sub("", body.removesuffix(" FOUND"))[:100])
    if said.endswith("ERROR"):
        return Answer(Verdict.FAILED, _NAME.sub("", body)[:100])
    raise Away("no answer of clamd" if said else "closed without an answer")


def version(*, address: str, patience: float) -> str:
    """What the scanner calls itself. Raises Away when it does not answer as clamd does."""
    with _talk(address, patience) as line:
        line.send(b"zVERSION\0")
        said = line.answer()
    if not said.startswith("ClamAV"):
        raise Away("no answer of clamd")
    return _NAME.sub("", said)[:100]

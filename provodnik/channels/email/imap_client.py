"""imaplib over a `Wire`, and the reading of what it returns."""

import base64
import contextlib
import imaplib
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from .wire import Wire, WireError, tls_context

_UID = re.compile(rb"\bUID (\d+)", re.I)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)", re.I)
_DATE = re.compile(rb'\bINTERNALDATE "([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"', re.I)
_MONTHS = [b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"]
_QUOTED_BODY = re.compile(rb'\bBODY\[[A-Z]*\](?:<\d+>)? (?:NIL\b|"((?:[^"\\]|\\.)*)")', re.I)

# What the FETCH answer of imaplib is made of: a line, or a line up to a literal with the literal.
Piece = bytes | tuple[bytes, bytes] | None


class Client(imaplib.IMAP4):
    """imaplib, whose documented hooks (open, read, readline, send, shutdown) lead to a `Wire`."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        tls: bool,
        ca_file: str | None,
        connect_timeout: float,
        timeout: float,
        exchange_timeout: float,
    ) -> None:
        self._tls = tls
        self._ca_file = ca_file
        self._connect_timeout = connect_timeout
        self._read_timeout = timeout
        self._exchange_timeout = exchange_timeout
        self.wire: Wire
        super().__init__(host, port)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        self.host = host
        self.port = port
        context = tls_context(self._ca_file) if self._tls else None
        self.wire = Wire(host, port, connect_timeout=self._connect_timeout, read_timeout=timeout or self._read_timeout)
        self.wire.begin(self._exchange_timeout, 65_536)
        if context is not None:
            try:
                self.wire.start_tls(context)
            except WireError:
                self.wire.close()
                raise

    def read(self, size: int) -> bytes:
        return self.wire.read(size)

    def readline(self) -> bytes:
        return self.wire.readline()

    def send(self, data: bytes) -> None:  # type: ignore[override]
        self.wire.sendall(data)

    def shutdown(self) -> None:
        self.wire.close()

    def secure(self) -> None:
        """STARTTLS, verified; without it an error, never a reason to go on in clear."""
        context = tls_context(self._ca_file)
        # A forged PREAUTH puts the connection past the state where STARTTLS is legal (RFC 9051, 11.3).
        if "STARTTLS" not in self.capabilities or self.state != "NONAUTH":
            raise WireError("starttls_missing")
        if self.xatom("STARTTLS")[0] != "OK":
            raise WireError("starttls_missing")
        self.wire.start_tls(context)
        # What was told in clear is forgotten (RFC 9051, 6.2.1).
        self.refresh_capabilities()

    def refresh_capabilities(self) -> None:
        answer, lines = self.capability()
        if answer == "OK" and lines and isinstance(lines[-1], bytes):
            self.capabilities = tuple(lines[-1].decode("ascii", "replace").upper().split())

    def idle(self, seconds: float) -> bool:
        """RFC 2177: wait until the mailbox changes or `seconds` pass; True when a message has come."""
        tag = b"idle" + secrets.token_hex(4).encode()
        self.wire.sendall(tag + b" IDLE\r\n")
        news = False
        line = self.wire.readline()
        while line.startswith(b"*"):
            news = news or b"EXISTS" in line.upper()
            line = self.wire.readline()
        if not line.startswith(b"+"):
            if not line:
                raise WireError("connection_lost")
            return False  # NO or BAD: the server only claims to know IDLE
        if not news and self.wire.wait(seconds):
            line = self.wire.readline()
            if line.upper().startswith(b"* BYE") or not line:
                raise WireError("connection_lost")
            news = b"EXISTS" in line.upper()
        self.wire.sendall(b"DONE\r\n")
        while not (line := self.wire.readline()).startswith(tag):
            if not line:
                raise WireError("connection_lost")
            news = news or b"EXISTS" in line.upper()
        return news


def quoted(text: str) -> str:
    """An IMAP quoted string (RFC 9051, 4.3)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def folder_name(name: str) -> str:
    """A folder's name in modified UTF-7 (RFC 3501, 5.1.3): «Заявки» is not ASCII."""
    out: list[str] = []
    for run in re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", name):
        if " " <= run[0] <= "~":
            out.append(run.replace("&", "&-"))
        else:
            code = base64.b64encode(run.encode("utf-16-be")).rstrip(b"=").replace(b"/", b",")
            out.append(f"&{code.decode()}-")
    return "".join(out)


def uid_set(uids: Iterable[int]) -> str:
    """`[1, 2, 3, 7]` → `1:3,7` (RFC 9051, sequence-set): only the numbers given, in the shortest words."""
    spans: list[list[int]] = []
    for uid in sorted(set(uids)):
        if spans and uid == spans[-1][1] + 1:
            spans[-1][1] = uid
        else:
            spans.append([uid, uid])
    return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in spans)


def batches(sizes: Sequence[tuple[int, int]], *, count: int, total: int) -> Iterator[list[tuple[int, int]]]:
    """(uid, size) pairs in groups of at most `count` letters and `total` bytes; a larger one alone."""
    group: list[tuple[int, int]] = []
    held = 0
    for uid, size in sizes:
        if group and (len(group) >= count or held + size > total):
            yield group
            group, held = [], 0
        group.append((uid, size))
        held += size
    if group:
        yield group


def read_sizes(pieces: Sequence[Piece]) -> dict[int, int]:
    """{uid: RFC822.SIZE} of a FETCH answer; what does not tell both is left out."""
    found: dict[int, int] = {}
    for piece in pieces:
        if isinstance(piece, bytes) and (uid := _UID.search(piece)) and (size := _SIZE.search(piece)):
            found.setdefault(int(uid[1]), int(size[1]))
    return found


def read_dates(pieces: Sequence[Piece]) -> dict[int, datetime]:
    """{uid: INTERNALDATE, in UTC} of a FETCH answer; an impossible moment is left out."""
    found: dict[int, datetime] = {}
    for piece in pieces:
        if isinstance(piece, bytes) and (uid := _UID.search(piece)) and (told := _DATE.search(piece)):
            day, month, year, hour, minute, second, sign, ahead, more = told.groups()
            offset = timedelta(hours=int(ahead), minutes=int(more)) * (-1 if sign == b"-" else 1)
            with contextlib.suppress(ValueError, OverflowError):
                number = _MONTHS.index(month.lower()) + 1
                moment = datetime(int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
                found.setdefault(int(uid[1]), moment - offset)
    return found


def read_bodies(pieces: Sequence[Piece]) -> dict[int, bytes]:
    """{uid: body} of a FETCH answer; of two answers under one UID the first counts.

    The UID may stand before the literal or after it; an empty body may come as NIL or a quoted string.
    """
    found: dict[int, bytes] = {}
    literal: tuple[bytes, bytes] | None = None
    for piece in pieces:
        if isinstance(piece, tuple):
            literal = piece
            uid = _UID.search(piece[0])
            if uid:
                found.setdefault(int(uid[1]), piece[1])
                literal = None
        elif piece is not None:
            uid = _UID.search(piece)
            if uid and literal is not None:
                found.setdefault(int(uid[1]), literal[1])
            elif uid and (body := _QUOTED_BODY.search(piece)):
                found.setdefault(int(uid[1]), re.sub(rb"\\(.)", rb"\1", body[1] or b""))
            literal = None
    return found

"""Between granian and the application: a request's body is read without a thread, and only then a thread is taken.

The application is WSGI: a thread each, few of them, a database connection behind each. Whoever sends a byte of his
form now and then would hold a thread for as long as he likes (safety A76), and granian has no setting against it. So
granian speaks RSGI with us: bodies are gathered by the event loop, with an end to number, size and time; what broke
off before its end never reaches the application, for half a form is no form. Answers that are files on the disk are
named to granian, which sends them without Python, at whatever pace they are read.
"""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO, Any, Protocol

from provodnik.lifecycle.words import gettext as _

Environ = dict[str, Any]
Application = Callable[..., Iterable[bytes]]

IN_MEMORY = 32 * 1024  # bytes of one body; what is larger waits on the disk
MOST_BODIES = 2_000  # under way at once
MOST_OF_ONE = 200  # of them from one address
SILENCE = 60.0  # seconds without a byte, after which the rest is not waited for
SLOWEST = 512  # bytes a second on the whole, once the first minute is over: one bar of signal gives more
LONGEST = 3600.0  # seconds for one body, however large
AT_ONCE = 1024 * 1024  # bytes of an answer that are put together rather than sent piece by piece


class Body(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...
    def close(self) -> None: ...


class Gateway:
    """An RSGI application around a WSGI one.

    `largest` is what the application takes as a body, in bytes: it refuses more by the length alone, so more is not
    read. `is_proxy` tells of an address whether it speaks for many.
    """

    def __init__(
        self,
        application: Application,
        *,
        threads: int,
        largest: int,
        is_proxy: Callable[[str], bool] = lambda address: False,
        silence: float = SILENCE,
    ) -> None:
        self.application = application
        self.largest = largest
        self.is_proxy = is_proxy
        self.silence = silence
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="web")
        self.bodies: Counter[str] = Counter()

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        run = asyncio.get_running_loop().run_in_executor
        environ = environ_of(scope)
        length = _length(environ)
        if not 0 < length <= self.largest:
            await run(self.threads, self._answer, environ, io.BytesIO(), proto)
            return
        address = scope.client.rpartition(":")[0]
        if not self._has_room(address):
            refuse(proto, 503)
            return
        with self._counted(address):
            body = await read_body(proto, length, self.silence)
        if body is not None:
            await run(self.threads, self._answer, environ, body, proto)

    def __rsgi_del__(self, loop: Any) -> None:
        self.threads.shutdown(wait=False)

    def _has_room(self, address: str) -> bool:
        if self.bodies.total() >= MOST_BODIES:
            return False
        return self.bodies[address] < MOST_OF_ONE or self.is_proxy(address)

    @contextmanager
    def _counted(self, address: str) -> Iterator[None]:
        self.bodies[address] += 1
        try:
            yield
        finally:
            self.bodies[address] -= 1
            if not self.bodies[address]:
                del self.bodies[address]

    def _answer(self, environ: Environ, body: Body, proto: Any) -> None:
        """In a thread of ours: run the application and hand its answer to the server."""
        status, headers = 500, []

        def start_response(line: str, fields: list[tuple[str, str]], exc_info: Any = None) -> None:
            nonlocal status, headers
            status, headers = int(line[:3]), fields

        environ["wsgi.input"] = body
        try:
            answer = self.application(environ, start_response)
            try:
                send(proto, status, headers, answer)
            finally:
                if close := getattr(answer, "close", None):
                    close()
        finally:
            body.close()


class File:
    """WSGI's `file_wrapper` (PEP 3333): an answer that is a file, to be sent by whoever does it best."""

    def __init__(self, file: IO[bytes], size: int = 65_536) -> None:
        self.file = file
        self.size = size

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.file.read(self.size):
            yield piece

    def close(self) -> None:
        self.file.close()

    @property
    def path(self) -> str:
        """Where the whole of it stands on the disk; nothing for a part, or for what was made in memory."""
        plain = isinstance(self.file, io.BufferedReader) and isinstance(self.file.raw, io.FileIO)
        return self.file.name if plain and isinstance(self.file.name, str) and self.file.tell() == 0 else ""


# What stands in the environment of every request (PEP 3333). The process's own variables, which CGI had here, hold
# secrets and are not for every page.
_ALWAYS: Environ = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.file_wrapper": File,
}
_NAMES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def environ_of(scope: Any) -> Environ:
    """A request as WSGI tells it. Of a header with «_» in its name nothing is told: there it could not be known from
    the one with «-», which a proxy of ours may have set (safety A37)."""
    server, _colon, port = scope.server.rpartition(":")
    environ = _ALWAYS | {
        "REQUEST_METHOD": scope.method,
        # Text that is bytes in disguise (PEP 3333): one character a byte.
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.url_scheme": scope.scheme,
    }
    for name, value in scope.headers.items():
        if "_" in name:
            continue
        key = _NAMES.get(name) or "HTTP_" + name.upper().replace("-", "_")
        if key in environ:  # RFC 9110, 5.3; cookies by RFC 6265, 5.4
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        environ[key] = value
    return environ


def _length(environ: Environ) -> int:
    text = environ.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


async def read_body(proto: Any, length: int, silence: float = SILENCE) -> Body | None:
    """A body of `length` bytes, whole; None when it broke off or took too long, and then the answer is given."""
    now = asyncio.get_running_loop().time
    ends = now() + min(LONGEST, SILENCE + length / SLOWEST)
    body = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # the thread that used it closes it
    refusal = 400  # nobody hears it
    try:
        async with asyncio.timeout(silence) as patience:
            async for piece in proto:
                body.write(piece)
                patience.reschedule(min(now() + silence, ends))
    except TimeoutError:
        refusal = 408
    if body.tell() != length:
        body.close()
        refuse(proto, refusal)
        return None
    body.seek(0)
    return body


def send(proto: Any, status: int, headers: list[tuple[str, str]], answer: Iterable[bytes]) -> None:
    """An answer of the application to the server: as a file, at once, or, when it is long, as it is made."""
    if isinstance(answer, File) and (path := answer.path):
        proto.response_file(status, headers, path)
        return
    pieces = iter(answer)
    first, held = [], 0
    for piece in pieces:
        first.append(piece)
        held += len(piece)
        if held > AT_ONCE:
            break
    else:
        proto.response_bytes(status, headers, b"".join(first))
        return
    stream = proto.response_stream(status, headers)
    stream.send_bytes(b"".join(first))
    for piece in pieces:
        stream.send_bytes(piece)


def refuse(proto: Any, status: int) -> None:
    """A word of the server itself: the application was not asked."""
    words = {
        400: _("The request broke off."),
        408: _("The request took too long to arrive. Send it again when the connection is better."),
        503: _("Too much is being sent at once. Try again in a minute."),
    }
    headers = [("content-type", "text/plain; charset=utf-8"), ("connection", "close"), ("cache-control", "no-store")]
    if status == 503:
        headers.append(("retry-after", "60"))
    proto.response_str(status, headers, words[status])

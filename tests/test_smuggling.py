"""What our web server takes for one request, asked over raw sockets (safety A38; RFC 9112, 2.2, 5, 6.1–6.3, 7.1, 11.2).

Behind each hostile request stands one that must never be reached by itself (/smuggled), and after all a last one that
ends the connection (/end): one reading of the bytes, or a refusal.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from provodnik.lifecycle.gateway import MOST_OF_ONE
from provodnik.lifecycle.program import Plan, granian_arguments
from tests.servers.ports import free_port

pytestmark = pytest.mark.server
ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0  # seconds for anything to happen on a busy machine
HOST = b"Host: portal.example\r\n"
HIDDEN = b"GET /smuggled HTTP/1.1\r\nHost: portal.example\r\n\r\n"
END = b"GET /end HTTP/1.1\r\nHost: portal.example\r\nConnection: close\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
NOTHING = b"0\r\n\r\n"
SIZE = len(HIDDEN)


def post(headers: bytes, body: bytes = b"", path: bytes = b"/first", version: bytes = b"1.1") -> bytes:
    return b"POST " + path + b" HTTP/" + version + b"\r\n" + HOST + headers + b"\r\n" + body


def get(headers: bytes = b"", line: bytes = b"GET /first HTTP/1.1") -> bytes:
    return line + b"\r\n" + HOST + headers + b"\r\n"


REFUSED = {
    "two lengths": post(b"Content-Length: 0\r\nContent-Length: %d\r\n" % SIZE, HIDDEN),
    "lengths in a list": post(b"Content-Length: 3, 3\r\n", b"abc"),
    "a length with a plus": post(b"Content-Length: +3\r\n", b"abc"),
    "a negative length": post(b"Content-Length: -3\r\n", b"abc"),
    "a length in hex": post(b"Content-Length: 0x3\r\n", b"abc"),
    "a length without end": post(b"Content-Length: 99999999999999999999\r\n", b"abc"),
    "a space before the colon of the length": post(b"Content-Length : 3\r\n", b"abc"),
    "a space before the colon of the coding": post(b"Transfer-Encoding : chunked\r\n", NOTHING + HIDDEN),
    "an unknown coding": post(b"Transfer-Encoding: xchunked\r\n", NOTHING + HIDDEN),
    "no coding by name": post(b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n", NOTHING + HIDDEN),
    "chunked is not the last": post(b"Transfer-Encoding: chunked, identity\r\n", NOTHING + HIDDEN),
    "two codings": post(CHUNKED + b"Transfer-Encoding: identity\r\n", NOTHING + HIDDEN),
    "chunks in HTTP/1.0": post(CHUNKED, NOTHING + HIDDEN, version=b"1.0"),
    "a folded header": get(b"X-A: b\r\n c\r\n"),
    "a folded coding": post(b"Transfer-Encoding:\r\n chunked\r\n", NOTHING + HIDDEN),
    "a bare CR in a header": get(b"X-A: b\rContent-Length: 5\r\n") + HIDDEN,
    "NUL in a header": get(b"X-A: b\x00c\r\n"),
    "a header without a colon": get(b"Nonsense\r\n"),
    "a space in the path": get(line=b"GET /first second HTTP/1.1"),
    "no version": b"GET /first\r\n\r\n",
    "another version": get(line=b"GET /first HTTP/2.0"),
    "more than a version": get(line=b"GET /first HTTP/1.1x"),
    "a tab in the method": get(line=b"GE\tT /first HTTP/1.1"),
    "a line of a proxy before it": b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + get(),
    "three hundred headers": get(b"".join(b"X-%d: a\r\n" % number for number in range(300))),
    "half a megabyte of a header": get(b"X-A: " + b"a" * 500_000 + b"\r\n"),
}
# Understood in one way: the first is answered; then the connection goes on with the last, or is closed.
ONCE = {
    "nothing odd": get(),
    "a body": post(b"Content-Length: 3\r\n", b"abc"),
    "the same length twice": post(b"Content-Length: 3\r\nContent-Length: 3\r\n", b"abc"),
    "a length and chunks, short": post(b"Content-Length: 6\r\n" + CHUNKED, NOTHING + HIDDEN),
    "a length and chunks, long": post(b"Content-Length: %d\r\n" % (5 + SIZE) + CHUNKED, NOTHING + HIDDEN),
    "chunks and a length": post(CHUNKED + b"Content-Length: 4\r\n", b"%x\r\n" % SIZE + HIDDEN + b"\r\n" + NOTHING),
    "a chunk that is no number": post(CHUNKED, b"zz\r\nabc\r\n" + NOTHING + HIDDEN),
    "a chunk in C's hex": post(CHUNKED, b"0x3\r\nabc\r\n" + NOTHING + HIDDEN),
    "a chunk larger than any": post(CHUNKED, b"fffffffffffffffff\r\nabc\r\n" + NOTHING + HIDDEN),
    "a chunk that runs on": post(CHUNKED, b"3\r\nabcXX0\r\n\r\n" + HIDDEN),
    "chunks with bare LF": post(CHUNKED, b"3\nabc\n0\n\n" + HIDDEN),
    "LF in a chunk's extension": post(CHUNKED, b"3;a\nb\r\nabc\r\n" + NOTHING + HIDDEN),
    "a length in the trailer": post(CHUNKED, b"0\r\nContent-Length: 50\r\nX-User: root\r\n\r\n"),
    "a body that nobody reads": post(b"Content-Length: %d\r\n" % SIZE, HIDDEN, path=b"/unread"),
    "chunks that nobody reads": post(CHUNKED, b"%x\r\n" % SIZE + HIDDEN + b"\r\n" + NOTHING, path=b"/unread"),
    "a body of a GET": get(b"Content-Length: %d\r\n" % SIZE) + HIDDEN,
    "an offer of HTTP/2": get(b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n"),
    "a tunnel": get(line=b"CONNECT evil.example:443 HTTP/1.1"),
}


def talk(port: int, sent: bytes) -> bytes:
    """All that comes back for these bytes, until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as wire:
        heard = b""
        try:
            wire.sendall(sent)
            while piece := wire.recv(65_536):
                heard += piece
        except (ConnectionResetError, BrokenPipeError):
            pass  # it had heard enough
    return heard


def reached(heard: bytes) -> list[dict[str, Any]]:
    """What the application behind the server says it was asked."""
    return [json.loads(one) for one in re.findall(rb'\{"path".*?\}\}', heard)]


@contextmanager
def server(application: str) -> Iterator[int]:
    """Our web server, its program and its arguments, with another application behind it."""
    number = free_port()
    plan = Plan(ROOT, "", "http://portal.example", "127.0.0.1", number, 1, 2, 1)
    arguments = [*granian_arguments(plan)[:-1], f"tests.servers.echo:{application}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "provodnik.lifecycle.webserver", *arguments], cwd=ROOT, env=os.environ
    )
    ends = time.monotonic() + PATIENCE
    try:
        while True:
            try:
                assert reached(talk(number, END))[0]["path"] == "/end"
                break
            except OSError:
                assert time.monotonic() < ends and process.poll() is None, "the web server does not start"
                time.sleep(0.05)
        yield number
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with server("gateway") as number:
        yield number


@pytest.fixture
def crowded() -> Iterator[int]:
    """One for a test that takes its places: they are free again only when the server has seen who is gone."""
    with server("gateway") as number:
        yield number


def test_what_is_ambiguous_reaches_nobody(port: int) -> None:
    wrong = []
    for name, sent in REFUSED.items():
        heard = talk(port, sent + END)
        status = re.match(rb"HTTP/1\.[01] (\d+)", heard)
        if reached(heard) or (status is not None and status[1] not in (b"400", b"431")):
            wrong.append(f"{name}: {heard[:200]!r}")
    assert not wrong, "\n".join(wrong)


def test_what_is_understood_is_understood_in_one_way(port: int) -> None:
    wrong = []
    for name, sent in ONCE.items():
        paths = [one["path"] for one in reached(talk(port, sent + END))]
        if name == "a tunnel":
            good = "/smuggled" not in paths
        else:
            good = paths[:1] in (["/first"], ["/unread"]) and paths[1:] in ([], ["/end"])
        if not good:
            wrong.append(f"{name}: {paths}")
    assert not wrong, "\n".join(wrong)


def test_a_body_is_what_its_length_says_and_chunks_bring_none(port: int) -> None:
    """WSGI knows a body by its length alone: what comes in chunks is left where it is, and not taken for a request."""
    [first, last] = reached(talk(port, post(b"Content-Length: 3\r\n", b"abc") + END))
    assert (first["body"], first["length"], last["path"]) == ("abc", "3", "/end")
    [first, *_more] = reached(talk(port, ONCE["a length in the trailer"] + END))
    assert first["body"] == "" and "HTTP_X_USER" not in first["headers"]


def test_two_hosts_are_none(port: int, settings: Any) -> None:
    """The server hands both on as one, which is the name of no host: the application refuses it."""
    [told, _end] = reached(talk(port, get(b"Host: evil.example\r\n") + END))
    assert told["headers"]["HTTP_HOST"] == "portal.example,evil.example"
    settings.ALLOWED_HOSTS = ["portal.example"]
    assert Client().get("/sign-in/", headers={"host": told["headers"]["HTTP_HOST"]}).status_code == 400
    [told, _end] = reached(talk(port, get(line=b"GET http://evil.example/first HTTP/1.1") + END))
    assert (told["path"], told["headers"]["HTTP_HOST"]) == ("/first", "portal.example")


def test_who_is_slow_keeps_nobody_else(crowded: int) -> None:
    """Hundreds who never end their headers, and as many who never end their bodies or never read their answers: those
    after them are answered (safety A76)."""
    halves = [
        b"GET /first HTTP/1.1\r\nHost: portal.exa",
        post(b"Content-Length: 50000\r\n", b"a"),
        get(line=b"GET /long HTTP/1.1"),
    ]
    waiting = []
    try:
        for number in range(450):
            wire = socket.create_connection(("127.0.0.1", crowded), timeout=PATIENCE)
            wire.sendall(halves[number % 3 if number < 60 else number % 2])
            waiting.append(wire)
        for _turn in range(5):
            assert [one["path"] for one in reached(talk(crowded, get() + END))] == ["/first", "/end"]
    finally:
        for wire in waiting:
            wire.close()


def test_one_address_does_not_take_all_the_room(crowded: int) -> None:
    """More half bodies from one place than it may have: told to come later, and those without a body are served."""
    heard = b""
    waiting: list[socket.socket] = []
    try:
        ends = time.monotonic() + PATIENCE
        while True:  # bodies of another test may have taken a place for a moment: then it takes some more of ours
            assert time.monotonic() < ends, heard
            wire = socket.create_connection(("127.0.0.1", crowded), timeout=PATIENCE)
            wire.sendall(post(b"Content-Length: 50\r\n", b"a"))
            waiting.append(wire)
            if len(waiting) >= MOST_OF_ONE:
                heard = talk(crowded, post(b"Content-Length: 3\r\n", b"abc") + END)
                if b" 503 " in heard:
                    break
        assert b"Retry-After".lower() in heard.lower() and reached(heard) == []
        assert [one["path"] for one in reached(talk(crowded, get() + END))] == ["/first", "/end"]
    finally:
        for wire in waiting:
            wire.close()


def test_half_a_body_reaches_nobody_and_is_not_waited_for() -> None:
    with server("hasty") as number:
        heard = talk(number, post(b"Content-Length: 50\r\n", b"half of it"))
        assert b" 408 " in heard and reached(heard) == []
        with socket.create_connection(("127.0.0.1", number), timeout=PATIENCE) as wire:
            wire.sendall(post(b"Content-Length: 6\r\n"))
            for letter in b"slowly"[:5]:
                time.sleep(0.1)
                wire.sendall(bytes([letter]))
            wire.sendall(b"y")
            assert reached(wire.recv(65_536))[0]["body"] == "slowly"


def test_what_is_sent_arrives_whole(port: int) -> None:
    """An answer that is a file, a long one that is made on the way, a body that had to wait on the disk."""
    _head, _line, body = talk(port, get(line=b"GET /file HTTP/1.0")).partition(b"\r\n\r\n")
    assert body == (ROOT / "tests/servers/echo.py").read_bytes()
    _head, _line, body = talk(port, get(line=b"GET /long HTTP/1.0")).partition(b"\r\n\r\n")
    assert len(body) == 16 * 1024 * 1024 and body.endswith(b"0016383\n")
    sent = bytes(range(97, 122)) * 4000
    [told, _end] = reached(talk(port, post(b"Content-Length: %d\r\n" % len(sent), sent) + END))
    assert told["body"].encode() == sent


def test_a_name_with_an_underscore_is_not_that_with_a_hyphen(port: int) -> None:
    """«X_Forwarded_For» is no word of a proxy's, which passes it on unread (safety A37; Django's CVE-2026-3902)."""
    odd = b"X_Forwarded_For: 10.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded_Proto: https\r\nRemote_User: root\r\n"
    [told, _end] = reached(talk(port, get(odd + b"Cookie: a=1\r\nCookie: b=2\r\n") + END))
    assert {name: value for name, value in told["headers"].items() if name != "HTTP_HOST"} == {
        "HTTP_X_FORWARDED_PROTO": "http",
        "HTTP_COOKIE": "a=1; b=2",
    }

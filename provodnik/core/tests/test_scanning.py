"""An antivirus that answers, refuses, is silent, lies, is away: no file is lost, none hangs, none infected goes out.

The server here speaks the protocol of clamd (man 8 clamd, INSTREAM) and misbehaves on purpose.
"""

from __future__ import annotations

import base64
import io
import socket
import socketserver
import struct
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.core.management import call_command
from django.db import transaction

from provodnik.core import clamd, files, jobs, scanning
from provodnik.core.clamd import Away, Verdict, place_of
from provodnik.core.models import Blob, Scan

# The EICAR test file, never whole in our own sources: it would be taken for a virus there, too.
EICAR = base64.b64decode("WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNULUZJTEUhJEgrSCo=")


class Clamd(socketserver.ThreadingUnixStreamServer):
    """`mood`: what it does when it has heard a file; `heard`: the files, whole."""

    daemon_threads = True
    mood = "well"
    moods: ClassVar[dict[str, bytes]] = {
        "well": b"stream: OK\0",
        "garbage": b"HTTP/1.1 400 Bad Request\r\n\r\n\0",
        "long": b"x" * 100_000,
        "too large": b"INSTREAM size limit exceeded. ERROR\0",
        "nasty name": b"stream: <script>alert(1)</script>\r\nX FOUND\0",
        "nothing": b"",
    }

    def __init__(self, path: str) -> None:
        super().__init__(path, _Talk)
        self.heard: list[bytes] = []
        self.let_go = threading.Event()
        self.greeting = b"ClamAV 1.4.6/0/x\0"


class _Talk(socketserver.StreamRequestHandler):
    server: Clamd

    def handle(self) -> None:
        command = b""
        while not command.endswith(b"\0"):
            command += self.rfile.read(1)
        if self.server.mood == "silent":
            self.server.let_go.wait(30)
            return
        if command == b"zVERSION\0":
            self.wfile.write(self.server.greeting)
            return
        if self.server.mood == "slams":
            return
        content = b""
        while size := struct.unpack(">I", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
        self.server.heard.append(content)
        if self.server.mood == "hangs":
            self.server.let_go.wait(30)
        elif self.server.mood == "drips":
            while not self.server.let_go.wait(0.05):
                self.wfile.write(b".")
        elif EICAR in content or (content[:2] == b"PK" and EICAR in zipfile.ZipFile(io.BytesIO(content)).read("e.com")):
            self.wfile.write(b"stream: Eicar-Test-Signature FOUND\0")
        else:
            self.wfile.write(self.server.moods[self.server.mood])


@pytest.fixture
def scanner(tmp_path: Path, settings: Any) -> Iterator[Clamd]:
    with Clamd(str(tmp_path / "c.sock")) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        settings.SCANNER, settings.SCAN_PATIENCE, settings.UNSCANNED = f"unix:{tmp_path}/c.sock", 0.3, "give"
        settings.FILES_DIR = tmp_path / "files"
        scanning._silence.until = 0.0
        yield server
        server.let_go.set()
        server.shutdown()
        scanning._silence.until = 0.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "PING", 0.3)


def asked(server: Clamd, content: bytes = b"x") -> clamd.Answer:
    return clamd.scan([content], address=f"unix:{server.server_address!s}", patience=0.3)


def test_what_is_said_is_understood_and_what_is_not_is_no_verdict(scanner: Clamd) -> None:
    assert asked(scanner).verdict is Verdict.CLEAN
    big = bytes(300_000)
    assert asked(scanner, big).verdict is Verdict.CLEAN and scanner.heard[-1] == big
    assert asked(scanner, EICAR) == clamd.Answer(Verdict.INFECTED, "Eicar-Test-Signature")
    scanner.mood = "too large"
    assert asked(scanner).verdict is Verdict.FAILED
    scanner.mood = "nasty name"
    assert asked(scanner) == clamd.Answer(Verdict.INFECTED, "scriptalert(1)/scriptX")
    for mood in ("garbage", "long", "nothing", "hangs", "drips", "slams", "silent"):
        scanner.mood = mood
        begun = time.monotonic()
        with pytest.raises(Away):
            asked(scanner)
        assert time.monotonic() - begun < 20, mood  # a hang would last for ever; half a minute is the server's own
    with pytest.raises(Away):
        clamd.version(address="unix:/nowhere/at/all", patience=0.3)


def test_by_tcp_and_by_which_addresses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def answer() -> None:
            with listening.accept()[0] as talk:
                talk.recv(100)
                talk.sendall(b"ClamAV 1.0\0")

        threading.Thread(target=answer, daemon=True).start()
        assert clamd.version(address=f"tcp://127.0.0.1:{port}", patience=5) == "ClamAV 1.0"
    assert place_of("unix:/a/b") == place_of("unix:///a/b") == "/a/b"
    assert place_of("tcp://[::1]:3310") == ("::1", 3310)
    for wrong in ("", "clamd", "unix:a", "tcp://host", "http://host:1", "tcp://h:1/x", "tcp://:3310", "tcp://h:99999"):
        with pytest.raises(ValueError):
            place_of(wrong)


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as whole:
        whole.writestr("e.com", EICAR)
    return made.getvalue()


def waiting_jobs() -> int:
    return jobs.app.connector.execute_query_one(  # type: ignore[attr-defined,no-any-return]
        "SELECT count(*) AS n FROM procrastinate_jobs WHERE task_name = 'core.scan' AND status = 'todo'"
    )["n"]


@pytest.mark.django_db(transaction=True)
def test_from_the_keeping_to_the_verdict(scanner: Clamd, settings: Any, django_assert_num_queries: Any) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        files.keep(b"rolled back")
        raise RuntimeError
    assert waiting_jobs() == 0
    clean, large = files.keep(b"clean"), files.keep_stream([bytes(100_000), EICAR], limit=10**6)
    [infected, blank] = files.keep_many([zipped(), b"second"])
    kept = [clean, large, infected, blank]
    assert waiting_jobs() == 4 and {one.scan for one in kept} == {"waiting"}
    assert scanning.may_give(clean) and scanning.mark(clean).note
    settings.UNSCANNED = "hold"
    assert not scanning.may_give(clean) and scanning.mark(clean).state == "checking"
    for one in kept:  # the first job judges whatever waits; the others find nothing to do
        scanning.scan(blob_id=one.pk)
        one.refresh_from_db()
        assert len(scanner.heard) == 4
    assert [one.scan for one in kept] == ["clean", "infected", "infected", "clean"]
    assert scanning.may_give(clean) and scanning.mark(clean) == scanning.Mark()
    assert not scanning.may_give(large) and "Eicar-Test-Signature" in str(scanning.may_give(large).reason)
    scanning.scan(blob_id=clean.pk)  # a job that runs twice asks once
    assert len(scanner.heard) == 4

    settings.SCANNER = ""  # taken away again: what is known to be infected stays where it is, nothing else changes
    assert not scanning.may_give(infected) and scanning.may_give(clean)
    with django_assert_num_queries(1):
        plain = files.keep(b"plain")
    assert plain.scan == "" and scanning.may_give(plain) and scanning.mark(plain) == scanning.Mark()


@pytest.mark.django_db
def test_away_hanging_and_back_again(scanner: Clamd, settings: Any, capsys: Any) -> None:
    first, second = files.keep_many([b"first", b"second"])
    scanner.mood = "silent"
    scanning.scan(blob_id=first.pk)
    first.refresh_from_db()
    assert (first.scan, first.scan_tries) == (Scan.WAITING, 1) and scanning.may_give(first)
    scanning.scan(blob_id=second.pk)  # it was silent a moment ago: not asked again so soon
    scanning.look_again(timestamp=0)
    second.refresh_from_db()
    assert second.scan_tries == 0
    assert [one.level for one in scanning.state()] == ["error", "warning"]

    scanner.mood, scanning._silence.until = "well", 0.0
    scanning.look_again(timestamp=0)
    assert set(Blob.objects.values_list("scan", flat=True)) == {Scan.CLEAN} and scanner.heard == [b"second", b"first"]
    assert [one.level for one in scanning.state()] == ["ok"]

    odd = files.keep(b"odd")
    scanner.mood = "garbage"  # it is there, and says nothing sensible of this file: three tries, then it is told so
    for tries in range(1, scanning.MOST_TRIES + 1):
        scanning.look_again(timestamp=0)
        odd.refresh_from_db()
        assert odd.scan_tries == tries
    assert odd.scan == Scan.FAILED and "could not" not in scanning.mark(odd).note and scanning.mark(odd).note
    scanner.mood = "well"
    Blob.objects.filter(pk=first.pk).update(scan="")
    call_command("scan_files")
    assert "2" in capsys.readouterr().out
    scanning.look_again(timestamp=0)
    assert set(Blob.objects.values_list("scan", flat=True)) == {Scan.CLEAN}

"""The reading process: limits, renewal, and nothing left behind."""

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from provodnik.channels.email import Attachment, understand
from provodnik.channels.email.compose import compose
from provodnik.channels.email.sandbox import NotUnderstood, Understander

from .letters import letter, multipart, part
from .test_compose import PLAIN
from .test_files import ICS
from .test_kinds import OURS, report

ODD = "provodnik.channels.email.tests.odd_child"
ALL = [
    b"",
    letter("Нет воды", OURS + "dmarc=pass header.from=voda.example"),
    report("failed", "5.1.1", "550"),
    multipart([part("Зову"), part(ICS, "text/calendar"), part(b"\x00\xff" * 100_000, "image/png; name=a.png")]),
    compose(**PLAIN, attachments=[Attachment("a.txt", "text/plain", b"")]),
]


@pytest.fixture(scope="module")
def reader():
    with Understander() as one:
        yield one


@pytest.mark.parametrize("raw", ALL)
def test_says_the_same_as_without_a_process(reader, raw):
    assert reader.understand(raw, ["mx.desk.example"]) == understand(raw, authserv_ids=["mx.desk.example"])


def test_large_files_pass_both_ways(reader):
    raw = letter(b"x" * 20_000_000, "Content-Type: application/octet-stream; name=a.bin")
    assert reader.understand(raw).attachments[0].content == b"x" * 20_000_000


def test_one_child_serves_many(reader):
    reader.understand(b"")
    pid = reader.pid
    for raw in ALL:
        reader.understand(raw)
    assert reader.pid == pid


@pytest.mark.parametrize(
    ("subject", "reason"),
    [("hang", "time"), ("spin", "time"), ("die", "crash"), ("babble", "protocol"), ("nonsense", "protocol")],
)
def test_a_bad_letter_is_refused_and_the_next_is_read(subject, reason):
    with Understander(seconds=0.2, child=ODD) as one:
        assert one.understand(letter("до")).text == "до"
        pid = one.pid
        with pytest.raises(NotUnderstood) as refused:
            one.understand(letter("x", subject=subject))
        assert refused.value.reason == reason
        assert one.pid is None and not exists(pid)
        assert one.understand(letter("после")).text == "после"


def test_memory_is_limited(monkeypatch):
    monkeypatch.setenv("PROVODNIK_READER_MEMORY", str(256 * 1024 * 1024))
    with Understander(child=ODD) as one:
        with pytest.raises(NotUnderstood) as refused:
            one.understand(letter("x", subject="swell"))
        assert refused.value.reason == "crash"


def test_a_letter_that_fills_the_memory_is_quarantined(monkeypatch):
    monkeypatch.setenv("PROVODNIK_READER_MEMORY", str(160 * 1024 * 1024))
    with Understander() as one, pytest.raises(NotUnderstood):
        one.understand(letter(b"x" * 90_000_000, "Content-Type: image/png"))


def test_what_a_library_prints_does_not_get_between():
    with Understander(child=ODD) as one:
        assert one.understand(letter("x", subject="print")).subject == "print"


def test_the_child_is_renewed():
    with Understander(letters=2) as one:
        one.understand(b"")
        first = one.pid
        one.understand(b"")
        assert one.pid is None and not exists(first)
        one.understand(b"")
        assert one.pid != first


def test_a_child_killed_between_letters_is_replaced():
    with Understander() as one:
        one.understand(b"")
        process = one._process
        process.kill()
        process.wait()
        assert one.understand(letter("после")).text == "после"


def test_nothing_is_left_open():
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        one = Understander(seconds=0.2, child=ODD)
        with pytest.raises(NotUnderstood):
            one.understand(letter("x", subject="die"))
        one.understand(b"")
        pid = one.pid
        one.close()
        one.close()
        assert not exists(pid)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


def test_the_child_knows_no_secrets(monkeypatch):
    monkeypatch.setenv("PROVODNIK_SECRET_KEY", "canary")
    with Understander() as one:
        one.understand(b"")
        assert b"canary" not in Path(f"/proc/{one.pid}/environ").read_bytes()


def test_the_child_ends_with_its_parent():
    code = """if 1:
        from provodnik.channels.email.sandbox import Understander
        import os
        one = Understander()
        one.understand(b"")
        print(one.pid, flush=True)
        os._exit(0)
    """
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    wait_gone(int(found.stdout))


def wait_gone(pid: int) -> None:
    """Waits for the process to end, however long pytest's own limit lets it."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([descriptor], [], [], 30)[0]
    finally:
        os.close(descriptor)


def exists(pid: int | None) -> bool:
    return pid is not None and Path(f"/proc/{pid}").exists()

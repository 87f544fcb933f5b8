"""The demo's mail server, spoken to over SMTP."""

import asyncio
import os
import signal
import smtplib
from collections.abc import Callable, Iterator
from threading import Thread

import pytest

from provodnik.channels.email.smtp import SmtpAccount, SmtpSession
from provodnik.channels.email.smtp_answers import PermanentFailure, TemporaryFailure
from provodnik.demo.mailserver import MAX_RECIPIENTS, DemoMailServer, serve

RAW = b"Subject: x\r\n\r\nhello\r\n"
Run = Callable[..., SmtpAccount]


class PostBox:
    """Keeps what it is given, or raises."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, list[str], bytes]] = []
        self.full = False

    def deliver(self, *, envelope_from: str, recipients: list[str], raw: bytes) -> None:
        if self.full:
            raise OSError("no space")
        self.letters.append((envelope_from, recipients, raw))


@pytest.fixture
def box() -> PostBox:
    return PostBox()


@pytest.fixture
def account(box: PostBox) -> Iterator[SmtpAccount]:
    """An account at a running demo server that takes letters up to 10,000 bytes."""
    server = DemoMailServer(box.deliver, port=0, max_bytes=10_000)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(server.start())
    thread = Thread(target=loop.run_forever)
    thread.start()
    yield SmtpAccount(host="127.0.0.1", port=server.port, security="none", timeout=5)
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def test_a_letter_lands_in_the_post_box(account: SmtpAccount, box: PostBox) -> None:
    with SmtpSession(account) as session:
        session.send(envelope_from="a@example.ru", recipients=["hd@example.ru", "анна@почта.рф"], message=RAW)
        session.send(envelope_from="", recipients=["b@example.ru"], message=RAW)
    assert box.letters == [
        ("a@example.ru", ["hd@example.ru", "анна@xn--80a1acny.xn--p1ai"], RAW),
        ("", ["b@example.ru"], RAW),
    ]


def test_until_the_post_box_has_it_the_sender_is_to_come_back(account: SmtpAccount, box: PostBox) -> None:
    box.full = True
    with SmtpSession(account) as session:
        with pytest.raises(TemporaryFailure) as failure:
            session.send(envelope_from="a@example.ru", recipients=["b@example.ru"], message=RAW)
        assert failure.value.code == 452
        box.full = False
        session.send(envelope_from="a@example.ru", recipients=["b@example.ru"], message=RAW)
    assert len(box.letters) == 1


def test_limits(account: SmtpAccount, box: PostBox) -> None:
    many = [f"user{n}@example.ru" for n in range(MAX_RECIPIENTS + 5)]
    with SmtpSession(account) as session:
        delivered = session.send(envelope_from="a@example.ru", recipients=many, message=RAW)
        assert (len(delivered.accepted), len(delivered.deferred)) == (MAX_RECIPIENTS, 5)
        with pytest.raises(PermanentFailure):
            session.send(envelope_from="a@example.ru", recipients=["b@example.ru"], message=RAW * 1000)
    client = smtplib.SMTP("127.0.0.1", account.port, timeout=5)
    client.ehlo("localhost")
    client.mail("a@example.ru")
    client.rcpt("b@example.ru")
    assert client.data(RAW * 1000)[0] == 552
    client.quit()
    assert len(box.letters) == 1


def test_a_signal_ends_it_cleanly(box: PostBox) -> None:
    async def scene() -> None:
        asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(serve(box.deliver, 0), 10)

    asyncio.run(scene())

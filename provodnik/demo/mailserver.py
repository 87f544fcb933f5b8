"""The demo's mail server: takes any letter offered to it on the loopback and drops it into the demo's post box.

    python -m provodnik.demo.mailserver --port 2525

A letter is accepted only once the post box has it: until then the sender is told to come back (452).
"""

import argparse
import asyncio
import logging
import os
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol

import django
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import close_old_connections
from django.utils.module_loading import import_string

HOST = "127.0.0.1"
DEFAULT_PORT = 2525
MAX_BYTES = 25 * 1024 * 1024
MAX_RECIPIENTS = 100
LONGEST_LINE = 64 * 1024  # RFC 5321 allows 1,000 bytes, a demo is more patient with home-made senders

log = logging.getLogger(__name__)


class Deliver(Protocol):
    def __call__(self, *, envelope_from: str, recipients: list[str], raw: bytes) -> None:
        """Keep the letter, or raise. Called in one thread, letter by letter."""


class _Conversation(SMTP):
    line_length_limit = LONGEST_LINE


class DemoMailServer:
    """Listens on the loopback only, so it needs no login and is no open relay."""

    def __init__(self, deliver: Deliver, *, port: int, max_bytes: int = MAX_BYTES) -> None:
        self._deliver = deliver
        self._port = port
        self._max_bytes = max_bytes
        self._server: asyncio.Server | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="demo-mail")

    @property
    def port(self) -> int:
        """The port listened on; differs from the one asked for when that was 0."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        def conversation() -> SMTP:
            return _Conversation(
                self,
                data_size_limit=self._max_bytes,
                enable_SMTPUTF8=True,
                hostname="localhost",
                ident="PROvodnik demo",
                timeout=60,
            )

        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(conversation, HOST, self._port)

    async def stop(self) -> None:
        """Stop listening and let the letter in hand be delivered."""
        if self._server is not None:
            self._server.close()
        await asyncio.get_running_loop().run_in_executor(None, self._thread.shutdown)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content or b""
        sender = envelope.mail_from or ""
        delivery = partial(
            self._deliver,
            envelope_from="" if sender == "<>" else sender,
            recipients=list(envelope.rcpt_tos),
            raw=content if isinstance(content, bytes) else content.encode(),
        )
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, delivery)
        except Exception as error:
            # Whatever it was, the sender still has the letter. No addresses in the log.
            log.error("The demo's post box did not take a letter: %s", type(error).__name__)
            return "452 4.3.0 Not taken, try again later"
        return "250 2.0.0 Taken"


async def serve(deliver: Deliver, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd logs every address
    server = DemoMailServer(deliver, port=port)
    await server.start()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
    await server.stop()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m provodnik.demo.mailserver")
    default = os.environ.get("PROVODNIK_DEMO_SMTP_PORT", DEFAULT_PORT)
    parser.add_argument("--port", type=int, default=default)
    port = parser.parse_args(arguments).port
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "provodnik.config.settings")
    django.setup()
    # By name: the post box keeps letters in models, which exist only after setup.
    deliver: Deliver = import_string("provodnik.demo.postbox.deliver")

    def with_connection(*, envelope_from: str, recipients: list[str], raw: bytes) -> None:
        close_old_connections()
        try:
            deliver(envelope_from=envelope_from, recipients=recipients, raw=raw)
        finally:
            close_old_connections()

    asyncio.run(serve(with_connection, port))


if __name__ == "__main__":
    main()

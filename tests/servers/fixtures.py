"""The servers as pytest fixtures. Dovecot starts once per process: each test takes a user name of its own."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from .certificates import Certificates, make
from .dovecot import Dovecot
from .misbehaving import Misbehaving
from .slapd import Slapd
from .smtp import SmtpCatcher

_USERS = count(1)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def other_certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Signed by another authority."""
    return make(tmp_path_factory.mktemp("other-certificates"))


@pytest.fixture(scope="session")
def dovecot_server(certificates: Certificates) -> Iterator[Dovecot]:
    server = Dovecot(certificates)
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture
def dovecot(dovecot_server: Dovecot) -> Dovecot:
    """A running IMAP server, plain and TLS, also if an earlier test has left it stopped."""
    if not dovecot_server.running:
        dovecot_server.start()
    return dovecot_server


@pytest.fixture(scope="session")
def slapd_server(certificates: Certificates) -> Iterator[Slapd]:
    server = Slapd(certificates)
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture
def slapd(slapd_server: Slapd) -> Slapd:
    """A running directory with its people as they were in the beginning."""
    return slapd_server.start_anew()


@pytest.fixture
def mail_user() -> str:
    """A mailbox nobody has used yet."""
    return f"user{next(_USERS)}"


@pytest.fixture
def smtp_catcher() -> Iterator[SmtpCatcher]:
    """Plain SMTP without login."""
    server = SmtpCatcher().start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def misbehaving() -> Iterator[Callable[..., Misbehaving]]:
    """`misbehaving("imap", "hang")`: a server of tests.servers.misbehaving, stopped after the test."""
    made: list[Misbehaving] = []

    def start(protocol: str, mode: str = "good", *, pace: float = 0.05) -> Misbehaving:
        made.append(Misbehaving(protocol, mode, pace=pace).start())
        return made[-1]

    yield start
    for server in made:
        server.stop()


__all__ = [
    "certificates",
    "dovecot",
    "dovecot_server",
    "mail_user",
    "misbehaving",
    "other_certificates",
    "slapd",
    "slapd_server",
    "smtp_catcher",
]

"""A mail server that catches what it is sent, and refuses what its script says: aiosmtpd in a thread."""

import email
import ssl
from collections import Counter, deque
from dataclasses import dataclass, field
from email import policy
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from .certificates import Certificates
from .ports import free_port


@dataclass(frozen=True)
class Caught:
    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def letter(self) -> email.message.EmailMessage:
        return email.message_from_bytes(self.raw, policy=policy.default)


@dataclass
class Script:
    """What to answer instead of 250; each reply is a whole line, "450 4.2.1 mailbox busy".

    `recipients` stays in force; of `mail` and `data` each reply is used once. `drop_after_data` is the
    number of letters after which the connection is cut before 250 is said: taken, and the sender cannot know.
    """

    recipients: dict[str, str] = field(default_factory=dict)
    mail: deque[str] = field(default_factory=deque)
    data: deque[str] = field(default_factory=deque)
    drop_after_data: int = 0


class SmtpCatcher:
    """`messages`: what was accepted. With certificates it offers STARTTLS, with `users` it demands AUTH."""

    def __init__(
        self,
        certificates: Certificates | None = None,
        users: dict[str, str] | None = None,
        *,
        implicit_tls: bool = False,
        size_limit: int = 33_554_432,
    ) -> None:
        self.port = free_port()
        self.messages: list[Caught] = []
        self.script = Script()
        self.logins = 0
        self._users = users or {}
        context = None
        if certificates:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificates.certificate, certificates.key)
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            ssl_context=context if implicit_tls else None,
            tls_context=None if implicit_tls else context,
            require_starttls=context is not None and not implicit_tls,
            authenticator=self._authenticate if users else None,
            auth_required=bool(users),
            auth_require_tls=context is not None and not implicit_tls,
            data_size_limit=size_limit,
            enable_SMTPUTF8=True,
            ready_timeout=10,
        )

    def start(self) -> "SmtpCatcher":
        self._controller.start()
        return self

    def stop(self) -> None:
        if not self._controller.loop.is_closed():
            self._controller.stop(no_assert=True)

    @property
    def deliveries(self) -> Counter[str]:
        """How often each Message-ID was accepted."""
        return Counter(str(caught.letter["Message-ID"]) for caught in self.messages)

    def clear(self) -> None:
        self.messages.clear()
        self.script = Script()

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        good = (
            isinstance(data, LoginPassword)
            and self._users.get(data.login.decode("utf-8", "replace")) == data.password.decode()
        )
        self.logins += good
        return AuthResult(success=good, handled=False)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.script.mail:
            return self.script.mail.popleft()
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.script.recipients:
            return self.script.recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.script.data:
            return self.script.data.popleft()
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        self.messages.append(Caught((envelope.mail_from or "").replace("<>", ""), tuple(envelope.rcpt_tos), raw))
        if self.script.drop_after_data > 0:
            self.script.drop_after_data -= 1
            server.transport.abort()
        return "250 OK"

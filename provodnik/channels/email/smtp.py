"""Sending mail over SMTP (RFC 5321): what is temporary, what is permanent, and never in clear unless told so.

    with SmtpSession(account) as session:
        session.send(envelope_from="…", recipients=["…"], message=raw)

A reply is about one recipient, about the letter, or about the whole account (a wrong password, a stripped
STARTTLS, a bad certificate, a server out of service). The last kind is an `AccountFailure`: the letter is
not at fault and must not be given up because of it before its time.
"""

import base64
import re
import smtplib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from provodnik.core import gate

from .account import SMTP_PORTS, Server, problems
from .smtp_answers import (
    AccountFailure,
    Delivered,
    PermanentFailure,
    Reply,
    SendFailure,
    TemporaryFailure,
    failure_of,
    reply_of,
    too_many,
)
from .wire import Wire, WireError, tls_context

DIALOGUE = 256 * 1024  # bytes all the server's replies to one letter may take
SLOWEST = 16 * 1024  # bytes a second a letter may crawl at beyond the ordinary time of an exchange
_ADDRESS = re.compile(
    r'(?:[^\s<>()\[\],;:\\"@\x00-\x1f\x7f]{1,64}|"[^"\\\x00-\x1f\x7f]{1,62}")@[^\s<>@,;\x00-\x1f\x7f]{1,253}'
)
# A lone CR or LF is read differently by different servers, which lets one letter smuggle in another.
_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True)
class SmtpAccount(Server):
    local_hostname: str = "localhost"
    """What we say in EHLO: the name of this machine as others know it."""


def send(account: SmtpAccount, *, envelope_from: str, recipients: Sequence[str], message: bytes) -> Delivered:
    """One letter over its own connection; see `SmtpSession.send`."""
    with SmtpSession(account) as session:
        return session.send(envelope_from=envelope_from, recipients=recipients, message=message)


class _Client(smtplib.SMTP):
    """smtplib over a `Wire`."""

    wire: Wire

    def __init__(self, account: SmtpAccount) -> None:
        self._account = account
        super().__init__(local_hostname=account.local_hostname)

    def _get_socket(self, host: str, port: int, timeout: float) -> Wire:
        account = self._account
        context = tls_context(account.ca_file) if account.security == "tls" else None
        limit = min(account.connect_timeout, account.exchange_timeout)
        self.wire = Wire(host, port, connect_timeout=limit, read_timeout=account.timeout)
        self.wire.begin(account.exchange_timeout, DIALOGUE)
        if context is not None:
            try:
                self.wire.start_tls(context)
            except WireError:
                self.wire.close()
                raise
        return self.wire

    def secure(self) -> None:
        """STARTTLS, verified; without it an error, never a reason to go on in clear."""
        context = tls_context(self._account.ca_file)
        if not self.has_extn("starttls") or self.docmd("STARTTLS")[0] != 220:
            raise WireError("starttls_missing")
        self.wire.start_tls(context)
        # What was told in clear is forgotten (RFC 3207, 4.2).
        self.file = None
        self.helo_resp = None
        self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False
        self.ehlo()


class SmtpSession:
    """Several letters over one connection, which is made at the first and again after a break."""

    def __init__(self, account: SmtpAccount) -> None:
        self.account = account
        self._client: _Client | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def client(self) -> _Client | None:
        return self._client

    def open(self) -> _Client:
        """Connect, secure, log in, before the first letter wants it. Raises `AccountFailure`."""
        found = problems(self.account, SMTP_PORTS)
        if found:
            raise AccountFailure(found[0])
        gate.knock()
        client = _Client(self.account)
        self._client = client
        try:
            self._greet(client)
            if self.account.username:
                self._login(client)
        except SendFailure:
            self._drop()
            raise
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise self._broken(error, AccountFailure) from None
        return client

    def _greet(self, client: _Client) -> None:
        account = self.account
        greeting = reply_of(client.connect(account.host, account.port))
        if not 200 <= greeting.code < 600:  # no reply of SMTP at all (RFC 5321, 4.2): another service lives there
            raise AccountFailure("garbage")
        if greeting.code != 220:
            raise AccountFailure("server_busy" if greeting.temporary else "service_refused", greeting)
        if client.ehlo()[0] != 250 and client.helo()[0] != 250:
            raise AccountFailure("service_refused")
        if account.security == "starttls":
            client.secure()

    def _login(self, client: _Client) -> None:
        account = self.account
        if not client.has_extn("auth"):
            raise AccountFailure("login_forbidden")
        try:
            if account.username.isascii() and account.password.isascii():
                client.login(account.username, account.password)
            else:
                _login_utf8(client, account)
        except smtplib.SMTPAuthenticationError as error:
            reply = reply_of((error.smtp_code, error.smtp_error), hide=account.password)
            raise AccountFailure("server_busy" if reply.temporary else "login_refused", reply) from None

    def send(self, *, envelope_from: str, recipients: Sequence[str], message: bytes) -> Delivered:
        """Hand over one letter; `envelope_from` may be "" (the null sender of RFC 5321, 4.5.5).

        Some recipients may be refused while others get the letter: that is a `Delivered`. Raises
        `TemporaryFailure` (of which `AccountFailure` is one kind) or `PermanentFailure` when nobody got it.
        """
        sender, wanted, refused, needs_utf8 = _envelope(envelope_from, recipients)
        if not wanted:
            first = next(iter(refused.values()), Reply(0, ""))
            raise PermanentFailure("bad_address", first, refused=refused)
        reused = self._client is not None
        try:
            return self._send(sender, wanted, dict(refused), message, needs_utf8)
        except TemporaryFailure as failure:
            gone = failure.code == 421 or failure.reason == "connection_lost"
            if not (reused and gone and not failure.uncertain):
                raise
        # The server has had enough of this connection, which says nothing about the letter.
        return self._send(sender, wanted, refused, message, needs_utf8)

    def _send(
        self,
        sender: str,
        wanted: Mapping[str, str],
        refused: dict[str, Reply],
        message: bytes,
        needs_utf8: bool,
    ) -> Delivered:
        client = self._client or self.open()
        client.wire.begin(self.account.exchange_timeout + len(message) / SLOWEST, DIALOGUE)
        try:
            options = _options(client, message, needs_utf8)
            return self._transaction(client, sender, wanted, refused, message, options)
        except SendFailure as failure:
            if failure.code == 421:
                self._drop()  # the server is closing the connection (RFC 5321, 3.8)
            else:
                self._reset()
            raise
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise self._broken(error, TemporaryFailure) from None

    def _transaction(
        self,
        client: _Client,
        sender: str,
        wanted: Mapping[str, str],
        refused: dict[str, Reply],
        message: bytes,
        options: list[str],
    ) -> Delivered:
        reply = reply_of(client.mail(sender, options))
        if reply.code != 250:
            raise failure_of(reply, refused=refused)
        accepted: list[str] = []
        deferred: dict[str, Reply] = {}
        for told, address in wanted.items():
            reply = reply_of(client.rcpt(address))
            if reply.code in (250, 251):
                accepted.append(told)
            elif reply.code == 421:
                raise failure_of(reply)
            elif reply.temporary or too_many(reply, accepted):
                deferred[told] = reply
            else:
                refused[told] = reply
        if not accepted:
            first = next(iter((deferred or refused).values()))
            raise failure_of(first, deferred=deferred, refused=refused)
        try:
            reply = reply_of(client.data(_LINE_END.sub(b"\r\n", message)))
        except smtplib.SMTPDataError as error:
            raise failure_of(reply_of((error.smtp_code, error.smtp_error)), refused=refused) from None
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            failure = self._broken(error, TemporaryFailure)
            failure.uncertain = True
            raise failure from None
        if reply.code != 250:
            raise failure_of(reply, refused=refused)
        return Delivered(tuple(accepted), deferred, refused, reply)

    def close(self) -> None:
        client, self._client = self._client, None
        if client is None or getattr(client, "sock", None) is None:
            return
        try:
            client.wire.begin(min(5.0, self.account.timeout), DIALOGUE)
            client.quit()
        except (OSError, smtplib.SMTPException, ValueError):
            pass  # the connection is being given up anyway
        finally:
            client.wire.close()

    def _reset(self) -> None:
        client = self._client
        if client is None:
            return
        try:
            if client.rset()[0] != 250:
                self._drop()
        except (OSError, smtplib.SMTPException, ValueError):
            self._drop()

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None and hasattr(client, "wire"):
            client.wire.close()

    def _broken(self, error: Exception, kind: type[TemporaryFailure]) -> TemporaryFailure:
        """The connection has failed in a way that is no reply: drop it and say how."""
        client = self._client
        fault = error if isinstance(error, WireError) else None
        if fault is None and client is not None and hasattr(client, "wire"):
            fault = client.wire.fault
        self._drop()
        if fault is not None:
            return kind(fault.code, Reply(0, fault.detail))
        lost = isinstance(error, OSError | smtplib.SMTPServerDisconnected)
        return kind("connection_lost" if lost else "garbage")


def _login_utf8(client: _Client, account: SmtpAccount) -> None:
    """AUTH PLAIN in UTF-8 (RFC 4616): smtplib's own login knows only ASCII."""
    if "PLAIN" not in client.esmtp_features.get("auth", "").upper().split():
        raise AccountFailure("bad_credentials")
    words = base64.b64encode(f"\0{account.username}\0{account.password}".encode()).decode()
    code, text = client.docmd("AUTH", f"PLAIN {words}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, text)


def _envelope(envelope_from: str, recipients: Sequence[str]) -> tuple[str, dict[str, str], dict[str, Reply], bool]:
    """(sender, {address as told: as sent}, refused here, whether SMTPUTF8 is needed)."""
    if envelope_from and not _ADDRESS.fullmatch(envelope_from):
        raise PermanentFailure("bad_sender", Reply(501, "5.1.7"))
    sender = _ascii_domain(envelope_from)
    wanted: dict[str, str] = {}
    refused: dict[str, Reply] = {}
    for told in recipients:
        if len(told) <= 254 and _ADDRESS.fullmatch(told):
            wanted[told] = _ascii_domain(told)
        else:
            refused[told] = Reply(501, "5.1.3")
    return sender, wanted, refused, not "".join([sender, *wanted.values()]).isascii()


def _ascii_domain(address: str) -> str:
    """почта@пример.рф → почта@xn--e1afmkfd.xn--p1ai: only a local part really needs SMTPUTF8."""
    local, at, domain = address.rpartition("@")
    try:
        return local + at + domain.encode("idna").decode("ascii")
    except UnicodeError:
        return address


def _options(client: _Client, message: bytes, needs_utf8: bool) -> list[str]:
    """Parameters of MAIL FROM; what the server could not carry is refused before it is sent."""
    limit = client.esmtp_features.get("size", "")
    if limit.isdecimal() and 0 < int(limit) < len(message):
        raise PermanentFailure("letter_too_large", Reply(552, f"5.3.4 {limit}"))
    options = [f"SIZE={len(message)}"] if client.has_extn("size") else []
    if needs_utf8:
        if not client.has_extn("smtputf8"):
            raise PermanentFailure("needs_smtputf8", Reply(553, "5.6.7"))
        options.append("SMTPUTF8")
    if not message.isascii():
        if not client.has_extn("8bitmime"):
            raise PermanentFailure("needs_8bitmime", Reply(554, "5.6.3"))
        options.append("BODY=8BITMIME")
    return options

"""A TCP or TLS connection that cannot hold its user up.

The timeouts of a plain socket start anew with each byte, so a server sending one byte a second holds a
worker for ever, and one that never ends its line fills the memory. A `Wire` has, for each exchange, one
deadline and one allowance of bytes, both set by `begin`; whoever talks IMAP or SMTP over it inherits them.
"""

import ipaddress
import socket
import ssl
import time
from pathlib import Path

CHUNK = 65_536


class WireError(OSError):
    """The connection failed. `code` is one of the keys of `reasons.REASONS`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


def tls_context(ca_file: str | None = None) -> ssl.SSLContext:
    """A context that verifies the certificate and the host name, always.

    `ca_file`: a PEM file of an organisation's own authority, trusted beside the system's.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        if not Path(ca_file).is_file():
            raise WireError("ca_file_missing", ca_file)
        try:
            context.load_verify_locations(cafile=ca_file)
        except ssl.SSLError:
            raise WireError("ca_file_unreadable", ca_file) from None
    return context


def may_be_a_server(address: str) -> bool:
    """Whether a mail server can be at this address. One inside the organisation can, this very machine among it; none
    is at a link-local address (where clouds tell their keys), a multicast one, or the unspecified, which leads to
    ourselves (safety A60)."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    judged = mapped or found
    return not (judged.is_link_local or judged.is_multicast or judged.is_unspecified)


class Wire:
    """A connection with a deadline and a byte allowance per exchange. Not for use by two threads at once."""

    def __init__(self, host: str, port: int, *, connect_timeout: float, read_timeout: float) -> None:
        self.host = host
        self.port = port
        self._read_timeout = read_timeout
        self._ends = time.monotonic() + connect_timeout
        self._left = CHUNK
        self._buffer = bytearray()
        self.fault: WireError | None = None  # the last one, for smtplib swallows what its file raises
        self._sock = self._connect()

    @property
    def encrypted(self) -> bool:
        return isinstance(self._sock, ssl.SSLSocket)

    @property
    def certificate_ends(self) -> str:
        """`notAfter` of the peer's certificate as OpenSSL writes it, "" without TLS."""
        if not isinstance(self._sock, ssl.SSLSocket):
            return ""
        return str((self._sock.getpeercert() or {}).get("notAfter", ""))

    def begin(self, seconds: float, max_bytes: int) -> None:
        """Start an exchange that may last `seconds` and bring in `max_bytes`."""
        self._ends = time.monotonic() + seconds
        self._left = max_bytes

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Turn the connection into TLS and verify the peer."""
        if self._buffer:
            # Plain text sent behind the answer to STARTTLS would be taken for the server's protected words
            # (CVE-2011-0411 and its kin).
            raise self._fault("starttls_injection")
        self._sock.settimeout(self._patience())
        try:
            self._sock = context.wrap_socket(self._sock, server_hostname=self.host)
        except ssl.SSLCertVerificationError as error:
            raise self._fault("certificate", error.verify_message) from None
        except TimeoutError:
            raise self._fault("timeout") from None
        except ssl.SSLError as error:
            raise self._fault("tls", error.reason or "") from None
        except OSError as error:
            raise self._fault("connection_lost", _plain(error)) from None

    def readline(self, limit: int = -1) -> bytes:
        """A line with its end; what there is of it when the peer closes.

        `limit` is that of a file's readline (http, smtplib pass one); our own allowance is the one that
        rules, so a longer line is an error and never a half line taken for a whole.
        """
        searched = 0
        while True:
            end = self._buffer.find(b"\n", searched)
            if end >= 0:
                return self._take(end + 1)
            searched = len(self._buffer)
            if not self._receive():
                return self._take(searched)
            if 0 <= limit < len(self._buffer) and self._buffer.find(b"\n", searched, limit) < 0:
                raise self._fault("too_much")

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes; refuses before reading when the allowance does not cover them."""
        if size - len(self._buffer) > self._left:
            raise self._fault("too_much", str(size))
        while len(self._buffer) < size:
            if not self._receive():
                raise self._fault("connection_lost")
        return self._take(size)

    def sendall(self, data: bytes | bytearray | memoryview) -> None:
        view = memoryview(data)
        try:
            while view:
                self._sock.settimeout(self._patience())
                view = view[self._sock.send(view[:CHUNK]) :]
        except TimeoutError:
            raise self._fault("timeout") from None
        except WireError:
            raise
        except OSError as error:
            raise self._fault("connection_lost", _plain(error)) from None

    def wait(self, seconds: float) -> bool:
        """Whether something came within `seconds` (it stays to be read). The deadline does not count here."""
        if self._buffer:
            return True
        self._sock.settimeout(max(seconds, 0.001))
        try:
            data = self._sock.recv(CHUNK)
        except (TimeoutError, ssl.SSLWantReadError):
            return False
        except OSError as error:
            raise self._fault("connection_lost", _plain(error)) from None
        if not data:
            raise self._fault("connection_lost")
        self._buffer += data
        return True

    def makefile(self, *_: object, **__: object) -> "Wire":
        """smtplib reads through a file; the wire is its own."""
        return self

    def close(self) -> None:
        self._sock.close()

    def _fault(self, code: str, detail: str = "") -> WireError:
        self.fault = WireError(code, detail)
        return self.fault

    def _connect(self) -> socket.socket:
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except OSError:
            raise self._fault("unknown_host", self.host) from None
        except UnicodeError:
            raise self._fault("unknown_host", self.host) from None
        problem = self._fault("timeout")
        for family, kind, protocol, _, address in found:
            if not may_be_a_server(str(address[0])):
                problem = self._fault("no_place")
                continue
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(self._patience())
                sock.connect(address)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except TimeoutError:
                sock.close()
                problem = self._fault("timeout")
            except WireError:
                sock.close()
                raise
            except OSError as error:
                sock.close()
                problem = self._fault("no_connection", _plain(error))
            else:
                return sock
        raise problem

    def _receive(self) -> bool:
        """Read some bytes into the buffer; False when the peer has closed."""
        if self._left <= 0:
            raise self._fault("too_much")
        try:
            self._sock.settimeout(self._patience())
            data = self._sock.recv(CHUNK)
        except TimeoutError:
            raise self._fault("timeout") from None
        except WireError:
            raise
        except OSError as error:
            raise self._fault("connection_lost", _plain(error)) from None
        self._left -= len(data)
        self._buffer += data
        return bool(data)

    def _take(self, size: int) -> bytes:
        with memoryview(self._buffer) as view:
            data = bytes(view[:size])
        del self._buffer[:size]
        return data

    def _patience(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise self._fault("timeout")
        return min(left, self._read_timeout)


def _plain(error: OSError) -> str:
    """The system's words for an error, without addresses."""
    return error.strerror or type(error).__name__

"""Requests that the installation itself sends over HTTP: the one client, and whom it may speak to (safety A60).

The name is resolved once, every address of the answer is judged, and the connection goes to the judged address itself:
a name that answers differently the second time (DNS rebinding) is never asked a second time. By default only the public
internet can be reached; an administrator names the hosts and networks inside that may be (PROVODNIK_OUTBOUND_ALLOWED).
Redirects are not followed, proxies of the environment are not used, an answer has an end and the whole talk a deadline.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlsplit

from django.conf import settings

from provodnik.core import gate

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Sequence[str]]

DEADLINE = 10.0  # seconds for everything: name, connection, handshake, question, answer
LARGEST_ANSWER = 1024 * 1024  # bytes
LONGEST_ADDRESS = 2000
MOST_ADDRESSES = 3  # of one name that are tried

_PRINTABLE = re.compile(r"[\x21-\x7e\u00a1-\uffff]+")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
# What looks like a number is one to inet_aton(3): 127.1, 0x7f.1, 017700000001, 2130706433.
_NUMERIC = re.compile(r"(0x[0-9a-f]*|\d+)")
# Addresses that carry an IPv4 address to whoever translates them: 6to4 (RFC 3056), Teredo (RFC 4380).
_TUNNELS = (ipaddress.IPv6Network("2002::/16"), ipaddress.IPv6Network("2001::/32"))
# Of the registries of special addresses (RFC 6890), what some versions of Python call global.
_SPECIAL_IPV4 = tuple(
    ipaddress.IPv4Network(text)
    for text in ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/3")
)
_PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")  # all that IANA has given out (RFC 4291 2.4, RFC 3513 4)


class OutboundError(Exception):
    """The request was not sent, or not answered. `code` is stable: views find the words by it."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class Forbidden(OutboundError):
    """The address is none that we may speak to: bad_address, bad_scheme, credentials, bad_host, bad_port, inside."""


class Unreachable(OutboundError):
    """Nobody there understood us in time: no_such_host, no_connection, tls, late, broken, too_large."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers in lower case, at most as many bytes of body as were asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart. `host` in ASCII and lower case (IDNA), `path` with its query, percent-encoded."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """For the Host header (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"http": 80, "https": 443}[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an administrator opened: `hosts` by name, `networks` by number."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = field(default=())


@lru_cache(maxsize=16)
def allowed_of(entries: tuple[str, ...]) -> Allowed:
    """The setting understood: an entry is a network, an address or a host name. A misspelt one opens nothing."""
    hosts, networks = set(), list[Network]()
    for entry in entries:
        text = entry.strip().lower()
        try:
            networks.append(ipaddress.ip_network(text.strip("[]"), strict=False))
        except ValueError:
            hosts.add(text.rstrip("."))
    return Allowed(frozenset(hosts), tuple(networks))


def allowed() -> Allowed:
    return allowed_of(tuple(settings.OUTBOUND_ALLOWED))


def target(address: str) -> Target:
    """Take an address apart. Raises Forbidden for what no request of ours may name."""
    if len(address) > LONGEST_ADDRESS or not _PRINTABLE.fullmatch(address) or "\\" in address:
        raise Forbidden("bad_address")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise Forbidden("bad_address") from error
    if parts.scheme not in ("http", "https"):
        raise Forbidden("bad_scheme")
    if "@" in parts.netloc:
        raise Forbidden("credentials")
    host = _host(parts.hostname or "")
    if port is None:
        port = 443 if parts.scheme == "https" else 80
    if port < 1024 and port not in (80, 443):  # mail, SSH and their like read HTTP as commands
        raise Forbidden("bad_port", str(port))
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return Target(parts.scheme, host, port, f"{path}?{query}" if query else path)


def _host(name: str) -> str:
    """The host in the one form that is compared and resolved. Raises Forbidden."""
    if ":" in name:  # urlsplit has taken the brackets off
        if "%" in name:  # a zone («%eth0») is of this machine
            raise Forbidden("bad_host")
        try:
            return str(ipaddress.IPv6Address(name))
        except ValueError as error:
            raise Forbidden("bad_host") from error
    try:
        host = name.encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError as error:
        raise Forbidden("bad_host") from error
    labels = host.split(".")
    if not host or len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Forbidden("bad_host")
    if _NUMERIC.fullmatch(labels[-1]):  # by the WHATWG rule: what ends in a number is an IPv4 address or nothing
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError as error:
            raise Forbidden("bad_host") from error
    return host


def is_public(address: Address) -> bool:
    """Whether anybody on the internet may be at this address."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address not in _PUBLIC_IPV6 or any(address in network for network in _TUNNELS):
            return False
    elif any(address in network for network in _SPECIAL_IPV4):
        return False
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
        and not address.is_link_local
    )


def may_reach(address: Address, host: str, inside: Allowed) -> bool:
    """A public address; one of an opened network; or whatever an opened host resolves to, except what is never a
    service: link-local (where clouds keep their keys), multicast, the unspecified."""
    plain = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped else address
    if any(plain in network for network in inside.networks if network.version == plain.version):
        return True
    if is_public(plain):
        return True
    return host in inside.hosts and not (plain.is_link_local or plain.is_multicast or plain.is_unspecified)


def resolve(host: str, port: int) -> list[str]:
    """Addresses of a name, as the system knows them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def addresses_of(host: str, port: int, *, deadline: float) -> Sequence[str]:
    """Addresses of a name (or itself, where it is one), for who speaks something else than HTTP. Raises Unreachable."""
    return _resolved(Target("http", host, port, "/"), resolve, _Clock(deadline))


def judged(host: str, answers: Sequence[str], inside: Allowed) -> list[Address]:
    """The addresses of an answer. One that may not be reached forbids them all: a name that mixes the inside with the
    outside is after something. Raises Forbidden, Unreachable."""
    addresses: list[Address] = []
    for answer in answers:
        try:
            address = ipaddress.ip_address(answer)
        except ValueError as error:
            raise Forbidden("inside", answer) from error
        if not may_reach(address, host, inside):
            raise Forbidden("inside", str(address))
        addresses.append(address)
    if not addresses:
        raise Unreachable("no_such_host")
    return addresses[:MOST_ADDRESSES]


class _Clock:
    """What is left of the deadline."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise Unreachable("late")
        return left


class _Reader(io.RawIOBase):
    """A socket read with what is left of the deadline each time: a byte every nine seconds does not keep us."""

    def __init__(self, sock: socket.socket, clock: _Clock) -> None:
        super().__init__()
        self._sock, self._clock = sock, clock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._clock.left())
        return self._sock.recv_into(buffer)


class _Wire:
    """What http.client needs of a socket, no more."""

    def __init__(self, sock: socket.socket, clock: _Clock) -> None:
        self._sock, self._clock = sock, clock

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._sock, self._clock))

    def sendall(self, content: bytes) -> None:
        self._sock.settimeout(self._clock.left())
        self._sock.sendall(content)

    def close(self) -> None:
        """http.client lets go of an answer without a length before it is read; `send` closes what it opened."""


def send(
    method: str,
    address: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    inside: Allowed | None = None,
    resolver: Resolver = resolve,
    deadline: float = DEADLINE,
    largest: int = LARGEST_ANSWER,
    ca: str = "",
) -> Answer:
    """Ask once. `inside`: what is opened, by default the setting; `largest`: bytes of the answer; `ca`: one more
    authority that is believed (PEM). Raises Forbidden (nothing was sent) and Unreachable (perhaps something was)."""
    inside = allowed() if inside is None else inside
    goal, clock = target(address), _Clock(deadline)
    gate.knock()
    addresses = judged(goal.host, _resolved(goal, resolver, clock), inside)
    sock = _connected(goal, addresses, clock, ca)
    try:
        return _talk(goal, sock, clock, method, body, headers or {}, largest)
    except TimeoutError as error:
        raise Unreachable("late") from error
    except ssl.SSLError as error:
        raise Unreachable("tls", error.reason or "") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable("broken", type(error).__name__) from error
    finally:
        sock.close()


def _resolved(goal: Target, resolver: Resolver, clock: _Clock) -> Sequence[str]:
    """Asked in a thread of its own: the system's resolver knows no deadline."""
    try:
        return [str(ipaddress.ip_address(goal.host))]
    except ValueError:
        pass
    found: list[Sequence[str]] = []

    def ask() -> None:
        try:
            found.append(resolver(goal.host, goal.port))
        except (OSError, UnicodeError):
            found.append([])

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(clock.left())
    if not found:
        raise Unreachable("late")
    return found[0]


def _connected(goal: Target, addresses: Sequence[Address], clock: _Clock, ca: str) -> socket.socket:
    """A connection to a judged address itself; over TLS its certificate is that of the name."""
    last: OSError | None = None
    for address in addresses:
        try:
            sock = socket.create_connection((str(address), goal.port), timeout=clock.left())
        except OSError as error:
            last = error
            continue
        if goal.scheme == "http":
            return sock
        try:
            sock.settimeout(clock.left())
            return _tls(ca).wrap_socket(sock, server_hostname=goal.host)
        except (OSError, ValueError) as error:
            sock.close()
            if isinstance(error, TimeoutError):
                raise Unreachable("late") from error
            reason = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else ""
            raise Unreachable("tls", reason) from error
    raise Unreachable("late" if isinstance(last, TimeoutError) else "no_connection") from last


def _tls(ca: str) -> ssl.SSLContext:
    """The system's authorities, and the organisation's own ones. Raises Unreachable when they cannot be read."""
    context = ssl.create_default_context()
    if ca:
        try:
            context.load_verify_locations(cadata=ca)
        except (ssl.SSLError, ValueError) as error:
            raise Unreachable("tls", "CA") from error
    if settings.CA_FILE:
        try:
            context.load_verify_locations(cafile=str(Path(settings.CA_FILE)))
        except OSError as error:
            raise Unreachable("tls", "CA_FILE") from error
    return context


def _talk(
    goal: Target,
    sock: socket.socket,
    clock: _Clock,
    method: str,
    body: bytes,
    headers: Mapping[str, str],
    largest: int,
) -> Answer:
    connection = http.client.HTTPConnection(goal.host, goal.port)
    connection.sock = cast(Any, _Wire(sock, clock))
    connection.auto_open = 0  # never a second connection, to an address that nobody has judged
    sent = {"Host": goal.authority, "Connection": "close", "Accept-Encoding": "identity", **headers}
    connection.request(method, goal.path, body=body, headers=sent)
    response = connection.getresponse()
    content = response.read(largest + 1)
    if len(content) > largest:
        raise Unreachable("too_large")
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, content)

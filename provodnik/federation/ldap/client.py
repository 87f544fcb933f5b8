"""Talk to a directory: find one person, prove his password. Every talk has one deadline; referrals are never followed.

ldap3 speaks the protocol. What it does not do is done here: an address is judged before it is connected to, the
certificate is checked by Python's own context against the name that the administrator wrote, and a server that answers
a byte a second is cut off by a watchdog (`_Watch`), because a socket's own patience begins anew with each byte.
"""

from __future__ import annotations

import ipaddress
import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from ldap3 import BASE, NONE, SIMPLE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException

from provodnik.core import gate, outbound
from provodnik.federation.ldap import entries, filters
from provodnik.federation.ldap.entries import Found
from provodnik.federation.states import Security

log = logging.getLogger(__name__)
T = TypeVar("T")
DEADLINE = 8.0  # seconds for everything with one server
CONNECTING = 3
RECEIVING = 5
LONGEST_PASSWORD = 1000
NOBODY = "cn=nobody-of-this-name"  # whose password is tried where nobody was found, so that it takes as long (A51)
AT_ONCE = 100  # people of one search

SUCCESS, REFERRAL, TIME_LIMIT, SIZE_LIMIT, NO_SUCH_OBJECT, INVALID_CREDENTIALS = 0, 10, 3, 4, 32, 49
INVALID_SYNTAX, UNWILLING = 34, 53


class Trouble(Exception):
    """The directory did not do what was asked. `code` is stable, views find the words by it: no_host, no_connection,
    late, tls, bind, no_base, referral, refused, broken, several, forbidden."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Setup:
    """How to reach a directory. `servers` are asked in their order, the next one when one cannot be reached. `ca`: PEM
    of the authority that signs their certificates, "" for those that the system knows."""

    servers: Sequence[Address]
    security: Security
    base: str
    narrow: str
    logins: Sequence[str]
    ca: str = ""
    bind_dn: str = ""
    bind_password: str = field(default="", repr=False)
    wanted: Sequence[str] = ()
    is_active_directory: bool = False
    deadline: float = DEADLINE


def context_of(setup: Setup) -> ssl.SSLContext:
    """Raises Trouble when the authority's certificate cannot be read."""
    context = ssl.create_default_context()
    try:
        if settings.CA_FILE:
            context.load_verify_locations(cafile=str(Path(settings.CA_FILE)))
        if setup.ca:
            context.load_verify_locations(cadata=setup.ca)
    except (OSError, ValueError) as error:
        raise Trouble("tls", "CA") from error
    return context


class _VerifiedTls(Tls):  # type: ignore[misc]
    """The certificate is checked by Python's own context, for the name that was written in the settings: ldap3 would
    connect by an address and compare that."""

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context, self._host = context, host

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        connection.socket = self._context.wrap_socket(connection.socket, server_hostname=self._host)


class _Watch:
    """Ends a talk at its deadline by closing its socket, whatever is being waited for."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._connection: Any = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self.late = False

    def left(self) -> float:
        return max(0.1, self._end - time.monotonic())

    def over(self, connection: Any) -> None:
        self._connection = connection
        self._timer.start()

    def _cut(self) -> None:
        self.late = True
        sock = getattr(self._connection, "socket", None)
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(2)

    def stop(self) -> None:
        self._timer.cancel()


def _judged(one: Address, watch: _Watch) -> str:
    """The address to connect to. A directory stands inside: private addresses are what is expected; those where clouds
    keep their keys, and what is no host at all, are refused (safety A60). Raises Trouble."""
    try:
        found = [
            ipaddress.ip_address(text) for text in outbound.addresses_of(one.host, one.port, deadline=watch.left())
        ]
    except (outbound.OutboundError, ValueError) as error:
        raise Trouble("no_host") from error
    if not found:
        raise Trouble("no_host")
    for address in found:
        plain = getattr(address, "ipv4_mapped", None) or address
        if plain.is_link_local or plain.is_multicast or plain.is_unspecified:
            raise Trouble("forbidden")
    return str(found[0])


@contextmanager
def _talk(setup: Setup, one: Address) -> Iterator[tuple[Any, _Watch]]:
    """A connection, protected as the settings want, bound to nobody yet. Raises Trouble, whatever goes wrong inside."""
    gate.knock()
    watch = _Watch(setup.deadline)
    connection: Any = None
    try:
        address = _judged(one, watch)
        tls = _VerifiedTls(context_of(setup), one.host) if setup.security is not Security.NONE else None
        server = Server(
            address,
            port=one.port,
            use_ssl=setup.security is Security.TLS,
            tls=tls,
            get_info=NONE,
            connect_timeout=CONNECTING,
            allowed_referral_hosts=[],
        )
        connection = Connection(
            server,
            authentication=None,
            auto_bind=False,
            auto_referrals=False,
            check_names=False,
            read_only=True,
            receive_timeout=RECEIVING,
            raise_exceptions=False,
        )
        watch.over(connection)
        connection.open(read_server_info=False)
        if setup.security is Security.STARTTLS and not connection.start_tls(read_server_info=False):
            raise Trouble("tls")
        yield connection, watch
    except Trouble:
        raise
    except Exception as error:  # ldap3 and its BER decoder let out whatever a broken answer brings them to
        raise _trouble(error, connection, watch) from error
    finally:
        watch.stop()
        if connection is not None:
            _close(connection)


def _trouble(error: Exception, connection: Any, watch: _Watch) -> Trouble:
    told = f"{type(error).__name__} {error} {getattr(connection, 'last_error', '')}".lower()
    if watch.late or "timed out" in told or "timeout" in told:
        return Trouble("late")
    if any(word in told for word in ("ssl", "tls", "certificate")):
        return Trouble("tls", "certificate" if "certificate" in told else "")
    if isinstance(error, LDAPException | OSError) and "socketopen" in told:
        return Trouble("no_connection")
    return Trouble("broken", type(error).__name__)


def _close(connection: Any) -> None:
    with suppress(Exception):
        sock = connection.socket
        if sock is not None:
            sock.close()
        connection.socket, connection.closed = None, True


def _bind(connection: Any, dn: str, password: str) -> int:
    """The code of the answer. A password is never empty here: with an empty one a server answers "success" for nobody
    at all (RFC 4513, 5.1.2)."""
    if not dn or not password:
        raise Trouble("bind")
    connection.user, connection.password, connection.authentication = dn, password, SIMPLE
    connection.bind(read_server_info=False)
    return int(connection.result["result"])


def _bind_service(connection: Any, setup: Setup) -> None:
    """As the account of the settings; without one the directory is searched as nobody, where it allows that."""
    if not setup.bind_dn:
        return
    code = _bind(connection, setup.bind_dn, setup.bind_password)
    if code != SUCCESS:
        raise Trouble("bind" if code in (INVALID_CREDENTIALS, INVALID_SYNTAX, UNWILLING) else "refused", str(code))


def _search(
    connection: Any, setup: Setup, text: str, *, now: datetime, most: int, base: str = "", scope: Any = SUBTREE
) -> list[Found]:
    """Raises Trouble. Continuation references are left alone: where they lead nobody has judged."""
    connection.search(
        base or setup.base,
        text,
        search_scope=scope,
        attributes=[*entries.ALWAYS, *{name for name in setup.wanted if name}],
        size_limit=most + 1,
        time_limit=RECEIVING,
        dereference_aliases="NEVER",
    )
    code = int(connection.result["result"])
    if code not in (SUCCESS, SIZE_LIMIT):
        codes = {NO_SUCH_OBJECT: "no_base", REFERRAL: "referral", TIME_LIMIT: "late"}
        raise Trouble(codes.get(code, "refused"), str(code))
    rows = [row for row in connection.response or () if row.get("type") == "searchResEntry"]
    return [entries.read(str(row["dn"]), row["raw_attributes"], setup.wanted, now=now) for row in rows[: most + 1]]


def prove(setup: Setup, typed: str, password: str, *, now: datetime) -> Found | None:
    """Who this is, when the password is his; None when it is not, or there is nobody, or two. Raises Trouble."""
    if not typed.strip() or not password or len(password) > LONGEST_PASSWORD or len(typed) > filters.LONGEST_TYPED:
        return None

    def ask(connection: Any) -> Found | None:
        _bind_service(connection, setup)
        text = filters.of_typed(setup.narrow, setup.logins, typed.strip())
        found = _search(connection, setup, text, now=now, most=1)
        one = found[0] if len(found) == 1 else None
        code = _bind(connection, one.dn if one else f"{NOBODY},{setup.base}", password)
        return one if one is not None and code == SUCCESS else None

    return _asked(setup, ask)


def find(setup: Setup, typed: str, *, now: datetime) -> list[Found]:
    """Who has this name, for an administrator who links by hand: none, one or two. Raises Trouble."""

    def ask(connection: Any) -> list[Found]:
        _bind_service(connection, setup)
        text = filters.of_typed(setup.narrow, setup.logins, typed.strip()[: filters.LONGEST_TYPED])
        return _search(connection, setup, text, now=now, most=1)

    return _asked(setup, ask) if typed.strip() else []


def in_groups(setup: Setup, dn: str, groups: Sequence[str]) -> list[str]:
    """Of these groups (their DN), those that somebody is a member of. Raises Trouble."""

    def ask(connection: Any) -> list[str]:
        _bind_service(connection, setup)
        return [group for group in groups if _is_member(connection, group, dn)]

    return _asked(setup, ask) if groups else []


def _is_member(connection: Any, group: str, dn: str) -> bool:
    who = filters.escaped(dn)
    text = f"(|(member={who})(uniqueMember={who}))"
    connection.search(group, text, search_scope=BASE, attributes=["cn"], dereference_aliases="NEVER")
    code = int(connection.result["result"])
    if code not in (SUCCESS, NO_SUCH_OBJECT):
        raise Trouble("referral" if code == REFERRAL else "refused", str(code))
    return any(row.get("type") == "searchResEntry" for row in connection.response or ())


def standing(setup: Setup, subjects: Sequence[str], *, now: datetime) -> dict[str, Found]:
    """Those of these people who are there and within the filter. Raises Trouble: then nothing is known of anybody."""
    name = entries.OBJECT_GUID if setup.is_active_directory else entries.ENTRY_UUID

    def ask(connection: Any) -> dict[str, Found]:
        _bind_service(connection, setup)
        known: dict[str, Found] = {}
        for start in range(0, len(subjects), AT_ONCE):
            some = subjects[start : start + AT_ONCE]
            values = [entries.subject_bytes(one, active_directory=setup.is_active_directory) for one in some]
            text = f"(&{setup.narrow}{filters.of_any(name, values)})"
            known |= {one.subject: one for one in _search(connection, setup, text, now=now, most=AT_ONCE)}
        return known

    return _asked(setup, ask)


def _asked(setup: Setup, ask: Callable[[Any], T]) -> T:
    """The answer of the first server that gives one. A server that cannot be reached or talks nonsense is left for the
    next; what a directory says clearly (a wrong account, no such base) holds for all of them."""
    last = Trouble("no_host")
    for one in setup.servers:
        try:
            with _talk(setup, one) as (connection, _watch):
                return ask(connection)
        except Trouble as trouble:
            log.warning("directory %s:%d: %s", one.host, one.port, trouble.code)
            last = trouble
            if trouble.code in ("bind", "no_base", "referral", "refused"):
                break
    raise last


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a check. `code`: "" when it went well, else of a Trouble."""

    name: str
    server: str = ""
    code: str = ""
    detail: str = ""
    count: int = 0


def check(setup: Setup, *, now: datetime) -> list[Step]:
    """Every server: connection with its protection, the account of the settings, the base and the filter."""
    return [_checked(setup, one, now=now) for one in setup.servers]


def _checked(setup: Setup, one: Address, *, now: datetime) -> Step:
    server, name = f"{one.host}:{one.port}", "connect"
    try:
        with _talk(setup, one) as (connection, _watch):
            name = "bind"
            _bind_service(connection, setup)
            name = "search"
            found = _search(connection, setup, f"(&{setup.narrow}(objectClass=*))", now=now, most=AT_ONCE)
            return Step(
                "search", server, count=len(found), detail="" if all(row.subject for row in found) else "subject"
            )
    except Trouble as trouble:
        return Step(name, server, trouble.code, trouble.detail)

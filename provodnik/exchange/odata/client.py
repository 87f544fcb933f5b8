"""Asking 1C: GET alone, one host alone, pages until there are none. Everything it answers has an end.

The address is an administrator's, and 1C stands inside the network: so this very host is opened for the one request,
and nothing else is (core/outbound.py: redirects are not followed, link-local addresses are never spoken to). Addresses
where clouds keep the keys of a machine are refused besides.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from provodnik.core import outbound
from provodnik.core.outbound import Allowed, Answer, Forbidden, OutboundError
from provodnik.core.strict_json import NotStrict, Reader
from provodnik.exchange.odata.sets import EntitySet

PAGE = 500  # rows asked for at once: what 1C's own guides advise
MOST_PAGES = 1000  # of one set
LARGEST_PAGE = 16 * 1024 * 1024  # bytes
A_PAGE = 60.0  # seconds for one answer
A_READING = 3600.0  # seconds for all of it
_reader = Reader(deepest=8, digits=25, largest=10**24, fractions=True)
# Keys of the machine itself: Amazon (IPv6), Alibaba, Oracle, Azure. That of the others, 169.254.169.254, is link-local.
_KEEPERS = frozenset(
    map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16"))
)  # fmt: skip
_TRANSLATED = (ipaddress.IPv6Network("2002::/16"), ipaddress.IPv6Network("64:ff9b::/96"))


class Trouble(Exception):
    """What came instead of an answer. `code` is stable, words find it; `ends`: nothing else of this base can be asked
    for either."""

    def __init__(self, code: str, *, ends: bool = False) -> None:
        super().__init__(code)
        self.code, self.ends = code, ends


@dataclass(frozen=True, slots=True)
class Door:
    """Where and as whom. `address` ends before the name of a set; `ca`: an authority of the customer's (PEM)."""

    address: str
    user: str
    password: str
    ca: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer as it came, and how many rows it holds that no page before it has told."""

    raw: bytes
    rows: int


class Client:
    """Speaks with one base. `seconds`: for everything it is asked."""

    def __init__(self, door: Door, *, seconds: float = A_READING, a_page: float = A_PAGE) -> None:
        self._door, self._a_page = door, a_page
        self._end = time.monotonic() + seconds
        self._head = door.address.rstrip("/")
        token = base64.b64encode(f"{door.user}:{door.password}".encode()).decode()
        self._counts: dict[str, int | None] = {}
        self._headers = {"Authorization": f"Basic {token}", "Accept": "application/json"}

    def published(self) -> list[str]:
        """The sets that the base has opened, by its own list. Raises Trouble."""
        return [str(one.get("name", "")) for one in rows_of(self._asked("", {}))]

    def count(self, one: EntitySet, now: datetime) -> int | None:
        """How many rows a set has; None where the base does not say. Asked once. Raises Trouble of the whole base."""
        if one.name not in self._counts:
            self._counts[one.name] = self._counted(one, now)
        return self._counts[one.name]

    def _counted(self, one: EntitySet, now: datetime) -> int | None:
        try:
            answer = self._asked(f"{one.name}/$count", _filter(one, now), plain=True)
        except Trouble as trouble:
            if trouble.ends:
                raise
            return None
        text = answer.strip().removeprefix(b"\xef\xbb\xbf")
        return int(text) if text.isdigit() and len(text) < 10 else None

    def first(self, one: EntitySet, now: datetime) -> tuple[str, tuple[str, ...]]:
        """Under which name and with which fields a set answers. Raises Trouble."""
        last = Trouble("absent")
        for name in one.names:
            for fields in dict.fromkeys(((*one.fields, *one.spare), one.fields)):
                try:
                    self._asked(name, {**_filter(one, now), **_page(one, fields, 1, 0)})
                except Trouble as trouble:
                    if trouble.ends or trouble.code not in ("absent", "fields", "server"):
                        raise
                    last = trouble
                    if trouble.code == "absent":
                        break
                else:
                    return name, fields
        raise last

    def pages(self, one: EntitySet, now: datetime, *, size: int = PAGE) -> Iterator[Page]:
        """All of a set. A set is whole when this ends without Trouble: no page twice, none missing, no row fewer than
        the base has counted."""
        name, fields = self.first(one, now)
        counted = self.count(one, now) if name == one.name else None
        seen: set[bytes] = set()
        skip = 0
        for _number in range(MOST_PAGES):
            raw = self._asked(name, {**_filter(one, now), **_page(one, fields, size, skip)})
            rows = rows_of(raw)
            if not rows:
                break
            if len(rows) > size:
                raise Trouble("repeats")  # it does not heed $top: then it does not heed $skip
            fresh = sum(_is_new(row, one.keys, seen) for row in rows)
            if not fresh:
                raise Trouble("repeats")
            yield Page(raw, fresh)
            skip += len(rows)
            told = len(seen) if one.is_unique else skip
            if len(rows) < size and (counted is None or told >= counted):
                break
        else:
            raise Trouble("endless")
        if counted is not None and (len(seen) if one.is_unique else skip) < counted:
            raise Trouble("half")

    def _asked(self, path: str, options: Mapping[str, str], *, plain: bool = False) -> bytes:
        """The body of a good answer. Raises Trouble."""
        asked = dict(options) if plain else {**options, "$format": "json"}
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in asked.items())
        address = f"{self._head}/{quote(path, safe='/$')}" + (f"?{query}" if query else "")
        left = self._end - time.monotonic()
        if left <= 0:
            raise Trouble("overtime", ends=True)
        answer = _sent(address, self._headers, self._door.ca, min(left, self._a_page))
        if answer.status == 200:
            return answer.body
        raise _refused(answer.status)


def _sent(address: str, headers: Mapping[str, str], ca: str, deadline: float) -> Answer:
    try:
        host = outbound.target(address).host
        if keeps_keys(host):
            raise Forbidden("inside")
        return outbound.send(
            "GET", address, headers=headers, inside=Allowed(hosts=frozenset({host})), resolver=_resolve,
            deadline=deadline, largest=LARGEST_PAGE, ca=ca,
        )  # fmt: skip
    except Forbidden as error:
        raise Trouble("address" if error.code != "inside" else "forbidden", ends=True) from error
    except OutboundError as error:
        raise Trouble(error.code, ends=error.code in ("no_such_host", "no_connection", "tls")) from error


def _resolve(host: str, port: int) -> Sequence[str]:
    """An answer with such an address becomes one that `outbound` refuses."""
    found = outbound.resolve(host, port)
    return ["0.0.0.0"] if any(keeps_keys(text) for text in found) else found  # noqa: S104 - refused, not listened on


def keeps_keys(text: str) -> bool:
    """Whether this may be where a cloud keeps the keys of its machines; a name is judged when it is resolved."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if any(address in network for network in _TRANSLATED):
            return True
        address = address.ipv4_mapped or address
    return address in _KEEPERS or address.is_link_local


_STATUSES: Mapping[int, str] = {400: "fields", 401: "password", 403: "rights", 404: "absent"}


def _refused(status: int) -> Trouble:
    if 300 <= status < 400:
        return Trouble("elsewhere", ends=True)
    code = _STATUSES.get(status) or ("server" if status >= 500 else "answer")
    # a wrong password is not tried again: 1C shuts an account out after some tries
    return Trouble(code, ends=status == 401)


def _filter(one: EntitySet, now: datetime) -> dict[str, str]:
    return {"$filter": one.condition(now)} if one.where else {}


def _page(one: EntitySet, fields: Sequence[str], top: int, skip: int) -> dict[str, str]:
    return {"$select": ",".join(fields), "$orderby": one.order, "$top": str(top), "$skip": str(skip)}


def rows_of(raw: bytes) -> list[dict[str, Any]]:
    """The rows of an answer as OData 3 writes them in JSON: {"value": [{…}]}. Raises Trouble."""
    try:
        value = _reader.read(raw.removeprefix(b"\xef\xbb\xbf"))
    except NotStrict as error:
        raise Trouble("unreadable") from error
    rows = value.get("value") if isinstance(value, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Trouble("unreadable")
    return rows


def _is_new(row: Mapping[str, Any], keys: Sequence[str], seen: set[bytes]) -> bool:
    """Sixteen bytes a row are kept, not the row: a set may have half a million."""
    told = repr([row.get(key) for key in keys]).encode("utf-8", "surrogatepass")
    mark = hashlib.blake2b(told, digest_size=16).digest()
    if mark in seen:
        return False
    seen.add(mark)
    return True

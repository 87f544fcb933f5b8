"""Which letter it is, and which request it belongs to: content hash, signed ids and reply tokens."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from .parse import clean
from .parse.headers import read_headers
from .parse.values import Address

# What a second delivery of the same letter leaves as it was. Trace fields (Received, Return-Path,
# Delivered-To, Authentication-Results, DKIM-Signature, ARC-*, X-*) are made anew by each way it takes (F35).
_STABLE = (
    "from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references",
    "mime-version", "content-type", "content-transfer-encoding", "content-disposition",
)  # fmt: skip
_SPACES = re.compile(rb"\s+")
_BREAKS = re.compile(rb"\r\n|\r")
_CHUNK = 1024 * 1024
_MAC_BYTES = 15  # 120 bits, 24 letters of base32 without padding
_TOKEN = re.compile(r"\bt([1-9]\d{0,17})-([a-z2-7]{24})(?![a-z0-9])")
_OWN_ID = re.compile(r"<?pv\.([a-z]{1,20})\.(\d{1,18})\.([A-Za-z0-9-]{1,60})\.([a-z2-7]{24})@[^<>\s]{1,255}>?")
_NUMBER = re.compile(r"\[#\s?([1-9]\d{0,17})\]")
_MOST = 300


class Addressed(Protocol):
    """An understood letter, as far as it names the request."""

    @property
    def in_reply_to(self) -> Sequence[str]: ...
    @property
    def references(self) -> Sequence[str]: ...
    @property
    def to(self) -> Sequence[Address]: ...
    @property
    def cc(self) -> Sequence[Address]: ...


def content_hash(raw: bytes) -> str:
    """SHA-256 (hex) over what a redelivery does not change: stable fields and the body, line ends unified."""
    headers, start = read_headers(raw, 0, len(raw))
    digest = hashlib.sha256()
    for name in _STABLE:
        for key, value in headers.fields:
            if key == name:
                digest.update(name.encode() + b":" + _SPACES.sub(b" ", value).strip() + b"\n")
    digest.update(b"\n")
    end = len(raw)
    while end > start and raw[end - 1] in b"\r\n":
        end -= 1
    while start < end:
        stop = min(start + _CHUNK, end)
        if raw[stop - 1 : stop + 1] == b"\r\n":
            stop += 1  # never between the two halves of a line end
        digest.update(_BREAKS.sub(b"\n", raw[start:stop]))
        start = stop
    return digest.hexdigest()


def make_message_id(*, key: bytes, kind: str, ticket: int, serial: str, domain: str) -> str:
    """Our Message-ID: the same for the same inputs, so that a second attempt is the same letter.

    `kind`: lower-case letters ("confirm"); `serial`: letters, digits, hyphens, unique per letter of the request.
    """
    if not re.fullmatch(r"[a-z]{1,20}", kind) or not re.fullmatch(r"[A-Za-z0-9-]{1,60}", serial) or ticket < 0:
        raise ValueError("kind, ticket or serial cannot stand in a Message-ID")
    host = re.sub(r"[^A-Za-z0-9.-]", "", domain) or "localhost"
    return f"<pv.{kind}.{ticket}.{serial}.{_mac(key, 'id', kind, str(ticket), serial)}@{host}>"


def make_reply_token(key: bytes, ticket_number: int) -> str:
    """What goes after the plus: `support+t12-…@…`. Letters of one case: servers may fold it."""
    if ticket_number < 1:
        raise ValueError("a request number is positive")
    return f"t{ticket_number}-{_mac(key, 'reply', str(ticket_number))}"


def read_token(key: bytes, text: str) -> int | None:
    """The request number of a reply token or of our Message-ID, when its signature is ours."""
    text = text[:1200]
    own = _OWN_ID.search(text)
    if own and hmac.compare_digest(own[4], _mac(key, "id", own[1], own[2], own[3])):
        return int(own[2]) or None
    token = _TOKEN.search(text.lower())
    if token and hmac.compare_digest(token[2], _mac(key, "reply", token[1])):
        return int(token[1])
    return None


def tickets_in(letter: Addressed, key: bytes) -> list[int]:
    """Numbers of requests that the letter proves to answer, the strongest first: address, reply, then references."""
    addressed = (one.email for one in [*letter.to, *letter.cc])
    places: Iterable[str] = [*addressed, *letter.in_reply_to, *reversed(letter.references)]
    found: dict[int, None] = {}
    for place in list(places)[:_MOST]:
        number = read_token(key, place)
        if number is not None:
            found.setdefault(number)
    return list(found)


def subject_number(subject: str) -> int | None:
    """N of «[#N]»; only a hint, to be believed when the sender belongs to that request's customer."""
    found = _NUMBER.search(clean.line(subject, 1000))
    return int(found[1]) if found else None


def _mac(key: bytes, *parts: str) -> str:
    message = "\0".join(("provodnik", *parts)).encode()
    digest = hmac.new(key, message, hashlib.sha256).digest()[:_MAC_BYTES]
    return base64.b32encode(digest).decode("ascii").lower()

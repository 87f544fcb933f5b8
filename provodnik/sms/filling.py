"""A gateway's template and a message → one HTTP request. Pure (safety A60, A64): placeholders are replaced in one pass
and encoded for where they stand, nothing else is understood, and nothing that is put in is looked at again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

PLACEHOLDERS = ("phone", "digits", "text", "secret")
_PLACE = re.compile(r"\{(phone|digits|text|secret)\}")
_HEADER = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,80}")  # a token of RFC 9110, 5.6.2
OURS = frozenset({"host", "content-length", "connection", "transfer-encoding", "accept-encoding", "expect", "te"})
MOST_HEADERS = 10
LONGEST_HEADER = 1000


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    address: str
    headers: Mapping[str, str]
    body: bytes


def filled(template: str, values: Mapping[str, str], encode: Callable[[str], str]) -> str:
    return _PLACE.sub(lambda found: encode(values[found[1]]), template)


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _in_header(text: str) -> str:
    return re.sub(r"[^\x20-\x7e]", "", text)


def read_headers(text: str) -> dict[str, str] | None:
    """«Name: value», one a line; None for what is none."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or not _HEADER.fullmatch(name) or name.lower() in OURS or len(value) > LONGEST_HEADER:
            return None
        if name.lower() in {known.lower() for known in found} or not value.isprintable():
            return None
        found[name] = value
    return found if len(found) <= MOST_HEADERS else None


def request(
    *, method: str, address: str, headers: str, kind: str, body: str, secret: str, number: str, text: str
) -> Request:
    """`kind` of the body: "json", "form" or "none"."""
    values = {"phone": number, "digits": number.lstrip("+"), "text": text, "secret": secret}
    told = {name: filled(value, values, _in_header) for name, value in (read_headers(headers) or {}).items()}
    content = b""
    if kind == "json":
        content = filled(body, values, _in_json).encode()
        told.setdefault("Content-Type", "application/json; charset=utf-8")
    elif kind == "form":
        content = filled(body, values, lambda value: quote(value, safe="")).encode()
        told.setdefault("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
    return Request(method, filled(address, values, lambda value: quote(value, safe="")), told, content)


def has_host_of_its_own(address: str) -> bool:
    """Whether placeholders stand behind the host alone: whom we speak to no message may say."""
    return not _PLACE.search(address.partition("://")[2].partition("/")[0].partition("?")[0]) and not _PLACE.search(
        address.partition("://")[0]
    )


def is_json(body: str) -> bool:
    """Whether the template is JSON once its places are filled, whatever they are filled with."""
    values = dict.fromkeys(PLACEHOLDERS, 'x"\\\n{text}')
    try:
        json.loads(filled(body, values, _in_json))
    except ValueError:
        return False
    return True


def succeeded(status: int, body: bytes, *, wanted: str) -> bool:
    """A status of success, and in the answer the words that the administrator named, where he named any."""
    return 200 <= status < 300 and (not wanted or wanted in body.decode("utf-8", "replace"))

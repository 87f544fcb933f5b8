"""Log lines: one event is one line, whatever a stranger put into it (safety A72), and no line tells of people (A71).

What our own code logs are codes and numbers of rows. What breaks may carry anything: the message of an exception quotes
values («Key (email)=(…) already exists»), an address holds the token of a letter. So of an exception a line tells its
kind, its code and where it was, never its message; and words of anybody that slipped into a message are taken out.
"""

from __future__ import annotations

import json
import logging
import os
import re
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

request_number: ContextVar[str] = ContextVar("request_number", default="")

_ROOTS = (Path(__file__).resolve().parents[2], Path(os.__file__).resolve().parent / "site-packages")
MOST_FRAMES = 12  # of one exception: the outermost of the framework tell nothing
MOST_CAUSES = 4
LONGEST = 2000  # characters of a message

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PATTERNS = (
    (re.compile(r"\b([a-z][a-z0-9+.-]*://)[^\s\"'<>]+", re.IGNORECASE), r"\1…"),  # passwords, paths, queries
    (re.compile(r"[^\s\"'<>@,;()]+@[^\s\"'<>@,;()]+"), "…@…"),
    (re.compile(r"\"[^\"]*\"|'[^']*'|«[^»]*»|“[^”]*”"), "'…'"),
    (re.compile(r"\((?:[^()=]*)\)=\([^()]*\)"), "(…)=(…)"),  # PostgreSQL's DETAIL
    (re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{24,}\b"), "…"),  # tokens, sums, session keys
    (re.compile(r"(?<![\w.:-])(?!\d{4}-\d\d-\d\d)\+?\d[\d ()-]{8,}\d(?![\w.:-])"), "…"),  # phones, SNILS, accounts
    (re.compile(r"[^\x00-\x7f…«»—–№]+(?:[\s.,-]+[^\x00-\x7f…«»—–№]+)*"), "…"),  # our messages are English
)


def one_line(text: str) -> str:
    """Control characters as text, so that no input can begin a line of its own or colour a terminal."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def scrub(text: str) -> str:
    """Without addresses, quoted values, tokens, long numbers, words in Russian: what is left is the program's own."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it came of, as Python would tell it; the nearest first."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen and len(seen) < MOST_CAUSES:
        seen.add(id(found))
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _code(error: BaseException) -> str:
    """What says more than the kind and is no value: SQLSTATE with its constraint, an errno."""
    state = getattr(error, "sqlstate", None)
    if state:
        constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
        return f"{state} {constraint}" if constraint else str(state)
    number = getattr(error, "errno", None)
    return f"errno {number}" if isinstance(number, int) else ""


def _place(frame: traceback.FrameSummary) -> str:
    path = Path(frame.filename)
    for root in _ROOTS:
        if path.is_relative_to(root):
            path = path.relative_to(root)
            break
    return f"{path}:{frame.lineno} {frame.name}"


def told(error: BaseException) -> list[dict[str, Any]]:
    """An exception without its message: [{"kind", "code", "at": [file:line function, …]}], the nearest first."""
    found = []
    for one in _causes(error):
        kind = f"{type(one).__module__}.{type(one).__qualname__}".removeprefix("builtins.")
        frames = traceback.extract_tb(one.__traceback__)[-MOST_FRAMES:]
        found.append({"kind": kind, "code": _code(one), "at": [_place(frame) for frame in frames]})
    return found


def message_of(record: logging.LogRecord) -> str:
    """A record's own words. Of a request that Django tells about: what route, not what address."""
    request = getattr(record, "request", None)
    match = getattr(request, "resolver_match", None)
    status = getattr(record, "status_code", None)
    if request is not None and status:
        route = match.view_name if match is not None else "no such page"
        return f"{status} {getattr(request, 'method', '')} {route}"
    try:
        return scrub(record.getMessage())[:LONGEST]
    except (TypeError, ValueError):  # arguments that do not fit their message
        return scrub(str(record.msg))[:LONGEST]


class _Careful(logging.Formatter):
    """`full`: with messages of exceptions and their source lines, for developers (PROVODNIK_DEBUG)."""

    def __init__(self, *, full: bool = False) -> None:
        super().__init__()
        self.full = full

    def error_of(self, record: logging.LogRecord) -> BaseException | None:
        return record.exc_info[1] if record.exc_info else None


class OneLine(_Careful):
    """Text: time, level, logger, request, message; an exception behind it."""

    def format(self, record: logging.LogRecord) -> str:
        words = [self.formatTime(record), record.levelname, record.name]
        if number := request_number.get():
            words.append(f"[{number}]")
        words.append(record.getMessage() if self.full else message_of(record))
        if (error := self.error_of(record)) is not None:
            if self.full:
                words.append("".join(traceback.format_exception(error)))
            for one in told(error):
                code = f" {one['code']}" if one["code"] else ""
                words.append(f"| {one['kind']}{code} at {' < '.join(reversed(one['at']))}")
        return one_line(" ".join(words))


class Json(_Careful):
    """A line of JSON: time (UTC, RFC 3339), level, logger, message, request, process, error."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage() if self.full else message_of(record),
            "process": record.process,
        }
        if number := request_number.get():
            line["request"] = number
        if (error := self.error_of(record)) is not None:
            line["error"] = told(error)
        return json.dumps(line, ensure_ascii=True)

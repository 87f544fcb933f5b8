"""Bodies of requests, read strictly (safety A67, A68): one meaning each, or a 400 that says what is wrong.

Python's reader takes NaN, keeps the last of two equal names, turns 1e400 into infinity and counts as far as memory
goes. Two programs that read the same bytes differently are how a check is passed by one and something else done by
the other.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from ninja.parser import Parser

from provodnik.api.problems import Problem

LARGEST_BODY = 2 * 1024 * 1024  # bytes of JSON: the longest text, each letter escaped; files go by /uploads
DEEPEST = 20
LARGEST_NUMBER = 2**63 - 1
LONGEST_VALUE = 2000  # characters of one parameter of the address
_IMPOSSIBLE = re.compile("[\x00\ud800-\udfff]")


def _malformed(detail: str) -> Problem:
    return Problem("malformed", detail)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _malformed(_("A name stands twice in one object."))
    return found


def _constant(text: str) -> Any:
    raise _malformed(_("NaN and Infinity are no JSON."))


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _malformed(_("A number is too large."))
    return number


def _int(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > LARGEST_NUMBER:
        raise _malformed(_("A number is too large."))
    return int(text)


def _judge(value: Any, depth: int = 1) -> None:
    if depth > DEEPEST:
        raise _malformed(_("The body is nested too deeply."))
    if isinstance(value, str):
        if _IMPOSSIBLE.search(value):
            raise _malformed(_("The body holds a character that cannot be kept."))
    elif isinstance(value, dict):
        for name, one in value.items():
            _judge(name, depth)
            _judge(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            _judge(one, depth + 1)


def read_json(body: bytes) -> Any:
    """The value of a body. Raises Problem."""
    if len(body) > LARGEST_BODY:
        raise Problem("too-large")
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_float,
            parse_int=_int,
        )
    except RecursionError as error:
        raise _malformed(_("The body is nested too deeply.")) from error
    except ValueError as error:  # JSONDecodeError and UnicodeDecodeError among them
        raise _malformed(_("The body is no JSON in UTF-8.")) from error
    _judge(value)
    return value


class StrictParser(Parser):
    """What django-ninja reads bodies and addresses with."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        found: dict[str, Any] = read_json(request.body)
        return found

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        return {name: values if name in list_fields else values[-1] for name, values in data.lists() if values}


def judge_query(request: HttpRequest, known: frozenset[str]) -> None:
    """A parameter stands once, is known and can be kept: `id=1&id=2` means different things to different programs."""
    wrong: list[tuple[str, str]] = []
    for name, values in request.GET.lists():
        if name not in known:
            wrong.append((name[:100], _("There is no such parameter.")))
        elif len(values) != 1:
            wrong.append((name, _("The parameter stands twice.")))
        elif len(values[0]) > LONGEST_VALUE or _IMPOSSIBLE.search(values[0]):
            wrong.append((name, _("This value is not right.")))
    if wrong:
        raise Problem("malformed", errors=[(_IMPOSSIBLE.sub("?", name), words) for name, words in wrong[:20]])

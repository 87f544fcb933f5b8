"""Bodies of requests, read strictly (safety A67, A68): one meaning each, or a 400 that says what is wrong."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja.parser import Parser

from provodnik.api.problems import Problem
from provodnik.core.strict_json import IMPOSSIBLE, Fault, NotStrict, Reader

LARGEST_BODY = 2 * 1024 * 1024  # bytes of JSON: the longest text, each letter escaped; files go by /uploads
DEEPEST = 20
LARGEST_NUMBER = 2**63 - 1
LONGEST_VALUE = 2000  # characters of one parameter of the address
_reader = Reader(deepest=DEEPEST, digits=20, largest=LARGEST_NUMBER, fractions=True)
_NO_JSON = gettext_lazy("The body is no JSON in UTF-8.")
_WORDS = {
    Fault.TWICE: gettext_lazy("A name stands twice in one object."),
    Fault.CONSTANT: gettext_lazy("NaN and Infinity are no JSON."),
    Fault.LARGE: gettext_lazy("A number is too large."),
    Fault.DEEP: gettext_lazy("The body is nested too deeply."),
    Fault.IMPOSSIBLE: gettext_lazy("The body holds a character that cannot be kept."),
    Fault.NOT_UTF8: _NO_JSON,
    Fault.NOT_JSON: _NO_JSON,
}


def read_json(body: bytes) -> Any:
    """The value of a body. Raises Problem."""
    if len(body) > LARGEST_BODY:
        raise Problem("too-large")
    try:
        return _reader.read(body)
    except NotStrict as error:
        raise Problem("malformed", str(_WORDS[error.fault])) from error


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
        elif len(values[0]) > LONGEST_VALUE or IMPOSSIBLE.search(values[0]):
            wrong.append((name, _("This value is not right.")))
    if wrong:
        raise Problem("malformed", errors=[(IMPOSSIBLE.sub("?", name), words) for name, words in wrong[:20]])

"""The OpenAPI of the API, made from its functions, with what every operation has in common put in, in Russian."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.utils.translation import gettext, gettext_noop
from ninja.openapi.schema import REF_TEMPLATE, get_schema

from provodnik.api.app import api
from provodnik.api.once import HEADER
from provodnik.api.problems import KINDS, MEDIA_TYPE, Mistake, ProblemShape

PREFIX = "api/v1/"
_TAGS = {
    "own": gettext_noop("Myself"),
    "requests": gettext_noop("My requests"),
    "files": gettext_noop("Files"),
    "desk": gettext_noop("The desk: reading"),
    "work": gettext_noop("The desk: work"),
    "ties": gettext_noop("The desk: links, marks, merging"),
    "bulk": gettext_noop("The desk: many requests at once"),
    "macros": gettext_noop("The desk: prepared answers"),
    "saved": gettext_noop("The desk: saved views and drafts"),
    "directory": gettext_noop("Customers and people"),
    "works": gettext_noop("Works and incidents"),
    "articles": gettext_noop("Instructions and memos"),
    "writing": gettext_noop("Instructions: writing"),
    "teams": gettext_noop("Teams, duties, absences"),
    "assignment": gettext_noop("Rules of assignment"),
    "quality": gettext_noop("Quality of support"),
    "exchange": gettext_noop("The exchange with 1C"),
}
_PARAMETERS = {
    "number": gettext_noop("The number or the id."),
    "key": gettext_noop("The id of the file."),
    "q": gettext_noop("A number or words."),
    "text": gettext_noop("A number or words."),
    "cursor": gettext_noop("`next` of the page before; without it the first page."),
    "scope": gettext_noop("own, or company: all of the customer's, for a coordinator."),
    "state": gettext_noop("open or done; without it both."),
    "view": gettext_noop("One of /desk/views."),
    "assignee": gettext_noop("An id of /desk/people, or none."),
    "team": gettext_noop("An id of a team, or none."),
    "customer": gettext_noop("An id of /customers."),
    "subsystem": gettext_noop("An id of /subsystems."),
    "waiting": gettext_noop("us or user: whose turn it is."),
    "since": gettext_noop("Registered on this day or later."),
    "until": gettext_noop("Registered on this day or earlier."),
    "due": gettext_noop("Due by: today, tomorrow or week."),
    "tags": gettext_noop("Ids of /desk/tags with commas between: all of them."),
    "fields": gettext_noop("Values of a contract's own fields by their ids, up to five: 12:K-7|13:yes."),
    "saved": gettext_noop("One of /desk/saved-views; what is named besides narrows it further."),
    "base": gettext_noop("The short name of the base."),
    "batch": gettext_noop("The name that the sender gave the batch."),
    "kind": gettext_noop("served; bare: without a contract in force; off: not served."),
}
_PLAIN = ("OK", "Created", "Accepted")
_RUSSIAN = re.compile("[а-я]")
_ALWAYS = ("malformed", "unauthorized", "too-many", "away")
_OF_BODY = ("in-progress", "too-large", "media-type", "invalid")


@cache
def openapi() -> dict[str, Any]:
    """The whole document; the same for everybody, made once a process."""
    found = get_schema(api, PREFIX)
    for operation in _operations(found):
        _complete(operation)
    schemas = found["components"]["schemas"]
    for shape in (Mistake, ProblemShape):
        schemas[shape.__name__] = shape.model_json_schema(ref_template=REF_TEMPLATE)
        schemas[shape.__name__].pop("$defs", None)
    found["tags"] = [{"name": name, "description": words} for name, words in _TAGS.items()]
    return dict(_told(dict(found)))


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from methods.values()


def _complete(operation: dict[str, Any]) -> None:
    scopes = operation["x-scopes"]
    if_match, kind_of_bytes = operation.pop("x-if-match", False), operation.pop("x-bytes", "")
    answers: dict[Any, Any] = operation["responses"]
    for parameter in operation["parameters"]:
        _plain(parameter)
    if kind_of_bytes:
        answers["200"] = _answer_of_bytes(kind_of_bytes)
        answers.pop(200, None)
    codes = [*_ALWAYS, *(["scope"] if scopes else []), "not-found"]
    if "requestBody" in operation:
        codes += [*_OF_BODY, "refused"]
        operation["parameters"].append(_header(HEADER, gettext_noop("Repeated within 24 h, nothing is done twice.")))
    if if_match:
        codes.append("changed")
        operation["parameters"].append(_header("If-Match", gettext_noop("The ETag of what was read: no surprise.")))
    for code in codes:
        status, title = KINDS[code]
        answers[str(status)] = _problem(str(title))
    # ninja writes whole numbers, the specification wants texts
    operation["responses"] = {str(status): answer for status, answer in answers.items()}


def _plain(parameter: dict[str, Any]) -> None:
    """In an address there is no null: what may be left out is simply not there."""
    schema = parameter["schema"]
    while "anyOf" in schema:
        schema = next(one for one in schema["anyOf"] if one.get("type") != "null")
    parameter["schema"] = {name: value for name, value in schema.items() if name != "description"}
    words = parameter.pop("description", "") or schema.get("description", "")
    parameter["description"] = _PARAMETERS.get(parameter["name"], words)


def _header(name: str, words: str) -> dict[str, Any]:
    shape = {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[!-~]+$"}
    return {"in": "header", "name": name, "required": False, "schema": shape, "description": words}


def _problem(title: str) -> dict[str, Any]:
    return {
        "description": title,
        "content": {MEDIA_TYPE: {"schema": {"$ref": REF_TEMPLATE.format(model=ProblemShape.__name__)}}},
    }


def _answer_of_bytes(kind: str) -> dict[str, Any]:
    content = {kind: {"schema": {"type": "string", "format": "binary"}}}
    return {"description": "OK", "content": content}


def _told(value: Any, inside: str = "") -> Any:
    """The document without the titles that are made from names, with every text for people in their language."""
    if isinstance(value, list):
        return [_told(one, inside) for one in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for name, one in value.items():
        is_text = isinstance(one, str) and inside != "properties"
        if is_text and name == "title" and "version" not in value:
            continue
        if is_text and name in ("description", "summary"):
            words = gettext(one) if one else ""
            if words != one or one in _PLAIN or _RUSSIAN.search(one):  # else it was written for programmers
                found[name] = words
        else:
            found[name] = _told(one, name)
    return found

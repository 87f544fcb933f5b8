"""The pages of the API, made from its own OpenAPI: what there is; of one subject also what goes in, what comes out and
an example. All of it on one page would take a phone a second to draw."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from provodnik.api.problems import KINDS
from provodnik.api.schema import openapi


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter or a field: its name, its kind in words, whether it must be there, what it means."""

    name: str
    kind: str
    required: bool
    words: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    name: str
    summary: str
    words: str
    scopes: list[str]
    parameters: list[Value]
    fields: list[Value]
    result: str
    result_fields: list[Value]
    statuses: list[tuple[str, str]]
    example: str
    writes: bool


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    title: str
    operations: list[Operation] = field(default_factory=list)


def _named(ref: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """A shape by its reference: its name and itself."""
    name = str(ref.get("$ref", "")).rsplit("/", 1)[-1]
    return name, openapi()["components"]["schemas"][name] if name else ref


def kind_of(schema: Mapping[str, Any]) -> str:
    """What may stand here, in words."""
    if "anyOf" in schema:
        kinds = [kind_of(one) for one in schema["anyOf"] if one.get("type") != "null"]
        empty = any(one.get("type") == "null" for one in schema["anyOf"])
        return ", ".join(kinds) + (_(" or null") if empty else "")
    if "allOf" in schema:
        return kind_of(schema["allOf"][0])
    if "$ref" in schema:
        name, shape = _named(schema)
        return kind_of(shape) if "enum" in shape else name
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if schema.get("type") == "array":
        return _("list: %(kind)s") % {"kind": kind_of(schema.get("items", {}))}
    if schema.get("type") == "string":
        return _STRINGS.get(schema.get("format", ""), _text)(schema)
    return {"integer": _("whole number"), "boolean": _("true or false"), "object": _("object")}.get(
        str(schema.get("type", "")), _("any value")
    )


def _text(schema: Mapping[str, Any]) -> str:
    if "maxLength" in schema:
        return _("text up to %(count)s characters") % {"count": schema["maxLength"]}
    return _("text")


_STRINGS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "uuid": lambda schema: _("identifier (UUID)"),
    "date-time": lambda schema: _("instant (ISO 8601, UTC)"),
    "date": lambda schema: _("day (ISO 8601)"),
    "binary": lambda schema: _("file"),
}


def _fields(schema: Mapping[str, Any]) -> list[Value]:
    _name, shape = _named(schema) if "$ref" in schema else ("", schema)
    required = set(shape.get("required", ()))
    return [
        Value(name, kind_of(one), name in required, str(one.get("description", "")))
        for name, one in shape.get("properties", {}).items()
    ]


def _sample(schema: Mapping[str, Any]) -> Any:
    """A value for the example."""
    if "examples" in schema:
        return schema["examples"][0]
    if "anyOf" in schema:
        return _sample(schema["anyOf"][0])
    if "$ref" in schema:
        return _sample(_named(schema)[1])
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object" or "properties" in schema:
        required = set(schema.get("required", ()))
        return {name: _sample(one) for name, one in schema.get("properties", {}).items() if name in required}
    return {"integer": 17, "array": [], "boolean": True}.get(str(schema.get("type", "")), _("Text."))


def _example(method: str, path: str, body: Mapping[str, Any] | None) -> str:
    lines = [f"curl {settings.BASE_URL}{path.replace('{number}', '1853').replace('{key}', '…')}"]
    if method != "GET":
        lines.insert(0, f"curl -X {method} {settings.BASE_URL}{path.replace('{number}', '1853')}")
        lines.pop()
    lines.append('  -H "Authorization: Bearer $TOKEN"')
    content = (body or {}).get("content", {})
    if "multipart/form-data" in content:
        lines += ['  -H "Idempotency-Key: $(uuidgen)"', '  -F "file=@снимок.png"']
    elif "application/json" in content:
        sample = json.dumps(_sample(content["application/json"]["schema"]), ensure_ascii=False)
        lines += [
            '  -H "Idempotency-Key: $(uuidgen)"',
            '  -H "Content-Type: application/json"',
            "  -d '" + sample.replace("'", "'\\''") + "'",
        ]
    return " \\\n".join(lines)


def _operation(method: str, path: str, found: Mapping[str, Any]) -> Operation:
    body = found.get("requestBody")
    content: Mapping[str, Any] = next(iter((body or {}).get("content", {}).values()), {})
    done = next(status for status in found["responses"] if status.startswith("2"))
    answers: Mapping[str, Any] = next(iter(found["responses"][done].get("content", {}).values()), {})
    answer = answers.get("schema", {})
    shape = _named(answer)[1] if "$ref" in answer else answer
    if set(shape.get("properties", ())) == {"items", "next"}:  # a page: what it is a page of
        one = shape["properties"]["items"]["items"]
        result, answer = _("page: %(kind)s") % {"kind": kind_of(one)}, one
    else:
        result = kind_of(answer)
    return Operation(
        method=method.upper(),
        path=path,
        name=found["operationId"],
        summary=found.get("summary", ""),
        words=found.get("description", ""),
        scopes=list(found["x-scopes"]),
        parameters=[
            Value(one["name"], kind_of(one["schema"]), one["required"], one.get("description", ""), one["in"])
            for one in found["parameters"]
        ],
        fields=_fields(content.get("schema", {})),
        result=result,
        result_fields=_fields(answer),
        statuses=[(status, told["description"]) for status, told in sorted(found["responses"].items())],
        example=_example(method.upper(), path, body),
        writes=method != "get",
    )


@cache
def groups() -> list[Group]:
    """Everything there is, by its subject."""
    found = {one["name"]: Group(one["name"], one["description"]) for one in openapi()["tags"]}
    for path, methods in openapi()["paths"].items():
        for method, operation in methods.items():
            found[operation["tags"][0]].operations.append(_operation(method, path, operation))
    return [group for group in found.values() if group.operations]


def group(name: str) -> Group | None:
    """One subject; None where there is none of this name."""
    return next((one for one in groups() if one.name == name), None)


def problems() -> list[tuple[str, int, str]]:
    """(code, status, title) of everything that can go wrong."""
    return [(code, status, str(title)) for code, (status, title) in KINDS.items()]

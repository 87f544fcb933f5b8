"""The contract as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from provodnik.exchange.contract.kinds import GUID, KINDS, LARGEST_VERSION, PATTERNS, VERSION, Field, Kind


def schema(kinds: Mapping[str, Kind] = KINDS, way: str = "") -> dict[str, Any]:
    """JSON Schema (2020-12) of one object, as a line of a file or a member of `objects`. `way`: «told» for TOLD."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:provodnik:exchange:{VERSION}{way and ':' + way}",
        "title": str(
            _("An object that the portal tells 1C:ZUP") if way else _("An object of the exchange with 1C:ZUP")
        ),
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in kinds],
        "$defs": {name: _schema_of_kind(name, kind) for name, kind in kinds.items()},
    }


def _schema_of_kind(name: str, kind: Kind) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "type": {"const": name},
        "guid": {"type": "string", "pattern": GUID, "description": str(kind.guid)},
        "version": {"type": "integer", "minimum": 0, "maximum": LARGEST_VERSION},
    }
    needed = [field for field, one in kind.fields.items() if one.needed]
    whole = _schema_of_fields(kind.fields)
    found: dict[str, Any] = {
        "type": "object",
        "description": f"{kind.told} ({kind.source})",
        "properties": {**properties, **whole},
        "required": ["type", "guid", "version", *needed],
        "additionalProperties": False,
    }
    if kind.removable:
        found["properties"]["deleted"] = {"type": "boolean"}
        found["required"] = ["type", "guid", "version"]
        gone = {"properties": {"deleted": {"const": True}}, "required": ["deleted"]}
        found["anyOf"] = [gone, {"required": needed}]
    return found


def _schema_of_fields(fields: Mapping[str, Field]) -> dict[str, Any]:
    return {name: _schema_of(field) for name, field in fields.items()}


def _schema_of(field: Field) -> dict[str, Any]:
    found: dict[str, Any]
    match field.shape:
        case "bool":
            found = {"type": "boolean"}
        case "word":
            found = {"enum": list(field.words)}
        case "text":
            found = {"type": "string", "maxLength": field.limit}
        case "list":
            inside = field.fields or {}
            needed = [name for name, one in inside.items() if one.needed]
            item = {
                "type": "object",
                "properties": _schema_of_fields(inside),
                "required": needed,
                "additionalProperties": False,
            }
            found = {"type": "array", "maxItems": field.limit, "items": item}
        case _:
            found = {"type": "string", "pattern": PATTERNS[field.shape].pattern}
    if field.empty:
        found = {"anyOf": [found, {"type": "null"}]}
    return {**found, "description": str(field.told)}

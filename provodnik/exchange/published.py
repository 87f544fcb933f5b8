"""The contract as people and programs read it: docs/exchange/fields.md and docs/exchange/schema.json, made from it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from provodnik.exchange import contract
from provodnik.exchange.contract import Field, Kind


def schema() -> str:
    return json.dumps(contract.schema(), ensure_ascii=False, indent=1) + "\n"


def schema_told() -> str:
    """Of the way back."""
    return json.dumps(contract.schema(contract.TOLD, "told"), ensure_ascii=False, indent=1) + "\n"


def fields() -> str:
    """A chapter for each kind, a row for each field (Markdown)."""
    lines = [_("# Objects and fields of the exchange"), "", _("Made from the contract; a test compares it."), ""]
    for name in contract.in_order(list(contract.KINDS)):
        lines += _chapter(name, contract.KINDS[name])
    lines += [_("# What the portal tells 1C"), ""]
    for name, kind in contract.TOLD.items():
        lines += _chapter(name, kind)
    return "\n".join(lines)


def _chapter(name: str, kind: Kind) -> list[str]:
    lines = [f"## {kind.told}: `{name}`", "", f"1С: {kind.source}. `guid`: {kind.guid}."]
    if kind.removable:
        lines.append(_("May be taken back: `deleted: true`."))
    lines += ["", _("| field | shape | needed | what it is |"), "| --- | --- | --- | --- |"]
    return [*lines, *_rows(kind.fields, ""), ""]


def _rows(fields: Mapping[str, Field], way: str) -> Iterator[str]:
    for name, field in fields.items():
        needed = _("always") if field.needed else _("for a new one") if field.first else ""
        yield f"| `{way}{name}` | {_shape(field)} | {needed} | {field.told} |"
        if field.fields:
            yield from _rows(field.fields, f"{way}{name}[].")


def _shape(field: Field) -> str:
    match field.shape:
        case "text":
            return _("text, at most %(limit)d") % {"limit": field.limit}
        case "guid":
            return _("reference to `%(kind)s`") % {"kind": field.refers}
        case "word":
            return ", ".join(f"`{word}`" for word in field.words)
        case "bool":
            return "true, false"
        case "list":
            return _("list, at most %(limit)d") % {"limit": field.limit}
        case "day":
            return _("day: `2026-11-23`")
        case "month":
            return _("month: `2026-11`")
        case "decimal":
            return _('number in quotation marks: `"18.67"`')
        case _:
            return _("name of a file")

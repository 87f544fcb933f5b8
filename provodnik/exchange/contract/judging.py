"""What is wrong with an object: its envelope, its fields by their shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from provodnik.exchange.contract.kinds import ENVELOPE, KINDS, LARGEST_VERSION, PATTERNS, Field, Kind, Words


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with an object: the field and why."""

    field: str
    words: Words


class NoObject(Exception):
    """A line that is no object of the contract at all: one cannot even say what it is about."""

    def __init__(self, words: Words) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True, slots=True)
class Object:
    """An object as it came: `guid` in lower case, `fields` without the envelope."""

    kind: str
    guid: str
    version: int
    deleted: bool
    fields: Mapping[str, Any]


def read(value: Any, *, newest: int) -> Object:
    """The envelope of an object. `newest`: the greatest version to be believed (a clock that is ahead would lock an
    object for years). Raises NoObject."""
    if not isinstance(value, dict):
        raise NoObject(_("An object is expected here."))
    kind, guid, version = value.get("type"), value.get("guid"), value.get("version")
    deleted = value.get("deleted", False)
    if kind not in KINDS:
        raise NoObject(_("«type» is none of the contract's."))
    if not isinstance(guid, str) or not PATTERNS["guid"].match(guid) or not guid.replace("-", "").strip("0"):
        raise NoObject(_("«guid» is no reference of 1C, or an empty one."))
    if not isinstance(version, int) or isinstance(version, bool) or not 0 <= version <= LARGEST_VERSION:
        raise NoObject(_("«version» must be a whole number from 0 to 9007199254740991."))
    if version > newest:
        raise NoObject(_("«version» lies in the future: look at the clock of the sender."))
    if not isinstance(deleted, bool):
        raise NoObject(_("«deleted» must be true or false."))
    fields = {name: one for name, one in value.items() if name not in ENVELOPE}
    return Object(str(kind), guid.lower(), version, deleted, fields)


def complaints(one: Object, kinds: Mapping[str, Kind] = KINDS) -> list[Complaint]:
    """What is wrong with the fields of an object, by their shapes."""
    kind = kinds[one.kind]
    if one.deleted:
        return [] if kind.removable else [Complaint("deleted", _("Objects of this kind are not taken back."))]
    return list(_of_fields(one.fields, kind.fields, ""))[:20]


def _of_fields(values: Mapping[str, Any], fields: Mapping[str, Field], way: str) -> list[Complaint]:
    found = [Complaint(f"{way}{name[:60]}", _("There is no such field.")) for name in values if name not in fields]
    for name, field in fields.items():
        if name not in values:
            if field.needed:
                found.append(Complaint(f"{way}{name}", _("This field must be there.")))
            continue
        value = values[name]
        if value is None and field.empty:
            continue
        found += _of_value(value, field, f"{way}{name}")
    return found


def _of_value(value: Any, field: Field, way: str) -> list[Complaint]:
    match field.shape:
        case "bool":
            return [] if isinstance(value, bool) else [Complaint(way, _("true or false is expected."))]
        case "word":
            good = isinstance(value, str) and value in field.words
            told = _("One of these is expected: %(words)s.") % {"words": ", ".join(field.words)}
            return [] if good else [Complaint(way, told)]
        case "list":
            return _of_list(value, field, way)
        case "text":
            if not isinstance(value, str):
                return [Complaint(way, _("A text is expected."))]
            told = _("At most %(limit)d characters.") % {"limit": field.limit}
            return [] if len(value) <= field.limit else [Complaint(way, told)]
        case _:
            if isinstance(value, str) and (
                PATTERNS[field.shape].fullmatch(value) or (value == "" and not field.needed)
            ):
                return []
            return [Complaint(way, _SHAPES[field.shape])]


_SHAPES: Mapping[str, Words] = {
    "guid": _("A reference is expected: 123e4567-e89b-42d3-a456-426614174000."),
    "day": _("A day from 1900 to 2199 is expected: 2026-11-23. The empty date of 1C is null."),
    "month": _("A month is expected: 2026-11."),
    "decimal": _('A number in quotation marks is expected: "18.67".'),
    "file": _("The name of a file of the same batch is expected, without folders."),
}


def _of_list(value: Any, field: Field, way: str) -> list[Complaint]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return [Complaint(way, _("A list of objects is expected."))]
    if len(value) > field.limit:
        return [Complaint(way, _("At most %(limit)d of them.") % {"limit": field.limit})]
    found: list[Complaint] = []
    for number, one in enumerate(value):
        found += _of_fields(one, field.fields or {}, f"{way}.{number}.")
        if len(found) > 20:
            break
    return found

"""The journal told in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _

from provodnik.accounts.models import JournalEntry


@dataclass(frozen=True, slots=True)
class Line:
    """`changes`: (field, old, new) in words."""

    entry: JournalEntry
    verb: str
    kind: str
    icon: str
    changes: list[tuple[str, str, str]]


def _verbs() -> dict[str, tuple[str, str]]:
    return {
        "added": (_("added"), "plus"),
        "changed": (_("changed"), "pencil"),
        "removed": (_("removed"), "trash-2"),
        "invited": (_("sent an invitation"), "send"),
        "linked": (_("linked an account"), "link"),
        "unlinked": (_("unlinked an account"), "unlink"),
        "switched_off": (_("turned off"), "ban"),
        "switched_on": (_("turned on"), "circle-check"),
        "signed_out": (_("ended all sessions"), "log-out"),
        "password_set": (_("set a password by a link"), "key-round"),
        "password_changed": (_("changed the password"), "key-round"),
        "tested": (_("sent a test letter"), "mail"),
        "retried": (_("asked to try again"), "refresh-cw"),
    }


def _kinds() -> dict[str, str]:
    return {
        "accounts.user": _("account"),
        "desk.customer": _("customer"),
        "desk.contact": _("person of a customer"),
        "desk.contract": _("contract"),
        "desk.calendar": _("working calendar"),
        "desk.calendarexception": _("day of a working calendar"),
        "desk.productionday": _("day of the production calendar"),
        "desk.subsystem": _("subsystem"),
        "channels.mailbox": _("mailbox"),
        "channels.outgoing": _("letter out"),
        "channels.inbound": _("letter in"),
    }


def _field(kind: str, name: str) -> str:
    try:
        return str(getattr(apps.get_model(kind)._meta.get_field(name), "verbose_name", name))
    except (LookupError, ValueError, FieldDoesNotExist):
        return name


def _value(value: Any) -> str:
    if value is None or value == "" or value == "[]":
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def told(entry: JournalEntry) -> Line:
    verb, icon = _verbs().get(entry.verb, (entry.verb, "circle-dot"))
    changes = [
        (_field(entry.kind, name), _value(value[0]), _value(value[1]))
        for name, value in entry.data.items()
        if isinstance(value, list) and len(value) == 2 and entry.verb == "changed"
    ]
    return Line(entry, verb, _kinds().get(entry.kind, entry.kind), icon, changes)

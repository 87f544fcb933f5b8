"""The journal told in sentences without «he» or «she»: what was done, to what, by whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _

from provodnik.accounts.models import JournalEntry
from provodnik.core.parts import parts

LOOKS = ("looked", "downloaded", "exported")


@dataclass(frozen=True, slots=True)
class Line:
    """`text`: the sentence; `changes`: (field, old, new) in words; `ticket`: the number of the request it is about."""

    entry: JournalEntry
    text: str
    icon: str
    changes: list[tuple[str, str, str]] = field(default_factory=list)


def verbs() -> dict[str, tuple[str, str]]:
    """What was done, in the words of the journal, and its icon."""
    return {
        "added": (_("added"), "plus"),
        "changed": (_("changed"), "pencil"),
        "created": (_("made on the server"), "plus"),
        "removed": (_("removed"), "trash-2"),
        "moved": (_("moved to another place"), "arrow-up-down"),
        "joined": (_("joined with another card"), "git-merge"),
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
        "totp_added": (_("app with codes set up"), "smartphone"),
        "totp_removed": (_("app with codes removed"), "smartphone"),
        "passkey_added": (_("passkey added"), "key-round"),
        "passkey_removed": (_("passkey removed"), "key-round"),
        "passkey_doubted": (_("passkey no longer accepted: its counter went back"), "triangle-alert"),
        "printed_made": (_("new printed codes"), "printer"),
        "printed_used": (_("signed in by a printed code"), "printer"),
        "factors_reset": (_("second factor reset"), "lock-open"),
        "revoked": (_("revoked"), "ban"),
        "rotated": (_("replaced the secret"), "key-round"),
        "held": (_("hold set"), "lock"),
        "lifted": (_("hold lifted"), "lock-open"),
        "forgotten": (_("erasure of a person begun"), "user-x"),
        "published": (_("published"), "circle-check"),
        "withdrawn": (_("withdrawn from readers"), "archive"),
        "checked": (_("checked again"), "calendar-check"),
        "looked": (_("looked at"), "eye"),
        "downloaded": (_("downloaded"), "download"),
        "exported": (_("exported"), "file-spreadsheet"),
        "left": (_("works here no more"), "door-open"),
        "came_back": (_("works here again"), "user-check"),
        "slips_printed": (_("printed slips of entry"), "printer"),
        "invited_many": (_("sent invitations"), "send"),
        "sms_test": (_("sent a test message"), "smartphone"),
        "slip_used": (_("got in by a slip"), "key-round"),
        "slip_reused": (_("a used slip was tried again"), "triangle-alert"),
        "slip_voided": (_("slip of entry made void"), "ban"),
    }


def kinds() -> dict[str, str]:
    """What it was done to."""
    return {
        "accounts.user": _("account"),
        "accounts.factorrule": _("rules of the second factor"),
        "accounts.journalentry": _("journal"),
        "accounts.apitoken": _("token of the API"),
        "consents.edition": _("text of a consent"),
        "consents.marking": _("marking of consents"),
        "consents.person": _("consents of a person"),
        "consents.scan": _("scan of a consent"),
        "exchange.differences": _("differences between the portal and 1C"),
        "entry.sheet": _("slips of entry"),
        "entry.slip": _("slip of entry"),
        "federation.directory": _("directory of accounts"),
        "federation.provider": _("provider of sign-in"),
        "sms.gateway": _("gateway of messages"),
        "lifecycle.reminder": _("reminder of old versions"),
        "hooks.subscription": _("webhook"),
        "articles.article": _("article"),
        "articles.section": _("section of instructions"),
        "desk.customer": _("customer"),
        "desk.contact": _("person of a customer"),
        "desk.contract": _("contract"),
        "desk.calendar": _("working calendar"),
        "desk.calendarexception": _("day of a working calendar"),
        "desk.productionday": _("day of the production calendar"),
        "desk.subsystem": _("subsystem"),
        "desk.team": _("team"),
        "desk.dutyshift": _("duty"),
        "desk.dutycycle": _("shift pattern"),
        "desk.dutyday": _("duties of a date"),
        "desk.absence": _("absence"),
        "desk.assignmentrule": _("rule of assignment"),
        "desk.escalation": _("carrying to the lead"),
        "desk.retentionrule": _("rule of retention"),
        "desk.legalhold": _("hold on a request"),
        "desk.ticket": _("request"),
        "desk.attachment": _("file of a request"),
        "desk.message": _("letter of a request"),
        "core.erasureact": _("act of erasure"),
        "channels.mailbox": _("mailbox"),
        "channels.outgoing": _("letter out"),
        "channels.inbound": _("letter in"),
        "people.card": _("personnel card"),
        "people.staffmember": _("role in an organisation"),
        "people.organisation": _("organisation"),
        "people.regionalholiday": _("holiday of a region"),
        "people.person": _("card of a person"),
        "people.request": _("request to change data"),
        "people.scan": _("scan of a request to change data"),
        "privacy.extract": _("file about people"),
        "privacy.person": _("personal data of a person"),
        "transfer.transfer": _("file of another desk"),
        "quality.report": _("report on quality"),
        "quality.export": _("export of figures"),
    }


def _kind(kind: str) -> str:
    known = kinds().get(kind)
    if known:
        return known
    try:
        return str(apps.get_model(kind)._meta.verbose_name)
    except (LookupError, ValueError):
        return kind


def _field(kind: str, name: str) -> str:
    for part in parts():  # what is no column: rules of an organisation, for example
        known = part.extra.get("journal_fields", dict)().get((kind, name))
        if known:
            return str(known)
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


_SEEN: dict[tuple[str, str], Callable[[], str]] = {
    ("looked", "desk.ticket"): lambda: _("Request № %(ticket)s: looked at"),
    ("looked", "desk.attachment"): lambda: _("File of request № %(ticket)s: looked at"),
    ("downloaded", "desk.attachment"): lambda: _("File of request № %(ticket)s: downloaded"),
    ("looked", "desk.message"): lambda: _("Letter of request № %(ticket)s: looked at"),
    ("downloaded", "desk.message"): lambda: _("Letter of request № %(ticket)s: downloaded"),
    ("looked", "channels.inbound"): lambda: _("Letter in № %(thing)s: looked at"),
    ("downloaded", "channels.inbound"): lambda: _("Letter in № %(thing)s: downloaded"),
    ("exported", "accounts.journalentry"): lambda: _("The journal: exported"),
    ("downloaded", "core.erasureact"): lambda: _("Act of erasure № %(thing)s: downloaded"),
}


def told(entry: JournalEntry) -> Line:
    verb, icon = verbs().get(entry.verb, (entry.verb, "circle-dot"))
    sentence = _SEEN.get((entry.verb, entry.kind))
    if sentence is not None:
        return Line(entry, sentence() % {"ticket": entry.ticket or "", "thing": entry.thing}, icon)
    kind = _kind(entry.kind)
    words = {"kind": kind[:1].upper() + kind[1:], "title": entry.title, "verb": verb, "thing": entry.thing}
    if entry.title:
        text = _("%(kind)s «%(title)s»: %(verb)s") % words
    elif entry.slot is None:
        text = _("%(kind)s (name erased): %(verb)s") % words
    else:
        text = _("%(kind)s %(thing)s: %(verb)s") % words
    changes = [
        (_field(entry.kind, name), _value(value[0]), _value(value[1]))
        for name, value in entry.data.items()
        if isinstance(value, list) and len(value) == 2 and entry.verb == "changed"
    ]
    return Line(entry, text, icon, changes)

"""What people read of slips."""

from __future__ import annotations

from django.utils.translation import gettext as _

from provodnik.entry.queries.naming import Clash
from provodnik.entry.queries.register import Line
from provodnik.entry.states import Name, Standing, Way, Why
from provodnik.ui.text import full_day, full_moment


def voided() -> str:
    return _("The slip is void. Print a new one when it is needed.")


def why(code: str) -> str:
    known = {
        Why.NEWER: _("a newer one was printed"),
        Why.TRIES: _("five mistakes"),
        Why.HAND: _("personnel said so"),
        Why.UNSENT: _("could not be sent"),
    }
    return known[Why(code)]


def state_of(line: Line) -> tuple[str, str, str]:
    """(words, tone, icon) of what has become of a slip."""
    slip = line.slip
    if line.standing is Standing.USED and slip.used_at is not None:
        return _("Used %(at)s") % {"at": full_moment(slip.used_at)}, "success", "circle-check"
    if line.standing is Standing.VOID:
        return _("Void: %(why)s") % {"why": why(slip.void_why)}, "neutral", "ban"
    if line.standing is Standing.EXPIRED:
        return _("Run out %(day)s") % {"day": full_day(slip.expires_at)}, "neutral", "hourglass"
    return _("Good until %(day)s") % {"day": full_day(slip.expires_at)}, "info", "key-round"


def sent(line: Line) -> str:
    """«письмом на а···а@…: отправлено»; "" for paper."""
    slip = line.slip
    if slip.way == Way.PAPER:
        return ""
    fate = {
        "waiting": _("is being sent"),
        "sent": _("sent"),
        "dead": _("was not delivered"),
        "failed": _("could not be sent"),
    }.get(line.fate, "")
    way = _("by a letter to %(to)s") if slip.way == Way.EMAIL else _("by a message to %(to)s")
    return f"{way % {'to': slip.sent_to}}: {fate}" if fate else way % {"to": slip.sent_to}


def name_of(clash: Clash) -> str:
    """«Табельный номер 712»."""
    known = {
        Name.NUMBER: _("Personnel number %(value)s"),
        Name.PHONE: _("Phone %(value)s"),
        Name.EMAIL: _("E-mail %(value)s"),
    }
    return known[clash.name] % {"value": clash.value}

"""Facts, states and failures in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provodnik.hooks.states import FACTS, PING

KINDS: list[tuple[str, Promise]] = [
    ("registered", gettext_lazy("Registered")),
    ("taken", gettext_lazy("Taken into work")),
    ("asked", gettext_lazy("Clarification sought")),
    ("answered", gettext_lazy("The requester answered")),
    ("replied", gettext_lazy("Answered by the desk")),
    ("closed", gettext_lazy("Closed")),
    ("withdrawn", gettext_lazy("Withdrawn by the requester")),
    ("reopened", gettext_lazy("Reopened")),
    ("continued", gettext_lazy("Continued in a new request")),
    ("assigned", gettext_lazy("Assigned")),
    ("priority", gettext_lazy("Priority changed")),
    ("type", gettext_lazy("Type changed")),
    ("subsystem", gettext_lazy("Section changed")),
    ("customer", gettext_lazy("Another customer")),
    ("rated", gettext_lazy("Rated")),
    ("warned", gettext_lazy("Deadline is near")),
    ("overdue", gettext_lazy("Deadline passed")),
]
_BY_NAME = {FACTS[kind]: words for kind, words in KINDS}


def fact(kind: str) -> str:
    """A delivery's kind in words."""
    if kind == PING:
        return _("Check")
    return str(_BY_NAME.get(kind, kind))


def failure(error: str, status: int | None) -> str:
    """Why a try did not succeed; "" when it did."""
    if error == "secret":
        return _("The secret cannot be read: SECRET_KEY has changed. Make a new one.")
    code = error.partition(":")[2]
    known = {
        "bad_address": _("This is no address that can be used."),
        "bad_scheme": _("The address must begin with https:// or http://."),
        "credentials": _("A name and a password do not belong into the address."),
        "bad_host": _("This is no host name that can be used."),
        "bad_port": _("This port is used for something else than HTTP."),
        "inside": _("The name leads inside the network, which is not opened (PROVODNIK_OUTBOUND_ALLOWED)."),
        "no_such_host": _("There is no such host."),
        "no_connection": _("Nobody takes the connection."),
        "tls": _("The certificate is not trusted."),
        "late": _("No answer within ten seconds."),
        "broken": _("The answer is no HTTP."),
        "too_large": _("The answer is larger than a mebibyte."),
    }
    if error:
        return known.get(code, error)
    if status is not None and 300 <= status < 400:
        return _("Redirected (%(status)s): redirects are not followed.") % {"status": status}
    if status is not None and not 200 <= status < 300:
        return _("Answered %(status)s.") % {"status": status}
    return ""

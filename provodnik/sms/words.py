"""What people read of messages."""

from __future__ import annotations

from django.utils.translation import gettext as _


def kind(code: str) -> str:
    known = {
        "code": _("Code for a phone"),
        "reset": _("New password"),
        "invitation": _("Invitation"),
        "notice": _("Notice of a change"),
        "test": _("Test"),
    }
    return known.get(code, code)


def failure(code: str, status: int | None) -> str:
    """Why a message has not gone; "" when nothing is wrong."""
    known = {
        "": "",
        "status": _("The gateway answers %(status)s.") % {"status": status},
        "words": _("The gateway's answer has no words of success."),
        "stale": _("It was too late to be of use."),
        "off": _("The gateway was switched off."),
        "secret": _("Kept under another secret key of the installation."),
        "inside": _("The gateway's address is inside the network and not opened in the settings."),
        "late": _("The gateway keeps silent."),
        "tls": _("No protected connection to the gateway."),
        "no_such_host": _("The gateway's host is not known."),
        "no_connection": _("Nobody answers at the gateway's address."),
    }
    return known.get(code, _("The gateway answers something strange."))

"""The front door of the demo: its mail in everybody's menu."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.core.parts import NavItem, Part, address


def strangers_menu(request: HttpRequest) -> Sequence[NavItem]:
    """Of who has not signed in and looks at the mail."""
    return [*menu(request), NavItem(_("Sign in"), reverse("accounts:sign_in"), "door-open")]


def menu(request: HttpRequest) -> Sequence[NavItem]:
    url = address("demo:mail")
    return [
        NavItem(
            _("Mail of the demo"),
            url,
            "mailbox",
            current=request.path.startswith(url),
            group=_("Demo"),
            short=_("Mail"),
        )
    ]


PART = Part(name="demo", menu=menu)

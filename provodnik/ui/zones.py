"""Time zones as people choose and read them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

ZONES = [
    ("Europe/Kaliningrad", _("Kaliningrad, UTC+2")),
    ("Europe/Moscow", _("Moscow, UTC+3")),
    ("Europe/Samara", _("Samara, UTC+4")),
    ("Asia/Yekaterinburg", _("Yekaterinburg, UTC+5")),
    ("Asia/Omsk", _("Omsk, UTC+6")),
    ("Asia/Krasnoyarsk", _("Krasnoyarsk, UTC+7")),
    ("Asia/Irkutsk", _("Irkutsk, UTC+8")),
    ("Asia/Yakutsk", _("Yakutsk, UTC+9")),
    ("Asia/Vladivostok", _("Vladivostok, UTC+10")),
    ("Asia/Magadan", _("Magadan, UTC+11")),
    ("Asia/Kamchatka", _("Kamchatka, UTC+12")),
]
_TOLD: dict[str, Any] = {
    "Europe/Kaliningrad": _("Kaliningrad time"),
    "Europe/Moscow": _("Moscow time"),
    "Europe/Samara": _("Samara time"),
    "Asia/Yekaterinburg": _("Yekaterinburg time"),
    "Asia/Omsk": _("Omsk time"),
    "Asia/Krasnoyarsk": _("Krasnoyarsk time"),
    "Asia/Irkutsk": _("Irkutsk time"),
    "Asia/Yakutsk": _("Yakutsk time"),
    "Asia/Vladivostok": _("Vladivostok time"),
    "Asia/Magadan": _("Magadan time"),
    "Asia/Kamchatka": _("Kamchatka time"),
}


def told(name: str) -> str:
    """«время московское»; a zone that is none of ours by its own name."""
    known = _TOLD.get(name)
    return str(known) if known is not None else str(_("time by %(zone)s") % {"zone": name})

"""Short messages to phones: the way to them, where the installation has one.

The transport stands above (channels/sms) and says so at its front door: Part.extra["texting"], a `Texting`. Without it,
or with its gateway switched off, nobody is written to by phone.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol, cast

from django.utils.translation import gettext_lazy as _

from provodnik.core.decisions import Refused
from provodnik.core.parts import parts


class Texting(Protocol):
    """`kind`: a stable word of what is sent, for counting and for the page of the gateway: code, reset, invitation."""

    def is_on(self) -> bool:
        """Whether there is a gateway, and it is switched on."""

    def may_reset(self) -> bool:
        """Whether a forgotten password may be mended by a message."""

    def fates(self, keys: Collection[str]) -> dict[str, str]:
        """key → pending, sent or dead, of the messages that there are. One statement."""

    def send(self, number: str, text: str, *, key: str, kind: str, at: datetime) -> None:
        """Ask for a message within the current transaction; the same `key` again does nothing. Raises Refused where
        the gateway is off or a limit of the day is reached."""


def _texting() -> Texting | None:
    found = next((part.extra["texting"] for part in parts() if "texting" in part.extra), None)
    return cast("Texting | None", found)


def is_on() -> bool:
    way = _texting()
    return way is not None and way.is_on()


def may_reset() -> bool:
    way = _texting()
    return way is not None and way.is_on() and way.may_reset()


def fates(keys: Collection[str]) -> dict[str, str]:
    way = _texting()
    return way.fates(keys) if way is not None else {}


def phone_of(user_id: int) -> str:
    """The confirmed phone of who has this account, as a part above knows it (Part.extra["phone_of"]); "" for none."""
    asked = (part.extra["phone_of"](user_id) for part in parts() if "phone_of" in part.extra)
    return next((str(found) for found in asked if found), "")


def send(number: str, text: str, *, key: str, kind: str, at: datetime) -> None:
    """Raises Refused."""
    way = _texting()
    if way is None or not way.is_on():
        raise Refused(_("This installation sends no messages to phones."))
    way.send(number, text, key=key, kind=kind, at=at)

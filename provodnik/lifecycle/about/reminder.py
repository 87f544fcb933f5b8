"""A line for administrators when the installed version has grown old, only if one of them asked for it. Nothing leaves
the installation: its own day of release and the calendar are all that is looked at (R3)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.accounts.policies import may_administer
from provodnik.core.decisions import Refused
from provodnik.core.parts import Banner, address
from provodnik.lifecycle.about.version import running
from provodnik.lifecycle.models import Reminder

REMEMBERED = 60.0  # seconds that a process believes what it knew
_known: tuple[float, bool] = (0.0, False)


def is_asked() -> bool:
    return Reminder.objects.exists()


def ask(wanted: bool, *, by: User, at: datetime) -> None:
    """Switch it on or off; a repetition changes nothing. Raises Refused."""
    decision = may_administer(by)
    if not decision:
        raise Refused(decision.reason)
    with transaction.atomic():
        row = Reminder.objects.select_for_update().first()
        if wanted and row is None:
            made, is_new = Reminder.objects.get_or_create(pk=Reminder.ONLY, defaults={"asked_at": at})
            if is_new:
                journal.note(made, "added", by=by, at=at)
        elif not wanted and row is not None:
            journal.note(row, "removed", by=by, at=at)
            row.delete()
    forget()


def banners(request: HttpRequest) -> Sequence[Banner]:
    """For an administrator of an old version who wished it; a page of a young one costs nothing."""
    user, told = request.user, running()
    if not told.is_old(timezone.localdate()) or not isinstance(user, User) or not user.is_administrator:
        return []
    if not _asked_lately():
        return []
    words = _("This version, %(version)s, is more than a year and a half old: ask the vendor for the newest one.")
    return [Banner(words % {"version": told.version}, address("about:about"))]


def _asked_lately() -> bool:
    global _known
    until, asked = _known
    if time.monotonic() >= until:
        asked = is_asked()
        _known = (time.monotonic() + REMEMBERED, asked)
    return asked


def forget() -> None:
    """This process asks anew at its next page."""
    global _known
    _known = (0.0, False)

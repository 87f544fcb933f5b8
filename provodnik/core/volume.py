"""How much one person sends in a day: files and bytes, counted by one statement in the transaction that keeps them
(safety A25). What is rolled back is not counted; what was counted is forgotten after a week."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.core.decisions import Refused
from provodnik.core.models import Volume

KEPT_DAYS = 7
_SPEND = """
INSERT INTO core_volume AS known (day, who, files, bytes) VALUES (%s, %s, %s, %s)
ON CONFLICT (day, who) DO UPDATE SET files = known.files + excluded.files, bytes = known.bytes + excluded.bytes
RETURNING files, bytes
"""


class TooMuch(Refused):
    """The day's files are used up; `seconds` until the next day begins."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            _(
                "That is more than one person may send in a day: %(files)s files, %(size)s MB. "
                "Send the text without files, and the files tomorrow."
            )
            % {"files": settings.DAILY_FILES or "∞", "size": settings.DAILY_BYTES // 1024**2 or "∞"},
            field="files",
        )
        self.seconds = seconds


def of_user(pk: int) -> str:
    return f"user:{pk}"


def of_address(address: str) -> str:
    """Somebody without an account, without keeping who it was."""
    return f"mail:{hashlib.sha256(address.strip().lower().encode()).hexdigest()[:40]}"


def spend(who: str, *, files: int, size: int, at: datetime) -> bool:
    """Count files of `size` bytes together; False when the day's limit is passed by them."""
    if not files or not (settings.DAILY_FILES or settings.DAILY_BYTES):
        return True
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, [timezone.localdate(at), who, files, size])
        count, volume = cursor.fetchone()
    return not (0 < settings.DAILY_FILES < count or 0 < settings.DAILY_BYTES < volume)


def require(who: str, *, files: int, size: int, at: datetime) -> None:
    """Raises TooMuch; the caller's transaction then takes the counting back, too."""
    if not spend(who, files=files, size=size, at=at):
        tomorrow = timezone.localtime(at).replace(hour=0, minute=0, second=0) + timedelta(days=1)
        raise TooMuch(max(1, int((tomorrow - at).total_seconds())))


def forget(today: date) -> int:
    """Days that are over. Returns how many lines."""
    return Volume.objects.filter(day__lt=today - timedelta(days=KEPT_DAYS)).delete()[0]

"""Telling people who sign in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from provodnik.accounts.models import User
from provodnik.core.text import one_line
from provodnik.notify.models import Notice

LONGEST = 500


def notify(users: Iterable[User], *, key: str, text: str, at: datetime, url: str = "", tone: str = "") -> int:
    """A line under the bell of each. The same `key` tells a person once. Returns how many people it was meant for."""
    lines = [
        Notice(user=user, key=key[:150], text=one_line(text, LONGEST), url=url[:300], tone=tone, at=at)
        for user in {user.pk: user for user in users if user.is_active}.values()
    ]
    Notice.objects.bulk_create(lines, ignore_conflicts=True)
    return len(lines)


@dataclass(frozen=True, slots=True)
class Told:
    """A line of one person's own: with a text and an address that nobody else gets."""

    user_id: int
    key: str
    text: str
    url: str = ""


def tell_each(lines: Iterable[Told], *, at: datetime) -> int:
    """Many people, each his own line, by one statement. The caller leaves out accounts that are switched off. The same
    key tells a person once."""
    made = [
        Notice(user_id=one.user_id, key=one.key[:150], text=one_line(one.text, LONGEST), url=one.url[:300], at=at)
        for one in lines
    ]
    Notice.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def mark_read(user: User, *, at: datetime, notice_id: int | None = None) -> None:
    """One notice, or all of a person's, as read."""
    unread = Notice.objects.filter(user=user, read_at=None)
    if notice_id is not None:
        unread = unread.filter(pk=notice_id)
    unread.update(read_at=at)

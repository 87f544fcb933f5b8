"""Reads under the bell."""

from __future__ import annotations

from django.db.models import QuerySet

from provodnik.accounts.models import User
from provodnik.notify.models import Notice

PAGE = 50
MOST_UNREAD = 100  # a bell says «99+» and counts no further


def unread_notices(user: User) -> QuerySet[Notice]:
    """What the person has not read, up to MOST_UNREAD."""
    return Notice.objects.filter(user=user, read_at=None).order_by()[:MOST_UNREAD]


def unread(user: User) -> int:
    """How many notices the person has not read, up to MOST_UNREAD."""
    return unread_notices(user).count()


def page(user: User, before: int | None = None) -> tuple[list[Notice], int | None]:
    """Notices of a person, newest first, and the id to go on from (None at the end)."""
    notices = Notice.objects.filter(user=user)
    if before is not None:
        notices = notices.filter(pk__lt=before)
    found = list(notices.order_by("-pk")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None
